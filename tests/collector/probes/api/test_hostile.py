"""Whatever an API sends, its probe has a reason and a sentence for it, and leaves one row a call."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.model import Attempt, Finding, Reason
from collector.probes import chatwoot, google_analytics, openai, shopify
from collector.probes.base import ProbeFailure
from collector.probes.http_fetch import Fetched
from tests.collector.probes.api.apis import (
    CHATWOOT_TOKEN,
    NO_AUTHORITIES,
    OPENAI_KEY,
    SHOPIFY_TOKEN,
    ask_chatwoot,
    ask_openai,
    ask_shopify,
    silent,
    sound,
)
from tests.collector.probes.api.google import Google, quota
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import (
    Behaviour,
    json_response,
    listening,
    response,
    says,
    says_and_resets,
    says_and_waits,
)
from tests.plugins.ports import free_port

NAMES = ["shopify", "chatwoot", "openai", "google_analytics"]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
BOMB = gzip.compress(b" " * 50_000_000, 9)


@pytest.fixture(params=NAMES)
def ask(request: pytest.FixtureRequest, google: Google) -> Callable[..., Any]:
    """Makes one attempt of one of the probes at a server that answers so."""

    async def at_google(answer: bytes | Behaviour, timeout: float = 10.0) -> Attempt:
        google.answer = answer
        return await google.ask(timeout=timeout)

    asking = {"shopify": ask_shopify, "chatwoot": ask_chatwoot, "openai": ask_openai}
    return {**asking, "google_analytics": at_google}[request.param]


@pytest.mark.parametrize(
    ("behaviour", "reasons"),
    [
        (says(b""), {Reason.CONNECT}),
        (says_and_resets(HEAD), {Reason.CONNECT, Reason.PROTOCOL}),
        (says(b"220 mail.example ESMTP\r\n"), {Reason.CONNECT}),
        (says(HEAD + b"content-length: 100\r\n\r\n{"), {Reason.PROTOCOL}),
        (says(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), {Reason.PROTOCOL}),
        (response(200, b'{"data": {'), {Reason.PROTOCOL}),
        (response(200, b"\xff\xfe\x00"), {Reason.PROTOCOL}),
        (response(200, b"[" * 200_000), {Reason.PROTOCOL}),
        (response(200, b"1" * 10_000), {Reason.PROTOCOL}),
        (response(204), {Reason.PROTOCOL}),
        (json_response("hello"), {Reason.PROTOCOL}),
        (response(200, b"nonsense", content_encoding="gzip"), {Reason.PROTOCOL}),
        (response(200, BOMB, content_encoding="gzip"), {Reason.PROTOCOL}),
        (response(200, b'{"data": "' + b"x" * 2_000_000 + b'"}'), {Reason.PROTOCOL}),
        (response(304), {Reason.PROTOCOL}),
        (response(302, location="http://["), {Reason.PROTOCOL}),
        (response(302, location="/login"), {Reason.PROTOCOL}),
        (response(599, b"\0" * 100), {Reason.HTTP_5XX}),
        (response(418, b"\0" * 100), {Reason.HTTP_4XX}),
    ],
    ids=lambda value: "" if isinstance(value, set) else None,
)
async def test_an_answer_that_is_none(
    ask: Callable[..., Any], behaviour: bytes | Behaviour, reasons: set[Reason]
) -> None:
    found = await ask(behaviour)
    assert found.finding.reason in reasons, found.finding
    assert found.finding.message
    assert len(found.calls) == 1
    assert (found.calls[0]["reason"], found.calls[0]["error_message"]) == (
        found.finding.reason,
        found.finding.message,
    )


async def test_an_answer_without_end_is_left_at_a_mebibyte(ask: Callable[..., Any]) -> None:
    found = await ask(says_and_waits(HEAD + b"\r\n" + b" " * 1_100_000))
    assert found.finding.reason is Reason.PROTOCOL
    assert found.finding.message.startswith("the answer is longer than a mebibyte")


async def test_an_answer_that_stops_in_the_middle_is_a_timeout(ask: Callable[..., Any]) -> None:
    found = await ask(says_and_waits(HEAD + b"content-length: 100\r\n\r\n{"), timeout=0.8)
    assert (found.finding.reason, found.finding.message) == (
        Reason.TIMEOUT,
        "no answer within 0.8 s (during transfer)",
    )
    assert [row["reason"] for row in found.calls] == ["timeout"]
    assert found.calls[0]["status_code"] is None


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (shopify.KIND, {"shop": "demo", "access_token": SHOPIFY_TOKEN}),
        (chatwoot.KIND, {"access_token": CHATWOOT_TOKEN}),
        (openai.KIND, {"api_key": OPENAI_KEY}),
    ],
    ids=NAMES[:3],
)
@pytest.mark.parametrize(
    ("url", "reason", "message"),
    [
        ("http://127.0.0.1:{port}", Reason.CONNECT, "127.0.0.1 refused the connection"),
        ("http://nowhere.invalid", Reason.DNS, "nowhere.invalid"),
        ("http://exa mple", Reason.DNS, "exa"),
    ],
)
async def test_nobody_there(
    kind: Any, options: dict[str, Any], url: str, reason: Reason, message: str
) -> None:
    given = options | {"url": url.format(port=free_port())}
    found = sound(await attempt(kind, given, tls=NO_AUTHORITIES))
    assert found.finding.reason in (reason, Reason.BAD_CONFIGURATION)
    assert message in found.finding.message or found.finding.reason is Reason.BAD_CONFIGURATION
    if found.finding.reason is reason:
        assert [(row["status_code"], row["reason"]) for row in found.calls] == [(None, reason)]


async def test_a_server_that_speaks_no_tls() -> None:
    async with listening(lambda connection: connection.send(b"HTTP/1.1 400 Bad\r\n\r\n")) as port:
        options = {"api_key": OPENAI_KEY, "url": f"https://127.0.0.1:{port}"}
        found = sound(await attempt(openai.KIND, options, tls=NO_AUTHORITIES))
    assert found.finding.reason is Reason.TLS
    assert found.calls[0]["reason"] == "tls"


SAMPLES: dict[str, Any] = {
    "shop": {
        "data": {"shop": {"id": "1", "name": "n"}},
        "errors": [{"message": "m", "extensions": {"code": "THROTTLED"}}],
        "extensions": {
            "cost": {
                "requestedQueryCost": 1,
                "throttleStatus": {"maximumAvailable": 1, "currentlyAvailable": 1, "restoreRate": 1},
            }
        },
    },
    "chatwoot": {"id": 1, "version": "4", "queue_services": "ok", "data_services": "ok", "error": "e"},
    "openai": {"data": [{"id": "m"}], "error": {"message": "m", "type": "t", "code": "c"}},
    "google": {
        "name": "n",
        "corePropertyQuota": quota(),
        "error": {"status": "s", "message": "m", "details": [{"reason": "r"}]},
    },
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**30), 1e308, float("nan"), float("inf"), "", "\0\n\u202e", "x" * 5000])
    | st.floats()
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
JUDGES: list[Callable[[Fetched], Finding]] = [
    lambda fetched: shopify.judge(fetched, "2026-10"),
    chatwoot.judge_status_page,
    chatwoot.judge_profile,
    lambda fetched: openai.judge(fetched, "m"),
    lambda fetched: openai.judge(fetched, None),
    lambda fetched: google_analytics.judge(fetched, "4242"),
]


@st.composite
def bent(draw: st.DrawFn) -> Any:
    """One of the samples with anything at all in one place of it, or in several."""
    value = json.loads(json.dumps(draw(st.sampled_from(list(SAMPLES.values())))))
    for _ in range(draw(st.integers(1, 3))):
        place = value
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or draw(st.booleans()):
                place[key] = draw(ANYTHING)
                break
            place = place[key]
    return value


@settings(max_examples=150, deadline=None)
@given(
    value=bent() | ANYTHING,
    status=st.sampled_from([200, 200, 200, 302, 400, 401, 403, 404, 429, 500, 503]),
    header=st.sampled_from(["", "nan", "1e999", "-1", "x" * 3000, "\x01", "http://["]),
)
def test_json_of_any_shape_is_judged(value: Any, status: int, header: str) -> None:
    names = ("x-shopify-api-version", "openai-processing-ms", "x-request-id", "location")
    headers = httpx.Headers(dict.fromkeys(names, header))
    fetched = Fetched(status, headers, json.dumps(value).encode(), False, 1.0, "http://a.example")
    for judge in JUDGES:
        try:
            finding = judge(fetched)
        except ProbeFailure as failure:
            finding = Finding(False, failure.reason, failure.message, failure.details)
        assert finding.ok == (finding.reason is Reason.OK)
        assert 0 < len(finding.message) < 500
        assert finding.message.isprintable()
        json.dumps(finding.details, allow_nan=False)
        assert len(json.dumps(finding.details)) < 5000


async def test_no_answer_at_all_within_the_deadline(ask: Callable[..., Any]) -> None:
    found = await ask(silent, timeout=0.8)
    assert found.finding.reason is Reason.TIMEOUT
    assert [(row["status_code"], row["reason"]) for row in found.calls] == [(None, "timeout")]
