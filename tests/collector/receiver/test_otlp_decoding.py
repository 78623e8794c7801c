"""Both encodings of OTLP become the same spans, and nothing that is sent breaks more than itself."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from collector.receiver.otlp_json import json_spans
from collector.receiver.otlp_protobuf import protobuf_spans
from collector.receiver.otlp_span import MOST_SPANS, WANTED, BadSpan, Span, TooManyTraces
from tests.collector.receiver.otlp_examples import (
    PARENT,
    SPAN,
    TRACE,
    UNDICI,
    any_value,
    as_json,
    as_protobuf,
    encoded_span,
    failed,
    framed,
    key_values,
    request,
)

BOTH = pytest.mark.parametrize(
    ("encode", "decode"), [(as_protobuf, protobuf_spans), (as_json, json_spans)], ids=["protobuf", "json"]
)


def json_span(**fields) -> bytes:
    return orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]})


@BOTH
def test_a_span_keeps_what_says_something_about_its_call(encode, decode) -> None:
    sent = encoded_span(parent_span_id=PARENT, **failed("connect ECONNREFUSED", "ECONNREFUSED"))
    (span,) = decode(encode(request(sent)))
    kept = {
        key: value
        for key, value in UNDICI.items()
        if not key.startswith(("network.", "user_agent.", "url.query", "http.request.method_original"))
    }
    assert span == Span(
        TRACE,
        SPAN,
        PARENT,
        3,
        sent.start_time_unix_nano,
        sent.end_time_unix_nano,
        kept,
        2,
        "connect ECONNREFUSED",
        "ECONNREFUSED",
        "shop",
    )


@BOTH
def test_spans_of_several_services_know_which_is_theirs(encode, decode) -> None:
    message = request(encoded_span(), service_name="one")
    message.MergeFrom(request(encoded_span(), encoded_span(), service_name="two"))
    message.resource_spans.add().scope_spans.add().spans.append(encoded_span())
    assert [span.service_name for span in decode(encode(message))] == ["one", "two", "two", ""]


@BOTH
def test_a_request_without_spans_is_none(encode, decode) -> None:
    assert list(decode(encode(request()))) == []


@BOTH
def test_values_that_are_no_scalars_are_left_out(encode, decode) -> None:
    deep = any_value("x")
    for _ in range(20):
        deep = AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="k", value=deep)]))
    odd = {
        "url.full": AnyValue(array_value=ArrayValue(values=[any_value("x")])),
        "server.address": AnyValue(bytes_value=b"x"),
        "url.path": deep,
        "url.template": AnyValue(),
        "error.type": 23,
    }
    (span,) = decode(encode(request(encoded_span(odd))))
    assert span.attributes == {"error.type": 23}


@BOTH
def test_only_the_first_attributes_of_a_span_with_very_many_are_looked_at(encode, decode) -> None:
    many = {f"k{number}": "v" for number in range(10_000)} | {"url.full": "http://x/"}
    (span,) = decode(encode(request(encoded_span(many))))
    assert span.attributes == {}


@BOTH
def test_giant_texts_are_cut(encode, decode) -> None:
    (span,) = decode(encode(request(encoded_span({"url.full": "x" * 300_000}, **failed("y" * 300_000)))))
    assert len(span.attributes["url.full"]) == len(span.message) == 4000


@pytest.mark.parametrize(
    ("of_spans", "decode"),
    [
        (lambda count: framed(1, framed(2, b"\x12\x00" * count)), protobuf_spans),
        (
            lambda count: orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{}] * count}]}]}),
            json_spans,
        ),
    ],
    ids=["protobuf", "json"],
)
def test_a_request_with_too_many_spans_is_too_large(of_spans, decode) -> None:
    assert sum(1 for _ in decode(of_spans(MOST_SPANS))) == MOST_SPANS
    with pytest.raises(TooManyTraces, match="more than 100000 spans; send it in several requests"):
        list(decode(of_spans(MOST_SPANS + 1)))


SCALARS = st.one_of(
    st.text(max_size=20),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
SPANS = st.builds(
    encoded_span,
    st.dictionaries(st.sampled_from(sorted(WANTED | {"other"})), SCALARS, max_size=6),
    trace_id=st.binary(max_size=16),
    span_id=st.binary(max_size=16),
    parent_span_id=st.sampled_from([b"", PARENT]),
    kind=st.integers(0, 5),
    start_time_unix_nano=st.integers(0, 2**64 - 1),
    end_time_unix_nano=st.integers(0, 2**64 - 1),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(SPANS, max_size=4))
def test_both_encodings_give_the_same_spans(spans) -> None:
    message = request(*spans)
    assert list(protobuf_spans(as_protobuf(message))) == list(json_spans(as_json(message)))


def test_json_takes_names_of_enums_and_numbers_as_text() -> None:
    (span,) = json_spans(
        json_span(
            traceId=TRACE.hex().upper(),
            spanId=SPAN.hex(),
            kind="SPAN_KIND_CLIENT",
            startTimeUnixNano="1795556266127000000",
            endTimeUnixNano=1795556266127000001,
            attributes=[{"key": "http.response.status_code", "value": {"intValue": "200"}}, {"key": 7}, 8],
            status={"code": "STATUS_CODE_ERROR", "message": "no"},
            unknown={"field": 1},
        )
    )
    assert (span.trace_id, span.kind, span.status, span.message) == (TRACE, 3, 2, "no")
    assert (span.start_ns, span.end_ns) == (1795556266127000000, 1795556266127000001)
    assert span.attributes == {"http.response.status_code": 200}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"traceId": "xyz"}, "traceId has to be hexadecimal digits"),
        ({"spanId": 12}, "spanId has to be hexadecimal digits"),
        ({"traceId": "00" * 40}, "traceId has to be hexadecimal digits"),
        ({"startTimeUnixNano": "soon"}, "its times have to be whole numbers"),
        ({"startTimeUnixNano": [1]}, "its times have to be whole numbers"),
        ({"endTimeUnixNano": 1.5}, "its times have to be whole numbers"),
        ({"kind": "SPAN_KIND_FRIEND"}, "its kind"),
        ({"kind": True}, "its kind"),
        ({"status": {"code": {}}}, "its status code"),
    ],
)
def test_a_json_span_with_a_wrong_field_is_refused_alone(fields, problem) -> None:
    (bad,) = json_spans(json_span(**fields))
    assert isinstance(bad, BadSpan)
    assert bad.place == "resourceSpans[0].scopeSpans[0].spans[0]"
    assert problem in bad.problem


def test_a_service_name_of_another_type_is_none() -> None:
    message = request(encoded_span())
    del message.resource_spans[0].resource.attributes[:]
    message.resource_spans[0].resource.attributes.extend(key_values({"service.name": 5}))
    for body, decode in ((as_protobuf(message), protobuf_spans), (as_json(message), json_spans)):
        assert [span.service_name for span in decode(body)] == [""]
