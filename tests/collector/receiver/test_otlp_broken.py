"""Broken and hostile requests: each is told in one line, and breaks no more than itself."""

import gc
import tracemalloc

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.receiver.otlp_json import json_spans
from collector.receiver.otlp_protobuf import protobuf_spans
from collector.receiver.otlp_span import BadSpan, MalformedTraces, Span, TooManyTraces
from tests.collector.receiver.otlp_examples import as_protobuf, encoded_span, framed, request

NESTED_NAMES = [
    *("spans", "scopeSpans", "resource", "attributes", "key", "value", "stringValue", "intValue", "status"),
    *("code", "message", "kind", "traceId", "events", "name", "startTimeUnixNano"),
]


def decode_all(decode, body: bytes) -> None:
    """What `body` may lead to: spans, bad spans, or one line of complaint."""
    try:
        assert all(isinstance(span, Span | BadSpan) for span in decode(body))
    except MalformedTraces as error:
        said = str(error)
    else:
        return
    assert said
    assert "\n" not in said


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_a_decoder(body) -> None:
    for decode in (protobuf_spans, json_spans):
        decode_all(decode, body)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_damaged_request_breaks_nothing(data) -> None:
    body = bytearray(as_protobuf(request(encoded_span(), encoded_span())))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    decode_all(protobuf_spans, bytes(body))


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.text(max_size=4), st.floats(0, 9)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(NESTED_NAMES),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(JSON)
def test_no_json_breaks_the_decoder(content) -> None:
    shapes = [content, {"resourceSpans": content}, {"resourceSpans": [{"scopeSpans": [{"spans": content}]}]}]
    if isinstance(content, dict):
        shapes.append({"resourceSpans": [{"scopeSpans": [{"spans": [content | {"kind": 3}]}], **content}]})
    for shape in shapes:
        decode_all(json_spans, orjson.dumps(shape))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the request is no JSON"),
        (b"nonsense", "the request is no JSON"),
        (b"\xff\xfe{}", "the request is no JSON"),
        (b"[" * 5000 + b"]" * 5000, "the request is no JSON"),
        (b"[]", "it has to be an object"),
        (b'{"resourceSpans": {}}', "resourceSpans has to be an array of objects"),
        (b'{"resourceSpans": [1]}', "resourceSpans[0] has to be an object"),
        (
            b'{"resourceSpans": [{"scopeSpans": [{}, {"spans": [{}, "x"]}]}]}',
            "resourceSpans[0].scopeSpans[1].spans[1] has to be an object",
        ),
    ],
)
def test_broken_json_is_told_with_its_place(body, said) -> None:
    with pytest.raises(MalformedTraces) as caught:
        list(json_spans(body))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"resourceSpans": []}', "there is no wire type 3 in OTLP"),
        (as_protobuf(request(encoded_span()))[:-7], "cut off"),
        (b"\x0a" + b"\xff" * 12, "a number in it does not end"),
        (b"\x0a\xff\xff\xff\xff\x0f", "cut off: 4294967295 bytes should follow, 0 are there"),
        (b"\x00\x00", "a field has the number 0"),
        (b"\x11\x00", "cut off: 8 bytes should follow, 1 are there"),
    ],
)
def test_broken_protobuf_is_told(body, said) -> None:
    with pytest.raises(MalformedTraces) as caught:
        list(protobuf_spans(body))
    assert said in str(caught.value)


def test_fields_that_protobuf_does_not_know_are_skipped() -> None:
    body = b"\x98\x06\x05\xa1\x06" + b"1" * 8 + b"\xad\x06" + b"1" * 4 + as_protobuf(request(encoded_span()))
    assert len(list(protobuf_spans(body))) == 1


def test_one_broken_span_costs_no_other() -> None:
    message = request(encoded_span(), encoded_span(name="xxxx"), encoded_span())
    body = as_protobuf(message).replace(b"xxxx", b"\xff\xff\xff\xff")
    first, broken, last = protobuf_spans(body)
    assert isinstance(first, Span)
    assert isinstance(last, Span)
    assert broken == BadSpan("span 1", "cannot be decoded: it is no protobuf message of a span")


def test_a_span_nested_deeper_than_protobuf_allows_is_refused_alone() -> None:
    value = b""
    for _ in range(80):
        value = framed(6, framed(1, framed(2, value)))
    deep = encoded_span().SerializeToString() + framed(9, framed(2, value))
    spans = framed(2, deep) + framed(2, encoded_span().SerializeToString())
    bad, good = protobuf_spans(framed(1, framed(2, spans)))
    assert isinstance(bad, BadSpan)
    assert isinstance(good, Span)


def test_a_span_of_a_million_attributes_takes_little_memory() -> None:
    huge = encoded_span().SerializeToString() + b"\x4a\x00" * 1_000_000
    body = framed(1, framed(2, framed(2, huge) + framed(2, encoded_span().SerializeToString())))
    tracemalloc.start()
    try:
        bad, good = protobuf_spans(body)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert bad == BadSpan("span 0", "is longer than 1048576 bytes")
    assert isinstance(good, Span)


def test_json_that_would_fill_the_memory_is_not_parsed() -> None:
    with pytest.raises(TooManyTraces, match="more than 2000000 values"):
        list(json_spans(b"[" + b"{}," * 2_000_000 + b"{}]"))


@pytest.mark.parametrize("body", [b"{}", b"nonsense"])
@pytest.mark.parametrize("collecting", [True, False])
def test_parsing_leaves_the_garbage_collector_as_it_was(body, collecting) -> None:
    before = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    decode_all(json_spans, body)
    found = gc.isenabled()
    (gc.enable if before else gc.disable)()
    assert found == collecting


@pytest.mark.parametrize("body", [b"\x0a\x00" * 1_000_001, framed(1, b"\x98\x06\x05" * 1_000_001)])
def test_protobuf_that_would_take_the_time_of_all_others_is_not_read_to_its_end(body) -> None:
    with pytest.raises(TooManyTraces, match="more than 1000000 fields"):
        list(protobuf_spans(body))
