"""The circuit breaker inside both faces of the client."""

import asyncio
import contextlib

import httpx
import pytest

from collector.client import ApiClient, CircuitBreaker, CircuitOpen, SyncApiClient
from tests.collector.client.breaking import NOW, Clock, opened
from tests.collector.client.faces import NEVER, Making, Rows, in_turn
from tests.collector.probes.http.server import Behaviour, Connection, Request, answers, says, serving

FINE, FAILING = answers(200), answers(503)


async def test_an_open_circuit_sends_nothing_and_still_leaves_a_row(making: Making) -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock=clock)
    async with (
        serving(in_turn(*[FAILING] * 5, FINE)) as server,
        making.client(breaker=breaker, retry=NEVER) as client,
    ):
        for _ in range(5):
            assert (await client.get(server.url())).status_code == 503
        with pytest.raises(CircuitOpen) as caught:
            await client.get(server.url("/x"))
        assert len(server.requests) == 5
        assert caught.value.request.url.path == "/x"
        row = making.rows.calls[-1]
        assert (row["status_code"], row["reason"], row["retries"]) == (None, "circuit_open", 0)
        assert "open until" in row["error_message"]
        clock.now += 30
        assert (await client.get(server.url())).status_code == 200
    assert making.rows.changes == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]
    assert {row["api_name"] for row in making.rows.events} == {"shop"}


async def test_client_errors_and_rate_limits_open_no_circuit(making: Making) -> None:
    async with (
        serving(in_turn(*[answers(404), answers(429)] * 5)) as server,
        making.client(retry=NEVER) as client,
    ):
        for _ in range(10):
            await client.get(server.url())
    assert making.rows.events == []


async def test_a_circuit_that_opens_ends_the_repetitions_of_other_calls(making: Making) -> None:
    breaker = CircuitBreaker(failures=1)
    early = breaker.enter("shop", NOW)

    async def behave(connection: Connection, request: Request) -> None:
        breaker.leave(early, failed=True)
        await FAILING(connection, request)

    async with serving(behave) as server, making.client(breaker=breaker) as client:
        assert (await client.get(server.url())).status_code == 503
        assert len(server.requests) == 1


async def test_a_trial_is_one_request(making: Making) -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 30
    async with serving(says(b"")) as server, making.client(breaker=breaker) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(server.url())
        assert len(server.requests) == 1
    assert making.rows.changes == [("open", "half_open"), ("half_open", "open")]


async def test_a_cancelled_trial_lets_the_next_call_try() -> None:
    clock, rows = Clock(), Rows()
    breaker = opened(clock)
    clock.now += 30
    arrived = asyncio.Event()

    async def silent(connection: Connection, _request: Request) -> None:
        arrived.set()
        await connection.stay_silent()

    async with (
        serving(in_turn(silent, FINE)) as server,
        ApiClient("shop", breaker=breaker, recorder=rows) as client,
    ):
        trial = asyncio.create_task(client.get(server.url()))
        await arrived.wait()
        trial.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trial
        assert (await client.get(server.url())).status_code == 200
    assert breaker.state == "closed"


async def test_tasks_at_once_get_one_trial_between_them() -> None:
    clock, rows = Clock(), Rows()
    breaker = opened(clock)
    clock.now += 30
    async with serving(FINE) as server, ApiClient("shop", breaker=breaker, recorder=rows) as client:
        results = await asyncio.gather(*(client.get(server.url()) for _ in range(20)), return_exceptions=True)
        assert len(server.requests) == 1
    assert sum(isinstance(result, CircuitOpen) for result in results) == 19
    assert len(rows.calls) == 20


async def test_without_a_breaker_nothing_is_refused(making: Making) -> None:
    async with serving(FAILING) as server, making.client(breaker=None, retry=NEVER) as client:
        for _ in range(12):
            await client.get(server.url())
    assert len(making.rows.calls) == 12


def test_each_client_has_a_breaker_of_its_own() -> None:
    with SyncApiClient("a", recorder=Rows()) as one, SyncApiClient("b", recorder=Rows()) as other:
        assert one.breaker is not other.breaker


@pytest.mark.parametrize("behave", [FAILING, says(b"")])
async def test_a_circuit_that_opens_during_a_pause_ends_the_repetitions(
    making: Making, behave: Behaviour
) -> None:
    breaker = CircuitBreaker(failures=1)
    early = breaker.enter("shop", NOW)

    def block(_seconds: float) -> None:
        breaker.leave(early, failed=True)

    async def wait(seconds: float) -> None:
        block(seconds)

    sleep = block if making.synchronous else wait
    async with serving(behave) as server, making.client(breaker=breaker, sleep=sleep) as client:
        with contextlib.suppress(httpx.RemoteProtocolError):
            assert (await client.get(server.url())).status_code == 503
        assert len(server.requests) == 1
    assert (making.rows.call["retries"], making.rows.call["reason"] in ("http_5xx", "connect")) == (0, True)


async def test_a_streamed_answer_that_stands_after_a_pause_can_still_be_read() -> None:
    breaker, rows = CircuitBreaker(failures=1), Rows()
    early = breaker.enter("shop", NOW)

    async def wait(_seconds: float) -> None:
        breaker.leave(early, failed=True)

    async with (
        serving(answers(503, b"why")) as server,
        ApiClient("shop", breaker=breaker, recorder=rows, sleep=wait) as client,
        client.stream("GET", server.url()) as response,
    ):
        assert await response.aread() == b"why"
    assert rows.call["status_code"] == 503
