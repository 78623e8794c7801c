"""From spans to rows: which are calls, how they ended, and what of them is never kept."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.receiver.otlp_calls import calls_of
from collector.receiver.otlp_hosts import HostMap
from collector.receiver.otlp_span import WANTED, BadSpan, Span
from tests.collector.receiver.otlp_examples import NOW, PARENT, SECOND, SPAN, TRACE, UNDICI

HOSTS = HostMap({"api.openai.com": "openai", "*.myshopify.com": "shopify"})
OLD_NAMES = {
    "http.method": "POST",
    "http.url": "https://demo.myshopify.com/admin/api/2026-10/orders/4242.json?token=hunter2",
    "http.status_code": 201,
}


def span(attributes=None, *, without=(), **fields) -> Span:
    """The example of undici with `attributes` on top."""
    found = {key: value for key, value in UNDICI.items() if key in WANTED and key not in without}
    given = {
        "trace_id": TRACE,
        "span_id": SPAN,
        "parent_id": PARENT,
        "kind": 3,
        "start_ns": NOW - 2 * SECOND,
        "end_ns": NOW - SECOND,
        "attributes": found | (attributes or {}),
        "service_name": "shop",
    }
    return Span(**{**given, **fields})


def unanswered(attributes=None, **fields) -> Span:
    return span(attributes, without={"http.response.status_code"}, **fields)


def calls(*spans):
    return calls_of(spans, HOSTS, NOW)


def row(*spans):
    (found,) = calls(*spans).rows
    return found


def test_a_span_becomes_a_row() -> None:
    found = row(span())
    assert found.pop("id")
    assert found == {
        "timestamp": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=(NOW - 2 * SECOND) // 1000),
        "api_name": "openai",
        "endpoint": "/v1/orders/{id}",
        "method": "GET",
        "status_code": 200,
        "response_time_ms": 1000,
        "error_message": None,
        "retries": 0,
        "reason": None,
        "origin": "shop",
    }


def test_the_names_before_the_stable_ones_are_understood() -> None:
    found = row(span(attributes=OLD_NAMES, without=WANTED))
    assert (found["api_name"], found["method"], found["status_code"]) == ("shopify", "POST", 201)
    assert found["endpoint"] == "/admin/api/2026-10/orders/{id}.json"


def test_the_id_is_the_same_whenever_a_span_comes_and_sorts_by_its_start() -> None:
    first, again = row(span())["id"], row(span(attributes={"url.full": "https://api.openai.com/other"}))["id"]
    assert first == again == str(UUID(first))
    assert UUID(first).version == 7
    assert int(first.replace("-", "")[:12], 16) == (NOW - 2 * SECOND) // 1_000_000
    others = [
        row(span(span_id=b"other678")),
        row(span(trace_id=b"another trace id")),
        row(span(start_ns=NOW - 3 * SECOND)),
    ]
    assert len({first, *(other["id"] for other in others)}) == 4
    assert others[2]["id"] < first


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        (200, None, None),
        (204, None, None),
        (304, None, None),
        (400, "http_4xx", "answered 400 Bad Request"),
        (401, "auth", "answered 401 Unauthorized"),
        (403, "auth", "answered 403 Forbidden"),
        (404, "http_4xx", "answered 404 Not Found"),
        (429, "rate_limited", "answered 429 Too Many Requests"),
        (500, "http_5xx", "answered 500 Internal Server Error"),
        (599, "http_5xx", "answered 599"),
        ("503", "http_5xx", "answered 503 Service Unavailable"),
    ],
)
def test_a_status_has_its_reason(status, reason, message) -> None:
    error = {"error.type": str(status)} if reason else {}
    found = row(span({"http.response.status_code": status, **error}, status=2 if reason else 0))
    assert (found["status_code"], found["reason"], found["error_message"]) == (int(status), reason, message)


def test_a_status_that_stands_in_the_error_type_alone_is_one() -> None:
    found = row(unanswered({"error.type": "502"}, status=2))
    assert (found["status_code"], found["reason"]) == (502, "http_5xx")


@pytest.mark.parametrize(
    ("error_type", "reason", "shown"),
    [
        ("ECONNREFUSED", "connect", " (ECONNREFUSED)"),
        ("ENOTFOUND", "dns", " (ENOTFOUND)"),
        (23, "timeout", " (TimeoutError)"),
        ("CERT_HAS_EXPIRED", "tls", " (CERT_HAS_EXPIRED)"),
        (False, "connect", "before the answer"),
    ],
)
def test_a_call_without_an_answer_fails_by_its_error_type(error_type, reason, shown) -> None:
    found = row(unanswered({"error.type": error_type}, status=2, message="GET /?token=hunter2 failed"))
    assert (found["status_code"], found["reason"]) == (None, reason)
    assert found["error_message"].endswith(shown)
    assert "hunter2" not in found["error_message"]


def test_a_failed_span_without_an_error_type_is_a_failure() -> None:
    found = row(unanswered(status=2, message="read tcp: i/o timeout", exception_type="*net.OpError"))
    assert found["reason"] == "timeout"
    assert found["error_message"] == "there was no answer in time (*net.OpError)"


def test_an_answer_that_broke_off_is_a_failure_with_its_status() -> None:
    found = row(span({"error.type": "UND_ERR_SOCKET"}, status=2))
    assert (found["status_code"], found["reason"]) == (200, "connect")
    assert row(span({"error.type": "Error"}, status=2))["reason"] == "protocol"


@pytest.mark.parametrize("status", [0, 600, -5, "no", True, 2**63])
def test_a_status_that_is_none_is_no_answer(status) -> None:
    found = row(span({"http.response.status_code": status, "error.type": "ECONNRESET"}, status=2))
    assert (found["status_code"], found["reason"]) == (None, "connect")


@pytest.mark.parametrize(
    "aborted",
    [
        unanswered(),
        unanswered(status=1),
        unanswered({"error.type": "AbortError"}, status=2),
        unanswered({"error.type": "java.util.concurrent.CancellationException"}, status=2),
        unanswered({"error.type": "*errors.errorString"}, status=2, message="context canceled"),
    ],
)
def test_what_the_program_gave_up_itself_is_no_failure_of_the_service(aborted) -> None:
    found = calls(aborted)
    assert (found.rows, found.aborted_spans) == ([], 1)


def test_an_answer_that_the_program_did_not_want_to_read_is_an_answer() -> None:
    found = row(span({"error.type": "AbortError"}, status=2))
    assert (found["status_code"], found["reason"], found["error_message"]) == (200, None, None)


@pytest.mark.parametrize("status", [100, 101, 103, 300, 301, 302, 303, 307, 308])
def test_redirects_and_intermediate_answers_are_no_calls(status) -> None:
    found = calls(span({"http.response.status_code": status}))
    assert (found.rows, found.intermediate_spans) == ([], 1)


def test_other_spans_are_counted_and_nothing_else() -> None:
    found = calls(
        span(kind=2),
        span(kind=1),
        span(without={"http.request.method"}),
        span({"http.request.method": 5}),
        span({"server.address": "elsewhere.example", "url.full": "https://elsewhere.example/"}),
        span(without=WANTED, attributes={"http.request.method": "GET"}),
        span(),
    )
    assert (found.spans, found.other_spans, found.unmapped_spans, len(found.rows)) == (7, 4, 2, 1)


def test_the_url_decides_when_the_address_of_a_proxy_is_unknown() -> None:
    assert row(span({"server.address": "192.0.2.9"}))["api_name"] == "openai"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"trace_id": b""}, "has no trace id of 16 bytes"),
        ({"trace_id": bytes(16)}, "has no trace id of 16 bytes"),
        ({"span_id": b"123"}, "has no span id of 8 bytes"),
        ({"span_id": bytes(8)}, "has no span id of 8 bytes"),
        ({"end_ns": NOW - 3 * SECOND}, "ends before it starts"),
        ({"start_ns": 0}, "started more than 30 days ago"),
        ({"start_ns": 0, "end_ns": 0}, "started more than 30 days ago"),
        ({"start_ns": NOW - 31 * 86_400 * SECOND}, "started more than 30 days ago"),
        ({"start_ns": NOW + 301 * SECOND, "end_ns": NOW + 302 * SECOND}, "starts in the future"),
        ({"start_ns": 2**64 - 1, "end_ns": 2**64 - 1}, "starts in the future"),
        ({"start_ns": -1}, "started more than 30 days ago"),
        ({"end_ns": 2**64 - 1}, "lasts longer than 24 days"),
    ],
)
def test_absurd_spans_are_rejected_with_a_reason(fields, problem) -> None:
    found = calls(span(), span(**fields))
    assert (len(found.rows), found.rejected_spans) == (1, 1)
    assert found.problem.startswith(f"span 1 {problem}")


def test_a_span_that_could_not_be_decoded_is_rejected() -> None:
    found = calls(BadSpan("span 0", "cannot be decoded"), span(end_ns=0))
    assert (found.rejected_spans, found.problem) == (2, "span 0 cannot be decoded")


def test_a_clock_a_little_ahead_is_no_reason_to_reject() -> None:
    ahead = row(span(start_ns=NOW + 299 * SECOND, end_ns=NOW + 300 * SECOND))
    assert ahead["response_time_ms"] == 1000
    assert ahead["timestamp"] == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=NOW // 1000)


def test_a_call_ahead_of_our_clock_has_the_same_id_whenever_it_comes() -> None:
    ahead = span(start_ns=NOW + 2 * SECOND, end_ns=NOW + 3 * SECOND)
    (first,), (later,) = (calls_of([ahead], HOSTS, NOW + late).rows for late in (0, 5 * SECOND))
    assert first["id"] == later["id"]
    assert later["timestamp"] - first["timestamp"] == timedelta(seconds=2)


def test_an_unusual_method_has_one_name() -> None:
    assert row(span({"http.request.method": "purge"}))["method"] == "PURGE"
    assert row(span({"http.request.method": "_OTHER"}))["method"] == "_OTHER"
    assert row(span({"http.request.method": "GET /?token=x\n"}))["method"] == "_OTHER"


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("x" * 300, "x" * 100),
        ("a\x00b\nc", "a b c"),
        ("", None),
        (" ", None),
        ("probe", "probe (service)"),
    ],
)
def test_the_origin_is_the_name_of_the_service(name, origin) -> None:
    assert row(span(service_name=name))["origin"] == origin


ANY = st.one_of(
    st.text(max_size=30),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.sampled_from(["https://api.openai.com/v1/x?y=z", "api.openai.com", "GET", "200", "AbortError"]),
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(WANTED)), ANY, max_size=10),
    st.builds(dict, status=st.integers(-1, 4), message=st.text(), exception_type=st.text(), kind=st.just(3)),
    st.text(),
)
def test_whatever_a_span_says_the_row_is_one_the_database_takes(attributes, fields, service_name) -> None:
    base = {"http.request.method": "GET", "server.address": "api.openai.com", "server.port": 443}
    found = calls(
        span(base | attributes, without=WANTED, service_name=service_name, **fields),
        span(attributes, **fields),
    )
    for made in found.rows:
        assert made["api_name"] in ("openai", "shopify")
        assert 0 < len(made["endpoint"]) <= 200
        assert made["status_code"] is None or 100 <= made["status_code"] <= 599
        assert 0 <= made["response_time_ms"] < 2**31
        assert 0 <= made["retries"] <= 1000
        assert "\x00" not in "".join(value for value in made.values() if isinstance(value, str))


SECRET = "sekrit0secret"
PLACES = [
    {"url.full": f"https://{SECRET}:{SECRET}@api.openai.com/v1/chat?key={SECRET}#{SECRET}"},
    {"url.full": f"https://api.openai.com?{SECRET}"},
    {"http.url": f"https://{SECRET}@api.openai.com/#{SECRET}", "url.full": ""},
    {"url.full": "", "url.path": f"/v1/chat?{SECRET}"},
    {"url.full": "", "url.path": "", "http.target": f"/v1/chat?{SECRET}#{SECRET}"},
    {"url.template": f"https://{SECRET}@h/v1?{SECRET}"},
    {"url.scheme": SECRET},
    {"http.request.method": f"{SECRET} {SECRET}"},
    {"error.type": f"https://h/?{SECRET}"},
    {"error.type": f"{SECRET}@h"},
]


@pytest.mark.parametrize("attributes", PLACES)
@pytest.mark.parametrize("status", [None, 200, 404])
def test_no_secret_of_a_url_is_in_a_row(attributes, status) -> None:
    more = {} if status is None else {"http.response.status_code": status}
    found = calls(
        unanswered(attributes | more, status=2, message=f"GET /?{SECRET}", exception_type=f"x?{SECRET}")
    )
    assert found.rows
    assert SECRET not in repr(found).lower()
