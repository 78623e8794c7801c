"""HTTP servers inside a running event loop, and ports on which nobody listens while the script says so."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import uvicorn

from collector.demo.faulty import App

_HOST = "127.0.0.1"
_STOP_SECONDS = 3.0


class _Server(uvicorn.Server):
    """A server that leaves the signals of the process alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound_socket(port: int = 0) -> socket.socket:
    """A socket on 127.0.0.1 that does not listen yet; port 0 picks a free one. OSError when it is taken."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((_HOST, port))
    except OSError:
        sock.close()
        raise
    return sock


@asynccontextmanager
async def serving(app: App, sock: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on `sock` for as long as the body runs; connections still open at the end are cut."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=0,
        ws="none",
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not (server.started or task.done()):
        await asyncio.sleep(0.005)
    if task.done():
        task.result()
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([task], timeout=_STOP_SECONDS)
        task.cancel()


class Doorway:
    """An HTTP app on a port of its own that can be shut and opened again: shut, connections are refused."""

    def __init__(self, make_app: Callable[[], App]) -> None:
        self._make_app = make_app
        self._socket: socket.socket | None = bound_socket()
        self.port: int = self._socket.getsockname()[1]
        self._open = contextlib.AsyncExitStack()
        self.is_open = False

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return f"http://{_HOST}:{self.port}"

    async def open(self) -> None:
        """Begin to listen, with a new app: a server that was gone remembers nothing."""
        sock = self._socket or bound_socket(self.port)
        self._socket = None
        await self._open.enter_async_context(serving(self._make_app(), sock))
        self.is_open = True

    async def shut(self) -> None:
        """Stop listening."""
        await self._open.aclose()
        self.is_open = False
