"""Spans as instrumented programs send them, in protobuf and in JSON."""

import base64
import time
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

NOW = time.time_ns()
TRACE, SPAN, PARENT = bytes(range(16)), bytes(range(1, 9)), bytes(range(11, 19))
SECOND = 1_000_000_000

#: One call as `@opentelemetry/instrumentation-undici` 0.33 describes it.
UNDICI: dict[str, Any] = {
    "http.request.method": "GET",
    "http.request.method_original": "GET",
    "url.full": "https://api.openai.com/v1/orders/12345?token=hunter2",
    "url.path": "/v1/orders/12345",
    "url.query": "?token=hunter2",
    "url.scheme": "https",
    "server.address": "api.openai.com",
    "server.port": 443,
    "user_agent.original": "node",
    "network.peer.address": "192.0.2.7",
    "network.peer.port": 443,
    "network.protocol.version": "1.1",
    "http.response.status_code": 200,
}


def any_value(value: Any) -> AnyValue:
    kinds = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value"}
    return value if isinstance(value, AnyValue) else AnyValue(**{kinds[type(value)]: value})


def key_values(attributes: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def encoded_span(attributes: dict[str, Any] | None = None, **fields: Any) -> trace_pb2.Span:
    """A CLIENT span of one second with `attributes` (default: `UNDICI`); `fields` replace its own."""
    given = {
        "trace_id": TRACE,
        "span_id": SPAN,
        "name": "GET",
        "kind": trace_pb2.Span.SPAN_KIND_CLIENT,
        "start_time_unix_nano": NOW - 2 * SECOND,
        "end_time_unix_nano": NOW - SECOND,
        "attributes": key_values(UNDICI if attributes is None else attributes),
    }
    return trace_pb2.Span(**{**given, **fields})


def failed(message: str = "", exception_type: str = "") -> dict[str, Any]:
    """The fields of a span that ended with an error."""
    event = trace_pb2.Span.Event(name="exception", attributes=key_values({"exception.type": exception_type}))
    return {"status": trace_pb2.Status(code=2, message=message), "events": [event] if exception_type else []}


def request(*spans: trace_pb2.Span, service_name: str = "shop") -> ExportTraceServiceRequest:
    """An export request with `spans` of one service."""
    message = ExportTraceServiceRequest()
    resource_spans = message.resource_spans.add()
    resource_spans.resource.attributes.extend(key_values({"service.name": service_name}))
    resource_spans.scope_spans.add().spans.extend(spans)
    return message


def as_protobuf(message: ExportTraceServiceRequest) -> bytes:
    return message.SerializeToString()


def as_json(message: ExportTraceServiceRequest) -> bytes:
    """OTLP's JSON: that of protobuf with numbers for names and hexadecimal digits for ids."""
    content = MessageToDict(message, use_integers_for_enums=True)
    for resource_spans in content.get("resourceSpans", []):
        for scope_spans in resource_spans.get("scopeSpans", []):
            for span in scope_spans.get("spans", []):
                for name in ("traceId", "spanId", "parentSpanId"):
                    if name in span:
                        span[name] = base64.b64decode(span[name]).hex()
    return orjson.dumps(content)


def framed(field: int, content: bytes) -> bytes:
    """`content` as a field of a protobuf message."""
    length, size = bytearray(), len(content)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([field << 3 | 2, *length, size]) + content
