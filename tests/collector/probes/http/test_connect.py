"""Name lookup and the race between the addresses of a name."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from analytics.model import Reason
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.http_connect import Found, Resolver, connect, interleaved
from collector.probes.http_fetch import fetch
from collector.probes.http_transport import probe_client
from tests.collector.probes.http.server import Connection, answers, listening, serving
from tests.plugins.ports import free_port

V4, V6 = socket.AF_INET, socket.AF_INET6


def found(*addresses: tuple[int, str]) -> Found:
    return [(family, socket.SOCK_STREAM, 6, "", (address, 80)) for family, address in addresses]


@pytest.mark.parametrize(
    ("given", "order"),
    [
        (found((V4, "a")), ["a"]),
        (found((V6, "x"), (V6, "y"), (V4, "a"), (V4, "b")), ["x", "a", "y", "b"]),
        (found((V4, "a"), (V4, "b"), (V4, "c"), (V6, "x")), ["a", "x", "b", "c"]),
        (found((V4, "a"), (V4, "a"), (V6, "x"), (V4, "a")), ["a", "x"]),
    ],
)
def test_families_take_turns_and_no_address_comes_twice(given: Found, order: list[str]) -> None:
    assert interleaved(given) == order


async def test_who_asks_for_a_name_under_way_shares_the_answer() -> None:
    calls: list[tuple[str, int]] = []
    release = threading.Event()

    def look_up(host: str, port: int) -> Found:
        calls.append((host, port))
        assert release.wait(10)
        return found((V4, "192.0.2.1"))

    resolver = Resolver(look_up)
    gave_up, patient = (asyncio.create_task(resolver.addresses("a.example", 80)) for _ in range(2))
    await asyncio.sleep(0)
    gave_up.cancel()
    release.set()
    assert await patient == ["192.0.2.1"]
    assert gave_up.cancelled()
    assert calls == [("a.example", 80)]
    assert await resolver.addresses("a.example", 80) == ["192.0.2.1"]
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (socket.EAI_NONAME, "the name a.example does not exist"),
        (socket.EAI_NODATA, "the name a.example does not exist"),
        (socket.EAI_AGAIN, "the name a.example could not be looked up: no name server answers"),
        (socket.EAI_FAIL, "the name a.example could not be looked up"),
    ],
)
async def test_a_failed_lookup_says_what_failed(number: int, message: str) -> None:
    def look_up(_host: str, _port: int) -> Found:
        raise socket.gaierror(number, "it broke")

    async with probe_client(look_up=look_up) as client:
        with pytest.raises(ProbeFailure) as failed:
            await fetch(ProbeContext(client, 5), "GET", "http://a.example/")
    assert (failed.value.reason, failed.value.message) == (Reason.DNS, message)


async def test_a_name_that_is_none_is_a_failed_lookup() -> None:
    async with probe_client() as client:
        with pytest.raises(ProbeFailure) as failed:
            await fetch(ProbeContext(client, 5), "GET", f"http://{'a' * 64}.example/")
    assert failed.value.reason is Reason.DNS


@contextlib.contextmanager
def full_backlog(address: str, port: int) -> Iterator[None]:
    """A listener that lets nobody else in: who connects waits without an answer."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield


@contextlib.asynccontextmanager
async def second_address(port: int = 0) -> AsyncIterator[int]:
    """Somebody listens on 127.0.0.2, at the port this yields."""
    async with listening(Connection.stay_silent, host="127.0.0.2", port=port) as taken:
        yield taken


async def test_a_refused_address_gives_way_to_the_next() -> None:
    async with second_address() as port:
        stream = await connect(["127.0.0.1", "127.0.0.2"], port, stagger=30)
        assert stream.address == "127.0.0.2"
        await stream.aclose()


async def test_a_silent_address_gives_way_to_the_next() -> None:
    async with second_address(free_port("127.0.0.1", "127.0.0.2")) as port:
        with full_backlog("127.0.0.1", port):
            stream = await connect(["127.0.0.1", "127.0.0.2"], port, stagger=0.05)
            assert stream.address == "127.0.0.2"
            await stream.aclose()
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_of_several_failures_the_refusal_is_told() -> None:
    with pytest.raises(ConnectionRefusedError):
        await connect(["255.255.255.255", "127.0.0.1"], free_port())


async def test_a_cancelled_race_leaves_nothing_behind() -> None:
    port = free_port("127.0.0.1", "127.0.0.2")
    with full_backlog("127.0.0.1", port), full_backlog("127.0.0.2", port):
        task = asyncio.create_task(connect(["127.0.0.1", "127.0.0.2"], port, stagger=0))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_a_name_with_two_addresses_is_reached_at_the_one_that_answers() -> None:
    def look_up(_host: str, _port: int) -> Found:
        return found((V4, "127.0.0.3"), (V4, "127.0.0.1"))

    async with serving(answers(200)) as server, probe_client(look_up=look_up) as client:
        context = ProbeContext(client, 5)
        fetched = await fetch(context, "GET", server.url(host="a.example"))
    assert fetched.details["address"] == "127.0.0.1"
    assert server.requests[0].headers["host"] == f"a.example:{server.port}"
    assert list(context.steps.as_dict()) == ["dns", "connect", "first_byte", "transfer"]
