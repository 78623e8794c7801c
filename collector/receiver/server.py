"""Serves an ASGI app on a port, inside the event loop that runs already."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from analytics.listeners import listener
from collector.receiver.address import written_address
from collector.receiver.connections import bounded_protocol
from collector.receiver.settings import ReceiverSettings

_BACKLOG = 256
_ROUNDS = 10
#: What a cancelled request may take to end.
_GRACE_SECONDS = 0.5


class ListenError(Exception):
    """The address cannot be listened on; the message is one line for people."""


class _Server(uvicorn.Server):
    """A server that leaves the signals of the process alone, and ends within the time it is given.

    uvicorn waits for connections to close as long as a client pleases, and sleeps in between.
    """

    def __init__(self, config: uvicorn.Config, stop_seconds: float) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()
        self._stop_seconds = stop_seconds

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        while not self.stopping.is_set():
            await self.on_tick(0)  # the header Date
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for _ in range(_ROUNDS):  # asyncio loses a connection that arrives while its server is closed
            await asyncio.sleep(0)
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for seconds in (self._stop_seconds, _GRACE_SECONDS):
            requests = set(self.server_state.tasks)
            if requests:
                await asyncio.wait(requests, timeout=seconds)
            for request in self.server_state.tasks:
                request.cancel()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)


def listening_socket(settings: ReceiverSettings) -> socket.socket:
    """A socket bound to the address of `settings`. Raises `ListenError`."""
    sock = None
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # A name may lead to both families; programs try IPv4 sooner or later.
        family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and settings.host == "::":
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as error:
        if sock is not None:
            sock.close()
        raise ListenError(_why_not(settings, error)) from None
    sock.setblocking(False)
    return sock


def _why_not(settings: ReceiverSettings, error: OSError) -> str:
    address = settings.address
    if error.errno == errno.EADDRINUSE:
        other = written_address(settings.host, settings.port % 65535 + 1)
        by = listener(settings.port) or "another program"
        return (
            f"{address} is taken by {by}, perhaps another collector; "
            f"stop it, or listen elsewhere, as in HEALTH_LISTEN={other}"
        )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{address} is no address of this machine; set HEALTH_LISTEN to 127.0.0.1:{settings.port}"
    if error.errno == errno.EACCES:
        return f"{address} needs rights this process does not have; choose a port above 1023"
    return f"{address} cannot be listened on: {error.strerror or error}"


@asynccontextmanager
async def serving(
    settings: ReceiverSettings, app: ASGIApp, sock: socket.socket | None = None
) -> AsyncIterator[int]:
    """Serve `app` for as long as the body runs; gives the port.

    At the end requests may finish for `settings.stop_seconds`, then they are cancelled. Raises `ListenError`.
    """
    sock = sock or listening_socket(settings)
    config = uvicorn.Config(
        app,
        http=bounded_protocol(settings),
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=round(settings.keep_alive_seconds),
    )
    server = _Server(config, settings.stop_seconds)
    port: int = sock.getsockname()[1]
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not (server.started or task.done()):
        await asyncio.sleep(0)
    if task.done():
        task.result()
    try:
        yield port
    finally:
        server.stopping.set()
        await asyncio.wait([task], timeout=settings.stop_seconds + 2 * _GRACE_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
