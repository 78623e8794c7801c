"""A receiver on a loopback port over a real intake, whose transactions end in a list instead of a file."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from analytics.model import ServiceKey, ServiceType, Status
from collector.intake import Batch, Intake, Stored
from collector.receiver.app import receiver_app
from collector.receiver.body import BodyReader
from collector.receiver.health_routes import health_routes
from collector.receiver.ingest_routes import Ingest
from collector.receiver.live_state import LiveState, ServiceState
from collector.receiver.refusals import Answers
from collector.receiver.server import serving
from collector.receiver.settings import ReceiverSettings
from collector.secrets import Redactor

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOKEN = "correct-horse-battery-staple"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ANY_PORT = ReceiverSettings(port=0)


class Events(list[Mapping[str, Any]]):
    """What was logged, as structlog hands it over."""

    def logger(self) -> Any:
        return structlog.wrap_logger(None, processors=[self._keep], wrapper_class=structlog.BoundLogger)

    def _keep(self, _: Any, method: str, event: Mapping[str, Any]) -> Any:
        self.append({**event, "level": method})
        raise structlog.DropEvent


@dataclass
class Receiver:
    """A running receiver, and what stands behind it. `known` are the committed rows by id."""

    settings: ReceiverSettings
    port: int = 0
    now: datetime = NOW
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    failure: Exception | None = None
    commit_may_end: asyncio.Event = field(default_factory=asyncio.Event)
    events: Events = field(default_factory=Events)
    redactor: Redactor = field(default_factory=Redactor)
    services: list[ServiceState] = field(default_factory=list)
    last_cycle: datetime | None = NOW
    write_failure: str | None = None
    seen: list[bytes] = field(default_factory=list)
    intake: Intake = field(init=False)
    ingest: Ingest = field(init=False)
    bodies: BodyReader = field(init=False)
    answers: Answers = field(default_factory=Answers)
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.intake = Intake(self.events.logger())
        self.bodies = BodyReader(self.settings)
        self.ingest = Ingest(self.intake, self.bodies, lambda: self.now, self.redactor.mask)

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        return list(self.known.values())

    def commit(self, batches: Sequence[Batch]) -> list[Stored]:
        if self.failure is not None:
            raise self.failure
        results = []
        for batch in batches:
            fresh = [row for row in batch.rows if row["id"] not in self.known]
            self.known |= {row["id"]: {"table": batch.table, **row} for row in fresh}
            results.append(Stored(len(fresh), len(batch.rows) - len(fresh)))
        return results

    def state(self) -> LiveState:
        return LiveState(
            version="1.2.3",
            started_at=NOW - timedelta(hours=1),
            interval=timedelta(minutes=1),
            now=lambda: self.now,
            services=lambda: self.services,
            last_cycle=lambda: self.last_cycle,
            write_failure=lambda: self.write_failure,
            intake=self.intake,
            ingest=self.ingest.counters,
            bodies=self.bodies,
            spans=lambda: {"recorded": 3},
            answers=self.answers,
        )

    async def length(self, request: Request) -> Response:
        """The route that reads a body and says how long it was."""
        body = await self.bodies(request)
        self.seen.append(body)
        return PlainTextResponse(str(len(body)))

    async def post(self, path: str, content: Any, **more: Any) -> httpx.Response:
        """Rows to /ingest/`path`: bytes as they are, all else as JSON."""
        body = content if isinstance(content, bytes | str) else json.dumps(content)
        return await self.http.post(f"/ingest/{path}", content=body, **more)


async def _fail(_: Request) -> Response:
    raise RuntimeError("hunter2 broke")


@asynccontextmanager
async def receiving(settings: ReceiverSettings = ANY_PORT, **more: Any) -> AsyncIterator[Receiver]:
    """Run a receiver; `settings` are those of its server, `more` goes to `Receiver`."""
    receiver = Receiver(settings, **more)
    routes = [
        *receiver.ingest.routes(),
        *health_routes(receiver.state()),
        Route("/length", receiver.length, methods=["POST"]),
        Route("/webhooks/shop", receiver.length, methods=["POST"]),
        Route("/fail", _fail),
    ]
    app = receiver_app(settings.token, receiver.bodies, receiver.events.logger(), routes, receiver.answers)
    taking_in = asyncio.create_task(receiver.intake.run(receiver.commit))
    async with serving(settings, app) as receiver.port:
        url = f"http://127.0.0.1:{receiver.port}"
        async with httpx.AsyncClient(
            verify=False, base_url=url, trust_env=False, timeout=20
        ) as receiver.http:
            yield receiver
    taking_in.cancel()
    await asyncio.gather(taking_in, return_exceptions=True)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def with_token(settings: ReceiverSettings = ANY_PORT) -> ReceiverSettings:
    return replace(settings, token=TOKEN)


def service(status: Status | None, name: str = "openai", **more: Any) -> ServiceState:
    return ServiceState(ServiceKey(ServiceType.API, name), status, **more)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection, closed at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def exchange(port: int, data: bytes, *, end: bool = False) -> bytes:
    """Send `data` as it is and give what comes back until the other side closes."""
    async with connected(port) as (reader, writer):
        writer.write(data)
        if end:
            writer.write_eof()
        try:
            return await reader.read()
        except ConnectionError:
            return b""
