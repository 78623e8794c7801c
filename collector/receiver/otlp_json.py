"""`ExportTraceServiceRequest` in JSON.

OTLP writes trace and span ids as hexadecimal digits, unlike protobuf's own JSON, and 64-bit numbers as
numbers or as text. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import gc
from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

from collector.receiver.otlp_span import (
    CLIENT,
    ERROR,
    LONGEST_TEXT,
    MOST_ATTRIBUTES,
    MOST_SPANS,
    WANTED,
    BadSpan,
    MalformedTraces,
    Scalar,
    Span,
    TooManyTraces,
)

_KINDS = {
    f"SPAN_KIND_{name}": number
    for number, name in enumerate(("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"))
}
_STATUSES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": ERROR}
_MOST_EVENTS = 128
#: JSON takes up to 25 times its length in memory when it holds nothing but marks like commas and colons:
#: 200 MB for so many. 20 MB of real spans have 1.8 million.
_MOST_VALUES = 2_000_000
_MOST_DIGITS = 20


def json_spans(body: bytes) -> Iterator[Span | BadSpan]:
    """Every span of `body`.

    Raises `MalformedTraces` and `TooManyTraces`, also after some spans.
    """
    if body.count(b",") + body.count(b":") + body.count(b"{") + body.count(b"[") > _MOST_VALUES:
        raise TooManyTraces(_MOST_VALUES, "values")
    message = _parsed(body)
    if not isinstance(message, dict):
        raise MalformedTraces('the request is no OTLP: it has to be an object like {"resourceSpans": […]}')
    count = 0
    for place, resource_spans in _objects(message, "resourceSpans", ""):
        service_name = _service_name(resource_spans)
        for inner, scope_spans in _objects(resource_spans, "scopeSpans", place):
            for where, span in _objects(scope_spans, "spans", inner):
                if count == MOST_SPANS:
                    raise TooManyTraces(MOST_SPANS, "spans")
                yield _span(span, where, service_name)
                count += 1


def _parsed(body: bytes) -> Any:
    """`body` as JSON. Collecting garbage meanwhile would find none and take twice as long as all the rest.

    No other thread runs during the call, so none goes without its collector.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise MalformedTraces(f"the request is no JSON: {error}") from None
    finally:
        if collecting:
            gc.enable()


def _objects(holder: dict[str, Any], name: str, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of the array `name` with the place of each; a missing array is an empty one."""
    array = holder.get(name)
    if array is None:
        return
    where = f"{place}.{name}" if place else name
    if not isinstance(array, list):
        raise MalformedTraces(f"{where} has to be an array of objects")
    for number, item in enumerate(array):
        if not isinstance(item, dict):
            raise MalformedTraces(f"{where}[{number}] has to be an object")
        yield f"{where}[{number}]", item


def _service_name(resource_spans: dict[str, Any]) -> str:
    resource = resource_spans.get("resource")
    if not isinstance(resource, dict):
        return ""
    name = _attributes(resource.get("attributes"), frozenset({"service.name"})).get("service.name", "")
    return name if isinstance(name, str) else ""


def _span(span: dict[str, Any], place: str, service_name: str) -> Span | BadSpan:
    try:
        kind = _number(span.get("kind", 0), _KINDS)
        said = span.get("status")
        status = said if isinstance(said, dict) else {}
        code = _number(status.get("code", 0), _STATUSES)
        failed = code == ERROR
        return Span(
            _id(span, "traceId"),
            _id(span, "spanId"),
            _id(span, "parentSpanId"),
            kind,
            _number(span.get("startTimeUnixNano", 0)),
            _number(span.get("endTimeUnixNano", 0)),
            _attributes(span.get("attributes")) if kind == CLIENT else {},
            code,
            _text(status.get("message")) if failed else "",
            _exception_type(span.get("events")) if failed else "",
            service_name,
        )
    except ValueError as error:
        return BadSpan(place, str(error))


def _id(span: dict[str, Any], name: str) -> bytes:
    digits = span.get(name) or ""
    if isinstance(digits, str) and len(digits) <= 32:
        try:
            return bytes.fromhex(digits)
        except ValueError:
            pass
    raise ValueError(f"{name} has to be hexadecimal digits")


def _number(value: Any, names: dict[str, int] | None = None) -> int:
    """A whole number as JSON may write it: 3, 3.0, "3", or one of `names`."""
    if type(value) is int:
        return value
    if isinstance(value, str):
        if names and value in names:
            return names[value]
        if len(value) <= _MOST_DIGITS and value.isascii() and value.removeprefix("-").isdigit():
            return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ValueError("its kind, its status code and its times have to be whole numbers")


def _text(value: Any) -> str:
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def _attributes(attributes: Any, wanted: frozenset[str] = WANTED) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    if not isinstance(attributes, list):
        return found
    for attribute in islice(attributes, MOST_ATTRIBUTES):
        if isinstance(attribute, dict):
            key = attribute.get("key")
            if isinstance(key, str) and key in wanted:
                value = _scalar(attribute.get("value"))
                if value is not None:
                    found[key] = value
    return found


def _scalar(value: Any) -> Scalar | None:
    """The scalar in an AnyValue; None for an empty text, arrays, lists of pairs, bytes and anything else."""
    if not isinstance(value, dict):
        return None
    if isinstance(text := value.get("stringValue"), str):
        return text[:LONGEST_TEXT] or None
    for name in ("intValue", "doubleValue", "boolValue"):
        number = value.get(name)
        if isinstance(number, int | float):
            return number
        if isinstance(number, str) and name == "intValue":
            try:
                return _number(number)
            except ValueError:
                return None
    return None


def _exception_type(events: Any) -> str:
    if not isinstance(events, list):
        return ""
    for event in islice(reversed(events), _MOST_EVENTS):
        if isinstance(event, dict) and event.get("name") == "exception":
            wanted = frozenset({"exception.type"})
            kind = _attributes(event.get("attributes"), wanted).get("exception.type", "")
            if isinstance(kind, str) and kind:
                return kind
    return ""
