"""What the load sends: rows as clients report them, and spans as OpenTelemetry's JavaScript makes them.

Every row and every span is a new one. A batch of spans is encoded once; others like it differ in their ids,
which are put into the bytes: building each of them would take longer than what is measured.
"""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from analytics.ids import uuid7_texts

#: The host of each API, as a program calls it; the configuration of the collector maps them back.
HOSTS = {
    "shopify": "example.myshopify.com",
    "openai": "api.openai.com",
    "chatwoot": "chat.example.com",
    "google_analytics": "analyticsdata.googleapis.com",
}
_PATHS = {
    "shopify": "/admin/api/2026-10/products/{id}.json",
    "openai": "/v1/chat/completions",
    "chatwoot": "/api/v1/accounts/{id}/conversations/{id}/messages",
    "google_analytics": "/v1beta/properties/{id}:runReport",
}
_APIS = tuple(HOSTS)


def ndjson(rows: int) -> bytes:
    """`rows` rows of `api_metrics`, as the client of this project writes them."""
    time = datetime.now(UTC).isoformat()
    return b"\n".join(_row(number, key, time) for number, key in enumerate(uuid7_texts(rows)))


def zipped(rows: int) -> bytes:
    """The same, compressed."""
    return gzip.compress(ndjson(rows), 6)


def _row(number: int, key: str, time: str) -> bytes:
    api = _APIS[number % 4]
    failed = number % 50 == 7
    text = (
        f'{{"id":"{key}","timestamp":"{time}","api_name":"{api}","endpoint":"{_PATHS[api]}","method":"POST",'
        f'"status_code":{503 if failed else 200},"response_time_ms":{80 + number * 7919 % 900},'
        f'"error_message":{_quoted("503 Service Unavailable", failed)},"retries":{number % 40 // 39},'
        f'"reason":{_quoted("http_5xx", failed)},"origin":"checkout"}}'
    )
    return text.encode()


def _quoted(text: str, given: bool) -> str:
    return f'"{text}"' if given else "null"


def protobuf(spans: int) -> Iterator[bytes]:
    """Bodies of OTLP in protobuf with `spans` spans each, without end."""
    request, ids = _request(spans)
    return _variants(request.SerializeToString(), [bytes.fromhex(key) for key in ids], bytes)


def otlp_json(spans: int) -> Iterator[bytes]:
    """Bodies of OTLP in JSON with `spans` spans each, without end."""
    request, ids = _request(spans)
    text = json.dumps(_as_json(request), separators=(",", ":")).encode()
    return _variants(text, [key.encode() for key in ids], lambda key: key.hex().encode())


def _variants(body: bytes, ids: list[bytes], written: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """`body` again and again, each time with new random ids instead of `ids`, which stand in it in order."""
    pieces = []
    for key in ids:
        before, _, body = body.partition(key)
        pieces.append(before)
    sizes = [8 if number % 2 else 16 for number in range(len(ids))]
    while True:
        fresh = os.urandom(sum(sizes))
        parts: list[bytes] = []
        at = 0
        for before, size in zip(pieces, sizes, strict=True):
            parts += (before, written(fresh[at : at + size]))
            at += size
        yield b"".join([*parts, body])


def _request(spans: int) -> tuple[ExportTraceServiceRequest, list[str]]:
    """One request, and the trace and span id of each of its spans in hexadecimal."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    for name, value in _RESOURCE.items():
        _put(resource.resource, name, value)
    scope = resource.scope_spans.add()
    scope.scope.name, scope.scope.version = "@opentelemetry/instrumentation-undici", "0.33.0"
    ids = []
    now_ns = int(datetime.now(UTC).timestamp() * 1e9)
    for number in range(spans):
        span = scope.spans.add()
        span.trace_id, span.span_id, span.parent_span_id = os.urandom(16), os.urandom(8), os.urandom(8)
        ids += [span.trace_id.hex(), span.span_id.hex()]
        _fill(span, number, now_ns - 1_000_000 * (5_000 + number))
    return request, ids


_RESOURCE: dict[str, str | int] = {
    "service.name": "checkout",
    "host.name": "web-1",
    "host.arch": "amd64",
    "process.pid": 4242,
    "process.runtime.name": "nodejs",
    "process.runtime.version": "22.17.0",
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "2.2.0",
}


def _fill(span: Span, number: int, start_ns: int) -> None:
    """What the instrumentation of undici says of a call (0.33.0: these attributes, in this order)."""
    api = _APIS[number % 4]
    host, path = HOSTS[api], _PATHS[api].replace("{id}", str(1_000_000 + number))
    status = 503 if number % 50 == 7 else 200
    span.name, span.kind = "POST", Span.SPAN_KIND_CLIENT
    span.start_time_unix_nano = start_ns
    span.end_time_unix_nano = start_ns + 1_000_000 * (80 + number * 7919 % 900)
    attributes: dict[str, str | int] = {
        "http.request.method": "POST",
        "http.request.method_original": "POST",
        "url.full": f"https://{host}{path}?page=2",
        "url.path": path,
        "url.query": "?page=2",
        "url.scheme": "https",
        "server.address": host,
        "server.port": 443,
        "user_agent.original": "node",
        "network.peer.address": "203.0.113.7",
        "network.peer.port": 443,
        "network.protocol.version": "1.1",
        "http.response.status_code": status,
        "http.response.header.content-type": "application/json; charset=utf-8",
        "http.response.header.content-length": 1234,
    }
    for name, value in attributes.items():
        _put(span, name, value)
    if status == 503:
        _put(span, "error.type", "503")
        span.status.code = Status.STATUS_CODE_ERROR


def _put(where: Span | Resource, name: str, value: str | int) -> None:
    attribute = where.attributes.add(key=name)
    if isinstance(value, int):
        attribute.value.int_value = value
    else:
        attribute.value.string_value = value


def _as_json(request: ExportTraceServiceRequest) -> dict[str, object]:
    """OTLP's JSON: as protobuf's, but ids in hexadecimal and enums as numbers."""
    [resource] = request.resource_spans
    [scope] = resource.scope_spans
    spans = [
        {
            "traceId": span.trace_id.hex(),
            "spanId": span.span_id.hex(),
            "parentSpanId": span.parent_span_id.hex(),
            "name": span.name,
            "kind": span.kind,
            "startTimeUnixNano": str(span.start_time_unix_nano),
            "endTimeUnixNano": str(span.end_time_unix_nano),
            "attributes": [_pair(entry) for entry in span.attributes],
            "status": {"code": span.status.code},
        }
        for span in scope.spans
    ]
    inner = {"scope": {"name": scope.scope.name, "version": scope.scope.version}, "spans": spans}
    attributes = [_pair(entry) for entry in resource.resource.attributes]
    return {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [inner]}]}


def _pair(entry: KeyValue) -> dict[str, object]:
    value = entry.value
    if value.WhichOneof("value") == "int_value":
        return {"key": entry.key, "value": {"intValue": value.int_value}}
    return {"key": entry.key, "value": {"stringValue": value.string_value}}
