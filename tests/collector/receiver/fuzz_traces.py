"""OTLP for `/v1/traces`: right requests, damaged ones, and trees with values nobody expects."""

import gzip
import json
import random
import time
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.collector.receiver.fuzz_shots import OK, Promise, Shot, post
from tests.collector.receiver.fuzz_values import damaged, nasty, write

PROTOBUF = "application/x-protobuf"
#: The API that the configuration has for this host; no other shot speaks of it.
HOST, API = "api.traced.test", "traced"
_TARGET = "/v1/traces"


def right_spans(rng: random.Random, number: int) -> Shot:
    message, spans = _request(rng, f"right-{number}")
    content_type = rng.choice((PROTOBUF, "application/json"))
    body = message.SerializeToString() if content_type == PROTOBUF else json.dumps(_as_json(message)).encode()
    more = {}
    if rng.random() < 0.3:
        more, body = {"Content-Encoding": "gzip"}, gzip.compress(body)
    promise = Promise("api_metrics", "origin", f"right-{number}", spans)
    return Shot("right spans", (post(_TARGET, body, content_type, more),), OK, promises=(promise,))


def damaged_protobuf(rng: random.Random, number: int) -> Shot:
    kind = rng.randrange(5)
    if kind == 0:
        body = rng.randbytes(rng.choice((0, 1, 20, 2000)))
    elif kind == 1:
        body = _nested(rng.choice((10, 99, 101, 5000)))
    else:
        body = damaged(_request(rng)[0].SerializeToString(), rng)
    return Shot("damaged protobuf", (post(_TARGET, body, PROTOBUF),))


def strange_json_spans(rng: random.Random, number: int) -> Shot:
    tree = _as_json(_request(rng)[0])
    if rng.random() < 0.3:
        body = damaged(json.dumps(tree).encode(), rng)
    else:
        for _ in range(rng.randint(1, 4)):
            _spoil(tree, rng)
        body = write(tree, rng)
    content_type = rng.choice(("application/json", "Application/JSON; charset=utf-8", "application/json;"))
    return Shot("strange JSON spans", (post(_TARGET, body, content_type),))


def _request(rng: random.Random, origin: str = "wrong") -> tuple[ExportTraceServiceRequest, int]:
    """A request of one to five spans to a known host, and how many these are."""
    message = ExportTraceServiceRequest()
    resource_spans = message.resource_spans.add()
    name = resource_spans.resource.attributes.add(key="service.name")
    name.value.string_value = origin
    scope_spans = resource_spans.scope_spans.add()
    count = rng.randint(1, 5)
    for _ in range(count):
        start = time.time_ns() - rng.randrange(10**12)
        span = scope_spans.spans.add(
            trace_id=rng.randbytes(16),
            span_id=rng.randbytes(8),
            name="GET",
            kind=3,
            start_time_unix_nano=start,
            end_time_unix_nano=start + rng.randrange(10**10),
        )
        for key, value in (
            ("http.request.method", "GET"),
            ("server.address", HOST),
            ("url.full", f"https://{HOST}/orders/1?token=abc"),
        ):
            span.attributes.add(key=key).value.string_value = value
        span.attributes.add(key="http.response.status_code").value.int_value = rng.choice((200, 404, 500))
    return message, count


def _as_json(message: ExportTraceServiceRequest) -> dict[str, Any]:
    """OTLP's JSON, which has ids in hexadecimal."""
    tree = MessageToDict(message, use_integers_for_enums=True)
    for resource_spans, sent in zip(tree["resourceSpans"], message.resource_spans, strict=True):
        spans = resource_spans["scopeSpans"][0]["spans"]
        for span, original in zip(spans, sent.scope_spans[0].spans, strict=True):
            span["traceId"], span["spanId"] = original.trace_id.hex(), original.span_id.hex()
    return tree


def _spoil(tree: Any, rng: random.Random) -> None:
    """Replace one value somewhere in `tree`."""
    while True:
        places = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        if not places:
            return
        place = rng.choice(places)
        value = tree[place]
        if not isinstance(value, dict | list) or rng.random() < 0.15:
            tree[place] = nasty(rng)
            return
        tree = value


def _nested(depth: int) -> bytes:
    """A span with one attribute: an array within an array within …"""
    value = b""
    for _ in range(depth):
        value = b"\x2a" + _varint(len(value)) + value  # AnyValue.array_value
        value = b"\x0a" + _varint(len(value)) + value  # ArrayValue.values
    span = b"\x30\x03\x4a" + _varint(len(value)) + value  # kind, attributes
    for key in (b"\x12", b"\x12", b"\x0a"):  # ScopeSpans.spans, ResourceSpans.scope_spans, resource_spans
        span = key + _varint(len(span)) + span
    return span


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    digits.append(number)
    return bytes(digits)
