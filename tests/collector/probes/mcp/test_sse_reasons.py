"""What a server over the older SSE transport can do wrong, and the reason and the sentence it is given."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from analytics.model import Reason
from tests.collector.probes.mcp.checking import Checker
from tests.servers.http_loopback import Respond, always, responding, serve


def open_stream(request: Request, more: bytes = b"") -> Response:
    """An SSE stream that says where messages go, sends `more`, and stays open."""

    async def stream() -> Any:
        yield b"event: endpoint\ndata: /messages\n\n" + more
        while not await request.is_disconnected():
            await asyncio.sleep(0.01)

    return StreamingResponse(stream(), media_type="text/event-stream")


@pytest.mark.parametrize(("status", "reason"), [(401, Reason.AUTH), (500, Reason.HTTP_5XX)])
async def test_a_message_refused_over_sse(mcp: Checker, status: int, reason: Reason) -> None:
    async def respond(request: Request) -> Response:
        return PlainTextResponse("no", status) if request.method == "POST" else open_stream(request)

    with serve(responding(respond)) as address:
        attempt = await mcp.check(url=f"{address}/sse", transport="sse")
    assert attempt.finding.reason is reason
    assert attempt.finding.message.startswith(f"answered {status} ")
    assert attempt.duration_ms < 3000


@pytest.mark.parametrize(
    ("respond", "reason", "message"),
    [
        (always(401), Reason.AUTH, "answered 401 Unauthorized"),
        (always(503), Reason.HTTP_5XX, "answered 503 Service Unavailable"),
        (always(200), Reason.PROTOCOL, "answered 200 OK with text/plain, which is not MCP"),
    ],
)
async def test_no_stream_over_sse(mcp: Checker, respond: Respond, reason: Reason, message: str) -> None:
    with serve(responding(respond)) as address:
        finding = (await mcp.check(url=f"{address}/sse", transport="sse", timeout=3)).finding
    assert (finding.reason, finding.message) == (reason, message)


async def test_garbage_over_sse(mcp: Checker) -> None:
    async def respond(request: Request) -> Response:
        if request.method == "POST":
            return Response(status_code=202)
        return open_stream(request, b"event: message\ndata: {oops\n\n")

    with serve(responding(respond)) as address:
        finding = (await mcp.check(url=f"{address}/sse", transport="sse", timeout=5)).finding
    assert finding.reason is Reason.PROTOCOL
    assert finding.message == "the answer to discover is not JSON-RPC"


async def test_a_stream_that_breaks_off(mcp: Checker) -> None:
    async def respond(request: Request) -> Response:
        if request.method == "POST":
            return Response(status_code=202)
        return StreamingResponse(
            iter([b"event: endpoint\ndata: /messages\n\n"]), media_type="text/event-stream"
        )

    with serve(responding(respond)) as address:
        finding = (await mcp.check(url=f"{address}/sse", transport="sse", timeout=5)).finding
    assert finding.reason is Reason.CONNECT
    assert finding.message.startswith("the server closed the connection without an answer")
