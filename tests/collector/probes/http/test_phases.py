"""The phases of a request, and that they add up."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from collector.probes.base import ProbeContext, Steps
from collector.probes.http import KIND
from collector.probes.http_fetch import fetch
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import (
    Behaviour,
    Connection,
    Request,
    response,
    routes,
    serving,
)


def slow(*pauses_ms: float) -> Behaviour:
    """A body sent in pieces, each after its pause; the first pause is before the headers."""

    async def behave(connection: Connection, _request: Request) -> None:
        await asyncio.sleep(pauses_ms[0] / 1000)
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for pause in pauses_ms[1:]:
            await asyncio.sleep(pause / 1000)
            await connection.send(b"piece")

    return behave


@pytest.mark.parametrize("pauses", [(0,), (40,), (0, 40), (20, 20, 20), (5, 1, 1, 1, 30)])
async def test_phases_add_up_to_the_latency(pauses: Sequence[float]) -> None:
    async with serving(slow(*pauses)) as server:
        found = await attempt(KIND, {"url": server.url()})
    phases = found.finding.details["steps_ms"]
    assert list(phases) == ["connect", "first_byte", "transfer"]
    assert phases["first_byte"] + phases["transfer"] >= sum(pauses) - 1
    assert sum(phases.values()) <= found.response_time_ms + 0.01 <= found.duration_ms + 0.02
    assert found.response_time_ms - sum(phases.values()) < 50


async def test_phases_of_redirects_add_up() -> None:
    table = {"/": response(302, location="/slow"), "/slow": slow(30)}
    async with serving(routes(table)) as server:
        found = await attempt(KIND, {"url": server.url()})
    phases = found.finding.details["steps_ms"]
    assert list(phases) == ["connect", "first_byte", "transfer"]
    assert phases["first_byte"] >= 29
    assert sum(phases.values()) <= found.response_time_ms + 0.01


async def test_any_httpx_client_will_do() -> None:
    """Who injects a client of their own gets everything but the phases of the connection."""
    async with serving(slow(0)) as server, httpx.AsyncClient(verify=False) as client:
        context = ProbeContext(client, 5)
        fetched = await fetch(context, "GET", server.url())
    assert fetched.status == 200
    assert list(context.steps.as_dict()) == ["transfer"]


def test_nothing_is_lost_between_a_step_and_the_one_that_follows() -> None:
    moments = iter([10.0, 10.002, 10.009])
    steps = Steps(lambda: next(moments))
    with steps.step("first_byte"):
        pass
    with steps.step("transfer", follows=True):
        pass
    assert steps.as_dict() == {"first_byte": 2.0, "transfer": 7.0}


def test_a_first_step_begins_by_itself() -> None:
    moments = iter([10.0, 10.004])
    steps = Steps(lambda: next(moments))
    with steps.step("transfer", follows=True):
        pass
    assert steps.as_dict() == {"transfer": 4.0}
