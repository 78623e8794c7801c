"""The answers of `POST /v1/traces`, each in the encoding of its request.

A failure is a `google.rpc.Status`, as OTLP/HTTP wants it:
https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

from collections.abc import Mapping

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)
from starlette.responses import Response

JSON = "application/json"
PROTOBUF = "application/x-protobuf"

#: google.rpc.Code of each HTTP status that is answered; anything else is INVALID_ARGUMENT.
_CODES = {408: 4, 413: 8, 429: 8, 503: 14}
_INVALID_ARGUMENT = 3
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def success(media_type: str, rejected: int = 0, problem: str = "") -> Response:
    """Taken, but for `rejected` spans, of which `problem` says what is wrong with the first."""
    message = f"{rejected} spans were not taken; the first: {problem}" if rejected else ""
    if media_type == PROTOBUF:
        answer = ExportTraceServiceResponse()
        if rejected:
            partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message=message)
            answer.partial_success.CopyFrom(partial)
        return Response(answer.SerializeToString(), 200, _HEADERS, PROTOBUF)
    # 64-bit numbers are text in the JSON of protobuf.
    partial_success = {"rejectedSpans": str(rejected), "errorMessage": message}
    content = {"partialSuccess": partial_success} if rejected else {}
    return Response(orjson.dumps(content), 200, _HEADERS, JSON)


def failure(
    media_type: str,
    status: int,
    message: str,
    retry_after: float | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Nothing was taken. Senders repeat 429 and 503 after `retry_after` seconds, and nothing else."""
    code = _CODES.get(status, _INVALID_ARGUMENT)
    more = {} if retry_after is None else {"Retry-After": str(max(1, -int(-retry_after // 1)))}
    content = _status(code, message) if media_type == PROTOBUF else _json_status(code, message)
    return Response(content, status, {**_HEADERS, **more, **(headers or {})}, media_type)


def _json_status(code: int, message: str) -> bytes:
    return orjson.dumps({"code": code, "message": message})


def _status(code: int, message: str) -> bytes:
    """`google.rpc.Status` by hand, for want of its package: int32 code = 1, string message = 2."""
    text = message.encode()
    return bytes((1 << 3, code, 2 << 3 | 2)) + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    digits.append(number)
    return bytes(digits)
