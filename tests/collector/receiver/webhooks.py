"""A running receiver with webhook sources, the rows it stored, and an upstream to pass deliveries on to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.intake import Batch, Intake, Stored
from collector.log import configure
from collector.receiver.app import receiver_app
from collector.receiver.body import BodyReader
from collector.receiver.server import serving
from collector.receiver.settings import ReceiverSettings
from collector.receiver.webhook_routes import webhook_routes
from collector.receiver.webhook_source import WebhookSource
from collector.secrets import Redactor
from tests.collector.webhooks.signing import NOW, SECRETS, Delivery
from tests.servers.http_loopback import serve

#: A port on which nothing listens: the discard service, which only root could start.
NOBODY = "http://127.0.0.1:9/"


def source(scheme: str = "shopify", **options: Any) -> WebhookSource:
    return WebhookSource(**({"source": scheme, "scheme": scheme, "secrets": (SECRETS[scheme],)} | options))


@dataclass
class Running:
    """The receiver under test and what it wrote."""

    url: str
    client: httpx.AsyncClient
    intake: Intake
    rows: list[Mapping[str, Any]]

    async def deliver(self, delivery: Delivery, name: str | None = None, **headers: str) -> httpx.Response:
        return await self.client.post(
            f"{self.url}/webhooks/{name or delivery.scheme}",
            headers=delivery.headers | headers,
            content=delivery.body,
        )

    @property
    def only(self) -> Mapping[str, Any]:
        assert len(self.rows) == 1, self.rows
        return self.rows[0]


@asynccontextmanager
async def receiving(
    *sources: WebhookSource,
    settings: ReceiverSettings | None = None,
    writes: bool = True,
    commit: Callable[[Sequence[Batch]], Sequence[Stored]] | None = None,
    **options: Any,
) -> AsyncIterator[Running]:
    """A receiver on a free port. Without `writes` nothing is ever committed."""
    rows: list[Mapping[str, Any]] = []

    def keep(batches: Sequence[Batch]) -> Sequence[Stored]:
        for batch in batches:
            assert batch.table == "webhook_metrics"
            rows.extend(batch.rows)
        return [Stored(len(batch.rows), 0) for batch in batches]

    log = configure(Redactor())
    intake = Intake(log, capacity_rows=options.pop("capacity_rows", 1000))
    settings = settings or ReceiverSettings(port=0)
    async with contextlib.AsyncExitStack() as stack:
        if writes:
            writer = asyncio.create_task(intake.run(commit or keep))
            stack.push_async_callback(ended, writer)
        http = await stack.enter_async_context(httpx.AsyncClient(verify=False, trust_env=False))
        defaults = {"now": lambda: NOW}
        named = {item.source: item for item in sources}
        routes = webhook_routes(named, intake, http, **(defaults | options))
        app = receiver_app("a-token-of-the-collector", BodyReader(settings), log, routes)
        port = await stack.enter_async_context(serving(settings, app))
        client = await stack.enter_async_context(httpx.AsyncClient(verify=False, trust_env=False, timeout=30))
        yield Running(f"http://127.0.0.1:{port}", client, intake, rows)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@dataclass
class Upstream:
    """The user's program: keeps what it is sent and answers as the test says."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answer: Callable[[Request], Any] = lambda _: JSONResponse({"taken": True})

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.requests.append(request)
        answer = self.answer(request)
        return await answer if asyncio.iscoroutine(answer) else answer


@contextmanager
def upstream() -> Iterator[Upstream]:
    """An upstream on a free port."""
    program = Upstream()
    with serve(Starlette(routes=[Route("/{path:path}", program.take, methods=["POST", "GET"])])) as url:
        program.url = f"{url}/hooks?tenant=3"
        yield program
