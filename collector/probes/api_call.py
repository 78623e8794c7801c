"""One call of an API by a probe: through `ApiClient` for its row, through `fetch` for its phases."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from analytics.model import Finding, Reason
from collector.client import ApiClient, Quota, RetryPolicy, quota_from_headers
from collector.probes.api_answer import without
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.http_fetch import Fetched, fetch
from collector.probes.http_status import status_details

#: Who made the calls of probes, in the column `origin`.
ORIGIN = "probe"

#: Headers that describe how the body travelled. Ours has arrived, and is decompressed.
_OF_THE_JOURNEY = {"content-encoding", "content-length", "transfer-encoding"}
#: A shorter token is none of a real account, and masking it would take apart ordinary words.
_SHORTEST_MASKED = 8
#: The deadline of an attempt is the runner's. The client must have one too; it comes later.
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ApiCall:
    """What is asked. `endpoint` is recorded in place of the URL; `secret` appears nowhere in what is kept."""

    api: str
    method: str
    url: str
    endpoint: str
    secret: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = None
    quota: Callable[[httpx.Response], Quota | None] = quota_from_headers


async def ask(context: ProbeContext, call: ApiCall, judge: Callable[[Fetched], Finding]) -> Finding:
    """Make one call and say what `judge` finds in its answer; `judge` may raise `ProbeFailure`.

    Leaves one row in `context.calls`, also when the attempt is cancelled at its deadline. A failure is in
    that row as it is in the finding: an answer with status 200 may still be a refusal. `latency_ms` is the
    time of the call alone. At most 1 MiB of the answer is read.
    """
    transport = _MeasuredTransport(context)
    known, started = len(context.calls), time.perf_counter()
    try:
        await _send(context, call, transport)
        assert transport.fetched is not None, "the client returned without an answer"
        finding = _judged(transport.fetched, judge)
    except ProbeFailure as failure:
        finding = Finding(False, failure.reason, failure.message, failure.details)
    except httpx.InvalidURL as error:
        finding = Finding(False, Reason.BAD_CONFIGURATION, f"the address is no URL: {error}")
    except asyncio.CancelledError:
        _tell(context.calls[known:], Reason.TIMEOUT, f"no answer within {context.timeout:g} s")
        raise
    finding = _shown(finding, call.secret, 1000.0 * (time.perf_counter() - started))
    if not finding.ok:
        _tell(context.calls[known:], finding.reason, finding.message)
    return finding


async def _send(context: ProbeContext, call: ApiCall, transport: httpx.AsyncBaseTransport) -> None:
    seconds = context.timeout + _GRACE_SECONDS
    async with (
        httpx.AsyncClient(transport=transport, trust_env=False, headers=context.http.headers) as http,
        ApiClient(
            call.api,
            timeout=seconds,
            retry=RetryPolicy(retries=0, deadline=seconds),
            breaker=None,
            recorder=_Rows(context.calls),
            origin=ORIGIN,
            quota=call.quota,
            http=http,
        ) as client,
    ):
        asked: dict[str, Any] = {"headers": dict(call.headers), "endpoint": call.endpoint}
        if call.json is not None:
            asked["json"] = call.json
        await client.request(call.method, call.url, **asked)


def _judged(fetched: Fetched, judge: Callable[[Fetched], Finding]) -> Finding:
    facts = {**fetched.details, **status_details(fetched.status, fetched.headers)}
    try:
        finding = judge(fetched)
    except ProbeFailure as failure:
        finding = Finding(False, failure.reason, failure.message, failure.details)
    return replace(finding, details={**facts, **finding.details})


def _shown(finding: Finding, secret: str, elapsed_ms: float) -> Finding:
    """`finding` with the latency, and without the secret, should the other side have repeated it."""
    if len(secret) < _SHORTEST_MASKED:
        return replace(finding, latency_ms=elapsed_ms)
    message, details = without(secret, finding.message), without(secret, finding.details)
    return replace(finding, message=message, details=details, latency_ms=elapsed_ms)


def _tell(rows: list[dict[str, Any]], reason: Reason, message: str) -> None:
    for row in rows:
        row["reason"], row["error_message"] = str(reason), message


@dataclass(frozen=True, slots=True)
class _Rows:
    """Takes what `ApiClient` records."""

    calls: list[dict[str, Any]]

    def record_call(self, row: Mapping[str, Any]) -> None:
        """Keep the row of a call."""
        self.calls.append(dict(row))

    def record_circuit_event(self, row: Mapping[str, Any]) -> None:
        """There are none: a probe has no circuit breaker, it asks a service that is down too."""


class _MeasuredTransport(httpx.AsyncBaseTransport):
    """Sends through `fetch`: phases, reasons and the bounded body are those of every other probe.

    What goes wrong leaves it as `ProbeFailure`. `fetched` is the newest answer.
    """

    def __init__(self, context: ProbeContext) -> None:
        self._context = context
        self.fetched: Fetched | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        self.fetched = fetched = await fetch(
            self._context, request.method, str(request.url), headers=request.headers, content=content or None
        )
        headers = [pair for pair in fetched.headers.multi_items() if pair[0] not in _OF_THE_JOURNEY]
        return httpx.Response(fetched.status, headers=headers, content=fetched.body, request=request)
