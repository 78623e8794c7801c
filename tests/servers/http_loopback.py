"""HTTP servers on loopback that speak MCP, or do not, as a test says."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

Respond = Callable[[Request], Awaitable[Response]]
IDENTITY = {"name": "scripted", "version": "1.2.3"}
METHODS = ["GET", "POST", "DELETE"]


class _Server(uvicorn.Server):
    """Stops the moment it is told to; uvicorn itself takes a few tenths of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def main_loop(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self.ready.set()
        await self._stopping.wait()

    async def shutdown(self, sockets: Any = None) -> None:
        for _ in range(10):  # asyncio loses a connection that arrives while its server is closed
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=1)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)


@contextmanager
def serve(app: Any, certificate: Path | None = None) -> Iterator[str]:
    """Run an ASGI app on a free loopback port; gives its address without a path."""
    config = uvicorn.Config(
        app,
        port=0,
        log_level="critical",
        ws="none",
        loop="asyncio",
        lifespan="on",
        ssl_certfile=certificate,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, name="loopback")
    thread.start()
    assert server.ready.wait(20), "the loopback server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    finally:
        server.stop()
        thread.join()


def mounted(**apps: Starlette) -> Starlette:
    """Several SDK servers as one app, each under its name."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    return Starlette(routes=[Mount(f"/{name}", app) for name, app in apps.items()], lifespan=lifespan)


def responding(respond: Respond) -> Starlette:
    """One answer to every request."""
    return Starlette(routes=[Route("/{path:path}", respond, methods=METHODS)])


def always(status: int, **headers: str) -> Respond:
    """Answers everything with `status`; an underscore in the name of a header is a dash."""

    async def respond(_: Request) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return PlainTextResponse("no", status, headers=named)

    return respond


async def hang(request: Request) -> Response:
    """No answer until the other side gives up."""
    while not await request.is_disconnected():
        await asyncio.sleep(0.01)
    return Response()


@dataclass
class ScriptedMcp:
    """An MCP server over HTTP, written out by hand; `responses` replaces its answer to a method.

    `seen` lists what it was asked: JSON-RPC methods, and HTTP methods other than POST.
    """

    era: str = "both"
    tools: list[str] = field(default_factory=lambda: ["one", "two"])
    responses: dict[str, Respond] = field(default_factory=dict)
    session_id: str | None = None
    seen: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return responding(self.respond)

    async def respond(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if request.method != "POST":
            self.seen.append(request.method)
            return Response(status_code=405)
        message = json.loads(await request.body())
        method = message["method"]
        self.seen.append(method)
        if method in self.responses:
            return await self.responses[method](request)
        if "id" not in message:
            return Response(status_code=202)
        found = self.result(method)
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        reply |= {"result": found} if found else {"error": {"code": -32601, "message": "Method not found"}}
        headers = {"mcp-session-id": self.session_id} if self.session_id and method == "initialize" else {}
        return JSONResponse(reply, headers=headers)

    def result(self, method: str) -> dict[str, Any] | None:
        modern = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        capabilities = {"capabilities": {"tools": {}}}
        if method == "server/discover" and self.era != "legacy":
            meta = {"_meta": {"io.modelcontextprotocol/serverInfo": IDENTITY}}
            return {**modern, **capabilities, **meta, "supportedVersions": ["2026-07-28"]}
        if method == "initialize" and self.era != "modern":
            return {**capabilities, "protocolVersion": "2025-06-18", "serverInfo": IDENTITY}
        if method == "tools/list":
            listed = [{"name": name, "inputSchema": {"type": "object"}} for name in self.tools]
            return {**(modern if self.era != "legacy" else {}), "tools": listed}
        return None
