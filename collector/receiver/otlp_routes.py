"""`POST /v1/traces`: what services instrumented with OpenTelemetry tell of their calls."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.intake import IntakeFull, IntakeUnavailable, Row, Stored
from collector.receiver.body import BodyRefused
from collector.receiver.otlp_answers import JSON, PROTOBUF, failure, success
from collector.receiver.otlp_calls import Calls, calls_of
from collector.receiver.otlp_hosts import HostMap
from collector.receiver.otlp_json import json_spans
from collector.receiver.otlp_protobuf import protobuf_spans
from collector.receiver.otlp_span import BadSpan, MalformedTraces, Span, TooManyTraces

ReadBody = Callable[[Request], Awaitable[bytes]]

_DECODERS: dict[str, Callable[[bytes], Iterator[Span | BadSpan]]] = {
    PROTOBUF: protobuf_spans,
    JSON: json_spans,
}
_AGAIN_SECONDS = 5.0


class TraceIntake(Protocol):
    """What stores the calls: `collector.intake.Intake`."""

    async def store(self, table: str, rows: Sequence[Row]) -> Stored:
        """Returns when `rows` are committed; raises `IntakeFull` or `IntakeUnavailable`."""


@dataclass(slots=True)
class TraceCounters:
    """What became of all spans that were taken so far; `refused_requests` were not.

    Of `spans`, `calls` rows were made; what the others are `otlp_calls.Calls` tells.
    """

    requests: int = 0
    refused_requests: int = 0
    spans: int = 0
    calls: int = 0
    other_spans: int = 0
    unmapped_spans: int = 0
    intermediate_spans: int = 0
    aborted_spans: int = 0
    rejected_spans: int = 0

    def add(self, calls: Calls) -> None:
        """Count one request that was taken."""
        self.requests += 1
        self.spans += calls.spans
        self.calls += len(calls.rows)
        self.other_spans += calls.other_spans
        self.unmapped_spans += calls.unmapped_spans
        self.intermediate_spans += calls.intermediate_spans
        self.aborted_spans += calls.aborted_spans
        self.rejected_spans += calls.rejected_spans

    def outcomes(self) -> dict[str, int]:
        """The spans by what became of them. `call` counts rows: the attempts of one call are one."""
        return {
            "call": self.calls,
            "other": self.other_spans,
            "unmapped": self.unmapped_spans,
            "intermediate": self.intermediate_spans,
            "aborted": self.aborted_spans,
            "rejected": self.rejected_spans,
        }


def otlp_routes(
    intake: TraceIntake,
    hosts: HostMap,
    read_body: ReadBody,
    counters: TraceCounters,
    *,
    executor: Executor | None = None,
    clock_ns: Callable[[], int] = time.time_ns,
) -> list[Route]:
    """The route that takes spans and stores those that are calls to `hosts`.

    `read_body` raises `BodyRefused`. Bodies are decoded in a thread of `executor` (None: that of the loop).
    `clock_ns` gives nanoseconds since 1970.
    """
    traces = _Traces(intake, hosts, read_body, counters, executor, clock_ns)
    return [Route("/v1/traces", traces.receive, methods=["POST"])]


@dataclass(slots=True)
class _Traces:
    intake: TraceIntake
    hosts: HostMap
    read_body: ReadBody
    counters: TraceCounters
    executor: Executor | None
    clock_ns: Callable[[], int]
    # One request is decoded at a time: the decoded forms of many large ones would not fit into memory.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def receive(self, request: Request) -> Response:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in _DECODERS:
            self.counters.refused_requests += 1
            return failure(JSON, 415, f"traces come as {PROTOBUF} or {JSON}; set Content-Type to one of them")
        try:
            calls = await self._taken(request, media_type)
        except _Refusal as refusal:
            self.counters.refused_requests += 1
            return refusal.answer
        self.counters.add(calls)
        return success(media_type, calls.rejected_spans, calls.problem)

    async def _taken(self, request: Request, media_type: str) -> Calls:
        """The calls of `request`, which are stored; raises `_Refusal`."""
        try:
            calls = await self._decoded(await self.read_body(request), media_type)
            if calls.rows:
                await self.intake.store("api_metrics", calls.rows)
            return calls
        except BodyRefused as error:
            again = error.retry_after
            raise _Refusal(failure(media_type, error.status, error.message, again, error.headers)) from None
        except MalformedTraces as error:
            raise _Refusal(failure(media_type, 400, str(error))) from None
        except TooManyTraces as error:
            raise _Refusal(failure(media_type, 413, str(error))) from None
        except IntakeFull as error:
            raise _Refusal(failure(media_type, 429, str(error), error.retry_after)) from None
        except IntakeUnavailable as error:
            raise _Refusal(failure(media_type, 503, str(error), _AGAIN_SECONDS)) from None

    async def _decoded(self, body: bytes, media_type: str) -> Calls:
        def decode() -> Calls:
            return calls_of(_DECODERS[media_type](body), self.hosts, self.clock_ns())

        async with self.turn:
            return await asyncio.get_running_loop().run_in_executor(self.executor, decode)


class _Refusal(Exception):
    """A request of which nothing is taken, and the answer to it."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer
