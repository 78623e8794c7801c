"""A small HTTP server on loopback that does exactly what a test tells it, also what no server should do."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """One request as it arrived. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Connection:
    """The server's end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        endpoint = self.writer.get_extra_info("socket")
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def stay_silent(self) -> None:
        """Keep the connection open until the other side leaves."""
        await self.reader.read()


Behaviour = Callable[[Connection, Request], Awaitable[None]]


@dataclass
class Server:
    """A running server: where it is, what it was asked, and how many connections it saw."""

    port: int
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


@contextlib.asynccontextmanager
async def serving(
    behave: Behaviour, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """Serve one request a connection with `behave`, then close."""
    server = Server(0, "https" if tls else "http")

    async def serve(connection: Connection) -> None:
        server.connections += 1
        request = await _read_request(connection.reader)
        server.requests.append(request)
        await behave(connection, request)

    async with listening(serve, tls, host) as server.port:
        yield server


@contextlib.asynccontextmanager
async def listening(
    talk: Callable[[Connection], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[int]:
    """Give every connection to `talk`, then close it; yields the port. For what is not even HTTP."""
    running: set[asyncio.Task[None]] = set()

    async def serve(connection: Connection) -> None:
        try:
            await talk(connection)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            connection.writer.close()
            with contextlib.suppress(OSError):
                await connection.writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(Connection(reader, writer)))
        running.add(task)
        task.add_done_callback(running.discard)

    listener = await asyncio.start_server(accept, host, port, ssl=tls)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


def response(status: int, body: bytes | str = b"", **headers: str) -> bytes:
    """A whole response; `retry_after="5"` becomes the header `retry-after: 5`."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Anything", f"content-length: {len(content)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


def answers(status: int = 200, body: bytes | str = b"", **headers: str) -> Behaviour:
    """Answer everything the same way."""
    return says(response(status, body, **headers))


def says(data: bytes) -> Behaviour:
    """Answer with exactly these bytes, then close."""

    async def behave(connection: Connection, _request: Request) -> None:
        await connection.send(data)

    return behave


def says_and_waits(data: bytes) -> Behaviour:
    """Answer with exactly these bytes, then stay silent."""

    async def behave(connection: Connection, _request: Request) -> None:
        await connection.send(data)
        await connection.stay_silent()

    return behave


def says_and_resets(data: bytes) -> Behaviour:
    """Send these bytes; once they are on their way, reset the connection."""

    async def behave(connection: Connection, _request: Request) -> None:
        await connection.send(data)
        connection.reset()

    return behave


def routes(table: dict[str, bytes | Behaviour]) -> Behaviour:
    """A response or a behaviour for each path (without query string); any other path is a 404."""

    async def behave(connection: Connection, request: Request) -> None:
        found = table.get(request.path.partition("?")[0], response(404))
        if isinstance(found, bytes):
            await connection.send(found)
        else:
            await found(connection, request)

    return behave


def json_response(value: Any, status: int = 200, **headers: str) -> bytes:
    """A whole response with a JSON body."""
    return response(status, json.dumps(value), content_type="application/json", **headers)
