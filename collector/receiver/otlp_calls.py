"""From spans to rows of `api_metrics`: which count as calls, of which API, and how they ended. Pure rules."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from collector.client import call_reason
from collector.client.messages import status_message
from collector.receiver.otlp_faults import ABORTED, fault_reason, fault_sentence
from collector.receiver.otlp_hosts import HostMap
from collector.receiver.otlp_resends import Attempt, LogicalCall, logical_calls
from collector.receiver.otlp_span import CLIENT, ERROR, BadSpan, Scalar, Span
from collector.receiver.otlp_target import endpoint_of, hosts_of, path_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_NS = 1_000_000_000
#: How far the clock of a sender may be ahead, and how long its spans may have waited: raw rows live so long.
_AHEAD_NS = 300 * _SECOND_NS
_OLDEST_NS = 30 * 86_400 * _SECOND_NS
_LONGEST_NS = (2**31 - 1) * 1_000_000
_MOST_RETRIES = 1000
_LONGEST_ORIGIN = 100
_METHOD = re.compile(r"[A-Z_-]{1,16}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ZERO_TRACE, _ZERO_SPAN = bytes(16), bytes(8)


@dataclass(slots=True)
class Calls:
    """The rows of one request, and what became of its other spans.

    `other_spans` are no HTTP calls to other services, `unmapped_spans` went to hosts nobody watches,
    `intermediate_spans` are redirects and 1xx answers, `aborted_spans` were given up by the program itself.
    `rejected_spans` would be rows were it not for `problem`, which is told of the first.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    spans: int = 0
    other_spans: int = 0
    unmapped_spans: int = 0
    intermediate_spans: int = 0
    aborted_spans: int = 0
    rejected_spans: int = 0
    problem: str = ""

    def reject(self, place: str, problem: str) -> None:
        """Count a span that cannot be a row."""
        self.rejected_spans += 1
        self.problem = self.problem or f"{place} {problem}"


def calls_of(spans: Iterable[Span | BadSpan], hosts: HostMap, now_ns: int) -> Calls:
    """The rows of `api_metrics` that `spans` are, and the count of those that are none.

    `now_ns` is the time in nanoseconds since 1970. Spans that are more than 5 minutes ahead or older than 30
    days are rejected; less far ahead ones get that time.
    """
    calls = Calls()
    attempts = [attempt for span in spans if (attempt := _attempt(span, hosts, now_ns, calls)) is not None]
    for call in logical_calls(attempts):
        row = _row(call, now_ns, calls)
        if row is not None:
            calls.rows.append(row)
    return calls


def _attempt(span: Span | BadSpan, hosts: HostMap, now_ns: int, calls: Calls) -> Attempt | None:
    number = calls.spans
    calls.spans += 1
    if isinstance(span, BadSpan):
        calls.reject(span.place, span.problem)
        return None
    attributes = span.attributes
    method = attributes.get("http.request.method") or attributes.get("http.method")
    if span.kind != CLIENT or not isinstance(method, str):
        calls.other_spans += 1
        return None
    for host, port in hosts_of(attributes):
        api_name = hosts.api_name(host, port)
        if api_name is not None:
            break
    else:
        calls.unmapped_spans += 1
        return None
    problem = _problem(span, now_ns)
    if problem:
        calls.reject(f"span {number}", problem)
        return None
    method = method.upper()
    return Attempt(
        span,
        api_name,
        method if _METHOD.fullmatch(method) else "_OTHER",
        host,
        path_of(attributes),
        _status(attributes),
        _resend_count(attributes),
    )


def _problem(span: Span, now_ns: int) -> str | None:
    if len(span.trace_id) != 16 or span.trace_id == _ZERO_TRACE:
        return "has no trace id of 16 bytes"
    if len(span.span_id) != 8 or span.span_id == _ZERO_SPAN:
        return "has no span id of 8 bytes"
    if span.end_ns < span.start_ns:
        return "ends before it starts"
    if span.start_ns > now_ns + _AHEAD_NS:
        return "starts in the future; is the clock of the sender right?"
    if span.start_ns < now_ns - _OLDEST_NS:
        return "started more than 30 days ago; are its times in nanoseconds since 1970?"
    if span.end_ns - span.start_ns > _LONGEST_NS:
        return "lasts longer than 24 days"
    return None


def _status(attributes: dict[str, Scalar]) -> int | None:
    """The status code, which some write as text, and some in `error.type` alone; 0 means none."""
    for name in ("http.response.status_code", "http.status_code", "error.type"):
        value = attributes.get(name)
        if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
            value = int(value)
        if type(value) is int and 100 <= value <= 599:
            return value
    return None


def _resend_count(attributes: dict[str, Scalar]) -> int:
    value = attributes.get("http.request.resend_count", attributes.get("http.resend_count"))
    if isinstance(value, str) and len(value) <= 4 and value.isascii() and value.isdigit():
        value = int(value)
    return min(max(0, value), _MOST_RETRIES) if type(value) is int else 0


def _row(call: LogicalCall, now_ns: int, calls: Calls) -> dict[str, Any] | None:
    last = call.last
    if last.is_redirect or (last.status is not None and last.status < 200):
        calls.intermediate_spans += 1
        return None
    reason, message = _ending(last)
    if reason == ABORTED:
        calls.aborted_spans += 1
        return None
    first, span = call.first.span, last.span
    return {
        "id": _id(first),
        "timestamp": _EPOCH + timedelta(microseconds=min(first.start_ns, now_ns) // 1000),
        "api_name": last.api_name,
        "endpoint": endpoint_of(span.attributes, last.path),
        "method": last.method,
        "status_code": last.status,
        "response_time_ms": min((max(0, span.end_ns - first.start_ns) + 500_000) // 1_000_000, 2**31 - 1),
        "error_message": message,
        "retries": call.retries,
        "reason": reason,
        "origin": _origin(span.service_name),
    }


def _ending(attempt: Attempt) -> tuple[str | None, str | None]:
    """Why the call failed and the line for people; twice None for one that did not."""
    status, span = attempt.status, attempt.span
    if status is not None and status >= 400:
        return call_reason(status), status_message(status)
    said = span.attributes.get("error.type", "")
    error_type = "" if said == str(status) else str(said)
    if not error_type and span.status != ERROR:
        return (ABORTED, None) if status is None else (None, None)
    fallback = "connect" if status is None else "protocol"
    types = (error_type, span.exception_type)
    reason = fault_reason(types, span.message, fallback)
    if reason == ABORTED and status is not None:
        return None, None
    if reason == ABORTED:
        return reason, None
    return reason, fault_sentence(reason, types)


def _origin(service_name: str) -> str | None:
    """`probe` names the collector's own checks, so no program is called that."""
    name = _UNPRINTABLE.sub(" ", service_name[:_LONGEST_ORIGIN]).strip()
    return "probe (service)" if name == "probe" else name or None


def _id(span: Span) -> str:
    """UUIDv7 of the start, the rest made of trace and span id: a span that is sent again has the same id."""
    digits = blake2b(span.trace_id + span.span_id, digest_size=10).hexdigest()
    moment = f"{span.start_ns // 1_000_000 & 0xFFFF_FFFF_FFFF:012x}"
    variant = "89ab"[int(digits[0], 16) & 3]
    return f"{moment[:8]}-{moment[8:]}-7{digits[1:4]}-{variant}{digits[4:7]}-{digits[7:19]}"
