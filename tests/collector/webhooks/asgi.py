"""A reporter that keeps what it is given, and apps to stand behind the middleware."""

from collections.abc import Mapping
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from collector.webhooks import WebhookMonitor
from tests.collector.webhooks.signing import NOW, SECRETS, Delivery
from tests.servers.http_loopback import serve

PATH = "/webhooks"


class Kept:
    """Rows in the order they came."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def record_delivery(self, row: Mapping[str, Any]) -> None:
        self.rows.append(dict(row))

    @property
    def only(self) -> dict[str, Any]:
        assert len(self.rows) == 1
        return self.rows[0]


async def echo(request: Request) -> JSONResponse:
    """What the app sees of a delivery."""
    body = await request.body()
    return JSONResponse({"body": body.decode("latin-1"), "verified": request.state.webhook.verified}, 201)


def watched(handler: Any = echo, scheme: str = "shopify", **options: Any) -> tuple[Starlette, Kept]:
    """A Starlette app with the middleware around `handler`, and the rows it reports."""

    async def other(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"other {(await request.body()).decode()}")

    routes = [
        Route(PATH, handler, methods=["GET", "POST", "PUT"]),
        Route("/other", other, methods=["GET", "POST"]),
    ]
    app, kept = Starlette(routes=routes), Kept()
    defaults: dict[str, Any] = {
        "source": scheme,
        "path": PATH,
        "secret": SECRETS[scheme],
        "scheme": scheme,
        "reporter": kept,
        "now": lambda: NOW,
    }
    app.add_middleware(WebhookMonitor, **(defaults | options))
    return app, kept


async def deliver(app: Any, delivery: Delivery, method: str = "POST", path: str = PATH) -> httpx.Response:
    with serve(app) as url:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            return await client.request(method, url + path, headers=delivery.headers, content=delivery.body)
