"""`ExportTraceServiceRequest` in protobuf, the encoding most senders use.

Source: https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto.
"""

from collections.abc import Iterator
from itertools import islice

from google.protobuf.message import DecodeError
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from collector.receiver.otlp_span import (
    CLIENT,
    ERROR,
    LONGEST_TEXT,
    MOST_ATTRIBUTES,
    MOST_SPANS,
    WANTED,
    BadSpan,
    Scalar,
    Span,
    TooManyTraces,
)
from collector.receiver.otlp_wire import Frames

_RESOURCE_SPANS, _RESOURCE, _SCOPE_SPANS, _SPANS = 1, 1, 2, 2
#: A span or resource longer than this, in bytes, is not decoded.
_LONGEST_MESSAGE = 1024 * 1024
_MOST_EVENTS = 128
_NUMBERS = frozenset({"int_value", "double_value", "bool_value"})


def protobuf_spans(body: bytes) -> Iterator[Span | BadSpan]:
    """Every span of `body`, which is decoded while the spans are asked for.

    Raises `MalformedTraces` and `TooManyTraces`, also after some spans.
    """
    count, frames = 0, Frames()
    for resource_spans in frames.of(memoryview(body), _RESOURCE_SPANS, "the request"):
        service_name = ""
        for resource in frames.of(resource_spans, _RESOURCE, "a ResourceSpans"):
            service_name = _service_name(resource)
        for scope_spans in frames.of(resource_spans, _SCOPE_SPANS, "a ResourceSpans"):
            for encoded in frames.of(scope_spans, _SPANS, "a ScopeSpans"):
                if count == MOST_SPANS:
                    raise TooManyTraces(MOST_SPANS, "spans")
                yield _span(encoded, count, service_name)
                count += 1


def _service_name(encoded: memoryview) -> str:
    if len(encoded) > _LONGEST_MESSAGE:
        return ""
    try:
        resource = Resource.FromString(bytes(encoded))
    except DecodeError:
        return ""
    for attribute in islice(resource.attributes, MOST_ATTRIBUTES):
        if attribute.key == "service.name":
            return str(attribute.value.string_value)[:LONGEST_TEXT]
    return ""


def _span(encoded: memoryview, number: int, service_name: str) -> Span | BadSpan:
    if len(encoded) > _LONGEST_MESSAGE:
        return BadSpan(f"span {number}", f"is longer than {_LONGEST_MESSAGE} bytes")
    try:
        span = trace_pb2.Span.FromString(bytes(encoded))
    except DecodeError:
        return BadSpan(f"span {number}", "cannot be decoded: it is no protobuf message of a span")
    kind = span.kind
    status = span.status
    failed = status.code == ERROR
    return Span(
        span.trace_id,
        span.span_id,
        span.parent_span_id,
        kind,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        _attributes(span) if kind == CLIENT else {},
        status.code,
        status.message[:LONGEST_TEXT] if failed else "",
        _exception_type(span) if failed else "",
        service_name,
    )


def _attributes(span: trace_pb2.Span) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for attribute in islice(span.attributes, MOST_ATTRIBUTES):
        key = attribute.key
        if key in WANTED:
            value = attribute.value
            text = value.string_value
            if text:
                found[key] = text[:LONGEST_TEXT]
                continue
            kind = value.WhichOneof("value")
            if kind in _NUMBERS:
                found[key] = getattr(value, kind)
    return found


def _exception_type(span: trace_pb2.Span) -> str:
    for event in islice(reversed(span.events), _MOST_EVENTS):
        if event.name == "exception":
            for attribute in islice(event.attributes, MOST_ATTRIBUTES):
                if attribute.key == "exception.type":
                    return str(attribute.value.string_value)[:LONGEST_TEXT]
    return ""
