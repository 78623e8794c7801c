"""An attempt that is cut off closes its connection, at whatever moment the deadline strikes."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from collector.probes.http import KIND
from collector.probes.http_connect import connect
from collector.probes.http_fetch import BODY_LIMIT
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import Connection, listening, response

#: More turns of the event loop than an attempt takes.
_TURNS = 40


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    """The garbage collector would close what was forgotten."""
    gc.disable()
    yield
    gc.enable()


@contextlib.asynccontextmanager
async def host(answer: bytes) -> AsyncIterator[tuple[int, set[int]]]:
    """A server that says `answer` and waits until the other side leaves: its port, and who is connected."""
    connected: set[int] = set()

    async def serve(connection: Connection) -> None:
        connected.add(id(connection))
        connection.writer.write(answer)
        with contextlib.suppress(OSError):
            await connection.stay_silent()
        connected.remove(id(connection))

    async with listening(serve) as port:
        yield port, connected


async def stays_connected(start: Callable[[], Awaitable[object]], connected: set[int]) -> int | None:
    """After how many turns of the loop `start()` must be cut off to stay `connected`; None if after none."""
    for turns in range(1, _TURNS):
        task = asyncio.ensure_future(start())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                while connected:
                    await asyncio.sleep(0)
        if connected:
            return turns
    return None


@pytest.mark.parametrize(
    "answer",
    [b"", response(200, "all")[:-1], response(200, "all"), response(200, bytes(BODY_LIMIT + 1))],
    ids=["none", "half of it", "all of it", "more than is read"],
)
async def test_cut_off_while_it_is_answered(answer: bytes) -> None:
    async with host(answer) as (port, connected):
        options = {"url": f"http://127.0.0.1:{port}"}
        assert await stays_connected(lambda: attempt(KIND, options), connected) is None


async def test_cut_off_while_one_of_two_addresses_wins() -> None:
    async with host(b"") as (port, connected):

        async def race() -> None:
            await (await connect(["127.0.0.2", "127.0.0.1"], port)).aclose()

        assert await stays_connected(race, connected) is None
