"""Puts the receiver together: everything that other programs may ask of the collector over HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
from starlette.routing import Route

from analytics.db import announce_listening, read_only
from collector import __version__
from collector.action_routes import action_routes
from collector.config import trace_hosts
from collector.cycle import Cycle
from collector.duties import Duties
from collector.receiver.address import reachable_url, written_address
from collector.receiver.app import receiver_app
from collector.receiver.body import BodyReader
from collector.receiver.counting import IngestCounters
from collector.receiver.health_routes import health_routes
from collector.receiver.ingest_routes import Ingest
from collector.receiver.live_state import LiveState, ServiceState
from collector.receiver.loop_lag import LoopLag
from collector.receiver.otlp_hosts import HostMap
from collector.receiver.otlp_routes import TraceCounters, otlp_routes
from collector.receiver.refusals import Answers
from collector.receiver.row_budget import RowBudget
from collector.receiver.runbook_routes import runbook_routes
from collector.receiver.server import listening_socket, serving
from collector.receiver.settings import ReceiverSettings
from collector.receiver.unknown_names import NamesNoted
from collector.receiver.webhook_routes import webhook_routes
from collector.sources import known_names, reported_sources, seen_deliveries, webhook_sources
from collector.wiring import Setting, utc_now

#: As many deliveries are passed on at once; the others wait for their turn, within their own deadline.
_UPSTREAM_CONNECTIONS = 100
#: Node closes idle connections after 5 s; one that it is about to close must not be used.
_UPSTREAM_IDLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the routes share."""

    setting: Setting
    cycle: Cycle
    bodies: BodyReader
    decoding: ThreadPoolExecutor
    duties: Duties | None = None
    ingest: IngestCounters = field(default_factory=IngestCounters)
    traces: TraceCounters = field(default_factory=TraceCounters)
    lag: LoopLag = field(default_factory=LoopLag)
    answers: Answers = field(default_factory=Answers)


@asynccontextmanager
async def receiving(
    setting: Setting,
    settings: ReceiverSettings | None,
    cycle: Cycle,
    sock: socket.socket | None = None,
    duties: Duties | None = None,
) -> AsyncIterator[None]:
    """Listen for as long as the body runs; do nothing when `settings` is None.

    `duties` are what the collector does beside its cycles, for whoever asks how that goes. `sock` is
    bound to the address already; it is closed at the end. Without it this raises
    `collector.receiver.server.ListenError` when the address cannot be listened on.
    """
    if settings is None:
        yield
        return
    async with AsyncExitStack() as open_:
        sock = sock or listening_socket(settings)
        open_.callback(sock.close)
        decoding = open_.enter_context(decoding_thread())
        parts = _Parts(setting, cycle, BodyReader(settings), decoding, duties)
        limits = httpx.Limits(max_connections=_UPSTREAM_CONNECTIONS, keepalive_expiry=_UPSTREAM_IDLE_SECONDS)
        timeout = httpx.Timeout(None)  # each delivery has a deadline of its own
        upstreams = httpx.AsyncClient(trust_env=False, limits=limits, timeout=timeout)
        http = await open_.enter_async_context(upstreams)
        sampling = asyncio.create_task(parts.lag.run())
        open_.callback(sampling.cancel)
        app = receiver_app(settings.token, parts.bodies, setting.log, _routes(parts, http), parts.answers)
        port = await open_.enter_async_context(serving(settings, app, sock))
        announce_listening(setting.location, reachable_url(settings.host, port))
        who = "bearers of the token" if settings.token else "this machine alone"
        setting.log.info("listening", address=written_address(settings.host, port), takes_from=who)
        yield


@contextmanager
def decoding_thread() -> Iterator[ThreadPoolExecutor]:
    """The thread that decodes traces; what it has in hand at the end is not waited for.

    Whoever sent that is gone by then, and the event loop has rows to write.
    """
    # One thread: several would only take turns at the interpreter, and the event loop would wait longer.
    thread = ThreadPoolExecutor(1, "traces")
    try:
        yield thread
    finally:
        thread.shutdown(wait=False, cancel_futures=True)


def _routes(parts: _Parts, http: httpx.AsyncClient) -> Sequence[Route]:
    setting = parts.setting
    kept = timedelta(days=setting.config.retention_days)
    intake = NamesNoted(setting.intake, known_names(setting.config.services), setting.log)
    waiting = setting.intake
    budget = RowBudget(lambda: waiting.waiting_rows, waiting.capacity_rows)
    mask = setting.redactor.mask
    ingest = Ingest(intake, parts.bodies, utc_now, mask, parts.ingest, kept=kept, budget=budget)
    hosts = HostMap(trace_hosts(setting.config, setting.environment))
    sources = webhook_sources(setting.config.services, setting.environment, setting.redactor)
    reported = reported_sources(setting.config.services)
    with read_only(setting.location) as connection:
        seen = seen_deliveries(connection, utc_now())
    return [
        *ingest.routes(),
        *otlp_routes(intake, hosts, parts.bodies, parts.traces, executor=parts.decoding),
        *webhook_routes(sources, setting.intake, http, utc_now, reported=reported, seen=seen),
        *action_routes(setting, parts.cycle.recorder, parts.bodies),
        *runbook_routes(),
        *health_routes(_live_state(parts)),
    ]


def _live_state(parts: _Parts) -> LiveState:
    cycle = parts.cycle

    def services() -> list[ServiceState]:
        return [
            ServiceState(key, memory.status, memory.response_time_ms, memory.last_check)
            for key, memory in cycle.memory.items()
        ]

    def write_failure() -> str | None:
        return None if cycle.recorder.failure is None else str(cycle.recorder.failure)

    state = LiveState(
        version=__version__,
        started_at=utc_now(),
        interval=cycle.interval,
        now=utc_now,
        services=services,
        last_cycle=lambda: cycle.recorder.written_at,
        write_failure=write_failure,
        intake=parts.setting.intake,
        ingest=parts.ingest,
        bodies=parts.bodies,
        lag=parts.lag,
        spans=parts.traces.outcomes,
        answers=parts.answers,
    )
    duties = parts.duties
    if duties is None:
        return state
    return replace(
        state,
        alerts_failure=lambda: duties.alerting.failure,
        deliveries=duties.delivery_health,
        alerts=duties.alert_figures,
        vendor_feeds=duties.vendors.up,
        heartbeat=duties.heartbeat.state,
        summed_until=lambda: duties.keeping.summed_until,
    )
