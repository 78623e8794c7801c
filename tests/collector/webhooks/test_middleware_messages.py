"""The middleware and the messages of ASGI: bodies too long or without end, senders that leave."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import Request
from starlette.responses import Response

from collector.webhooks import WebhookMonitor
from tests.collector.webhooks.asgi import PATH, Kept, deliver, watched
from tests.collector.webhooks.signing import NOW, SECRETS, signed
from tests.servers.http_loopback import serve


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_over_the_limit_is_answered_413(chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"0123456789"

    app, kept = watched(body_limit=100)
    with serve(app) as url:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            content = pieces() if chunked else b"0" * 101
            answer = await client.post(
                url + PATH, content=content, headers={"X-Shopify-Topic": "orders/create"}
            )
    assert (answer.status_code, answer.json()["error"]) == (413, "body_too_large")
    row = kept.only
    assert (row["verified"], row["processed"], row["reason"]) == (False, None, "body_too_large")
    assert row["event_type"] == "orders/create"


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    body = b"x" * 100
    app, kept = watched(body_limit=100)
    assert (await deliver(app, signed("shopify", body=body))).status_code == 201
    assert kept.only["verified"] is True


async def test_a_body_that_does_not_end_is_answered_408() -> None:
    app, kept = watched(body_seconds=0.1)
    with serve(app) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"POST /webhooks HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        head = await asyncio.wait_for(reader.readline(), 10)
        writer.close()
    assert head == b"HTTP/1.1 408 Request Timeout\r\n"
    assert kept.only["reason"] == "body_timeout"


async def called(app: Any, scope: dict[str, Any], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Call an ASGI app by hand; gives what it sent."""
    sent: list[dict[str, Any]] = []
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def test_a_sender_that_goes_away_in_its_body_reaches_nobody_and_leaves_no_row() -> None:
    app, kept = watched()
    scope = {"type": "http", "method": "POST", "path": PATH, "headers": [], "query_string": b""}
    half = {"type": "http.request", "body": b"half", "more_body": True}
    assert await called(app, scope, [half, {"type": "http.disconnect"}]) == []
    assert kept.rows == []


async def test_what_comes_after_the_body_reaches_the_app() -> None:
    delivery, seen, kept = signed("shopify"), [], Kept()

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.extend([await receive(), await receive()])

    monitor = WebhookMonitor(
        inner,
        source="s",
        path=PATH,
        secret=SECRETS["shopify"],
        scheme="shopify",
        reporter=kept,
        now=lambda: NOW,
    )
    raw = [(name.lower().encode(), value.encode()) for name, value in delivery.headers.items()]
    parts = [
        {"type": "http.request", "body": delivery.body[:5], "more_body": True},
        {"type": "http.request", "body": delivery.body[5:], "more_body": False},
        {"type": "http.disconnect"},
    ]
    await called(monitor, {"type": "http", "method": "POST", "path": PATH, "headers": raw}, parts)
    assert seen == [
        {"type": "http.request", "body": delivery.body, "more_body": False},
        {"type": "http.disconnect"},
    ]
    assert kept.only["error_message"] == "the app gave no whole answer"


async def test_an_app_that_is_cancelled_leaves_a_row() -> None:
    async def handler(_: Request) -> Response:
        raise asyncio.CancelledError

    app, kept = watched(handler)
    delivery = signed("shopify")
    raw = [(name.lower().encode(), value.encode()) for name, value in delivery.headers.items()]
    scope = {"type": "http", "method": "POST", "path": PATH, "headers": raw, "query_string": b""}
    with pytest.raises(asyncio.CancelledError):
        await called(app, scope, [{"type": "http.request", "body": delivery.body}])
    assert kept.only["error_message"] == "the app raised CancelledError"


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_other_kinds_of_connections_pass_with_the_same_objects(kind: str) -> None:
    given: list[Any] = []

    async def inner(*arguments: Any) -> None:
        given.extend(arguments)

    monitor = WebhookMonitor(inner, source="s", path=PATH, secret="x", scheme="shopify", reporter=Kept())
    scope, receive, send = {"type": kind, "path": PATH}, object(), object()
    await monitor(scope, receive, send)
    assert all(one is other for one, other in zip(given, (scope, receive, send), strict=True))
