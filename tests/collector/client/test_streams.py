"""Answers that are read piece by piece: both faces."""

import asyncio
import contextlib
from collections.abc import Callable

import httpx
import pytest

from collector.client import ApiClient, CircuitBreaker
from tests.collector.client.faces import Making, Rows, Speaking, in_thread, in_turn
from tests.collector.probes.http.server import answers, says, says_and_resets, says_and_waits, serving

PIECES = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
BROKEN = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n"


async def read(
    client: Speaking, url: str, then: Callable[[httpx.Response], None] = lambda _response: None
) -> bytes:
    real = client.client
    if isinstance(real, ApiClient):
        async with real.stream("GET", url) as response:
            then(response)
            return b"".join([part async for part in response.aiter_bytes()])

    def plain() -> bytes:
        with real.stream("GET", url) as response:
            then(response)
            return b"".join(response.iter_bytes())

    content: bytes = await in_thread(plain)
    return content


async def test_a_stream_is_one_row_at_its_end(making: Making) -> None:
    async with serving(says(PIECES)) as server, making.client() as client:
        assert await read(client, server.url("/v1/chat/42"), lambda _: None) == b"onetwo"
    row = making.rows.call
    assert (row["endpoint"], row["status_code"], row["error_message"]) == ("/v1/chat/{id}", 200, None)


async def test_a_stream_is_repeated_until_it_begins(making: Making) -> None:
    async with serving(in_turn(answers(503), says(b""), says(PIECES))) as server, making.client() as client:
        assert await read(client, server.url()) == b"onetwo"
        assert len(server.requests) == 3
    assert making.rows.call["retries"] == 2


async def test_a_stream_that_breaks_off_is_a_failure_and_not_repeated(making: Making) -> None:
    async with serving(says_and_resets(BROKEN)) as server, making.client() as client:
        with pytest.raises(httpx.TransportError):
            await read(client, server.url())
        assert len(server.requests) == 1
    assert (making.rows.call["status_code"], making.rows.call["reason"]) == (None, "connect")


async def test_what_the_reader_raises_is_no_failure_of_the_api(making: Making) -> None:
    def fail(_response: httpx.Response) -> None:
        raise KeyError("the reader's own")

    async with serving(says(PIECES)) as server, making.client() as client:
        with pytest.raises(KeyError, match="the reader's own"):
            await read(client, server.url(), fail)
    row = making.rows.call
    assert (row["status_code"], row["reason"], row["error_message"]) == (200, None, None)


async def test_the_circuit_does_not_wait_for_a_long_stream(making: Making) -> None:
    now = [0.0]
    breaker = CircuitBreaker(failures=1, clock=lambda: now[0])
    states: list[str] = []
    async with (
        serving(in_turn(answers(500), says(PIECES))) as server,
        making.client(breaker=breaker) as client,
    ):
        await client.request("POST", server.url())
        now[0] = 30.0
        await read(client, server.url(), lambda _: states.append(breaker.state))
    assert states == ["closed"]
    assert making.rows.changes == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]


async def test_a_stream_that_is_left_early_closes_its_connection(making: Making) -> None:
    async with serving(says(PIECES)) as server, making.client() as client:
        responses: list[httpx.Response] = []

        class Enough(Exception):
            pass

        def leave(response: httpx.Response) -> None:
            responses.append(response)
            raise Enough

        with contextlib.suppress(Enough):
            await read(client, server.url(), leave)
        assert responses[0].is_closed


async def stopped(client: Speaking, url: str, stop: BaseException) -> None:
    """Read one piece of a stream, then end as `stop` says."""
    real = client.client
    if isinstance(real, ApiClient):
        with contextlib.suppress(type(stop)):
            async with real.stream("GET", url) as response:
                await anext(response.aiter_raw())
                raise stop
        return

    def plain() -> None:
        with contextlib.suppress(type(stop)), real.stream("GET", url) as response:
            next(response.iter_raw())
            raise stop

    await in_thread(plain)


@pytest.mark.parametrize("stop", [GeneratorExit(), asyncio.CancelledError(), KeyboardInterrupt()])
@pytest.mark.parametrize(("status", "reason"), [(200, None), (404, "http_4xx")])
async def test_a_stream_that_its_reader_stops_is_what_the_api_answered(
    making: Making, stop: BaseException, status: int, reason: str | None
) -> None:
    pieces = PIECES.replace(b"200 OK", b"%d Yes" % status)
    async with serving(says(pieces)) as server, making.client() as client:
        await stopped(client, server.url(), stop)
    row = making.rows.call
    assert (row["status_code"], row["reason"]) == (status, reason)
    assert row["error_message"] == (None if reason is None else "answered 404 Not Found")


async def test_a_cancelled_reader_of_a_stream_leaves_the_status_that_came() -> None:
    rows, begun = Rows(), asyncio.Event()

    async def reads(client: ApiClient, url: str) -> None:
        async with client.stream("GET", url) as response:
            async for _part in response.aiter_raw():
                begun.set()

    async with serving(says_and_waits(BROKEN)) as server, ApiClient("openai", recorder=rows) as client:
        task = asyncio.create_task(reads(client, server.url()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (rows.call["status_code"], rows.call["reason"], rows.call["error_message"]) == (200, None, None)
