"""Viewers without a browser: the same messages over the same websocket, a refresh every five seconds each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.dashboard.server import Server

EVERY_SECONDS = 5.0
_LARGEST = 64_000_000
_FINE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(slots=True)
class Seen:
    """What the viewers saw: how long first runs and refreshes took, in ms, and what the server spent."""

    first: list[float] = field(default_factory=list)
    refreshes: list[float] = field(default_factory=list)
    bytes: int = 0
    cpu_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def cpu_ms_a_refresh(self) -> float:
        """Processor time of the server, all of it, by refresh."""
        return 1000 * self.cpu_seconds / len(self.refreshes)

    @property
    def cores(self) -> float:
        """The share of one core the server took."""
        return self.cpu_seconds / self.seconds

    def refresh_ms(self, percent: int) -> float:
        """The time that so many percent of the refreshes did not exceed."""
        return quantiles(self.refreshes, n=100)[percent - 1]


def watch(server: Server, pages: Sequence[str], viewers: int, seconds: float) -> Seen:
    """`viewers` at once, evenly spread, on `pages` (addresses) in turn, refreshing for `seconds`."""
    return asyncio.run(_watch(server, pages, viewers, seconds))


def load(server: Server, page: str) -> float:
    """Open `page` once, as far as the server is concerned, and leave; the ms it took."""

    async def once() -> float:
        async with _connected(server) as socket:
            viewer = _Viewer(socket, page)
            return await viewer.open()

    return asyncio.run(once())


async def _watch(server: Server, pages: Sequence[str], viewers: int, seconds: float) -> Seen:
    seen, settled = Seen(), asyncio.Barrier(viewers + 1)
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(viewers):
            delay = EVERY_SECONDS * number / viewers
            group.create_task(_one(server, pages[number % len(pages)], delay, seen, settled, over))
        await settled.wait()
        # The first refresh of each comes soon after the first run of all; it is left out.
        await asyncio.sleep(EVERY_SECONDS)
        seen.refreshes.clear()
        seen.bytes = 0
        cpu, begun = server.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(seconds)
        seen.cpu_seconds, seen.seconds = server.cpu_seconds() - cpu, time.perf_counter() - begun
        over.set()
    return seen


async def _one(
    server: Server, page: str, delay: float, seen: Seen, settled: asyncio.Barrier, over: asyncio.Event
) -> None:
    async with _connected(server) as socket:
        viewer = _Viewer(socket, page)
        await asyncio.sleep(delay)
        seen.first.append(await viewer.open())
        await settled.wait()
        due = time.perf_counter() + delay
        while not over.is_set():
            due += EVERY_SECONDS
            await asyncio.sleep(max(0.0, due - time.perf_counter() - EVERY_SECONDS))
            if over.is_set():
                return
            seen.refreshes.append(await viewer.refresh())
            seen.bytes += viewer.received


def _connected(server: Server) -> connect:
    return connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        max_size=_LARGEST,
        compression=None,
        ping_interval=None,
    )


class _Viewer:
    """One page that somebody has open."""

    def __init__(self, socket: ClientConnection, page: str) -> None:
        self._socket = socket
        name, _, query = page.partition("?")
        self._state = ClientState(page_name=name, query_string=query)
        self._state.context_info.timezone = "Europe/Berlin"
        self._state.context_info.color_scheme = "light"
        self._page = page
        self.received = 0

    async def open(self) -> float:
        """The first run; how long it took, in ms."""
        took = await self._run()
        if not self._state.fragment_id:
            raise RuntimeError(f"/{self._page} does not refresh itself")
        return took

    async def refresh(self) -> float:
        """One refresh; how long it took, in ms."""
        return await self._run()

    async def _run(self) -> float:
        begun = time.perf_counter()
        self.received = 0
        await self._socket.send(BackMsg(rerun_script=self._state).SerializeToString())
        while True:
            told = await self._socket.recv()
            assert isinstance(told, bytes)
            self.received += len(told)
            message = ForwardMsg.FromString(told)
            if message.metadata.cacheable and message.hash not in self._state.cached_message_hashes:
                # As a browser does: what it has already is not sent again.
                self._state.cached_message_hashes.append(message.hash)
            match message.WhichOneof("type"):
                case "new_session":
                    self._state.page_script_hash = message.new_session.page_script_hash
                case "navigation":
                    self._state.page_script_hash = message.navigation.page_script_hash
                case "auto_rerun":
                    self._state.fragment_id = message.auto_rerun.fragment_id
                    self._state.is_auto_rerun = True
                case "session_event" if message.session_event.HasField("script_compilation_exception"):
                    raise RuntimeError(message.session_event.script_compilation_exception.message)
                case "script_finished":
                    if message.script_finished not in _FINE:
                        raise RuntimeError(f"/{self._page} was not drawn to its end")
                    return 1000 * (time.perf_counter() - begun)
