"""The collector's own network: a lost one is told from a dead service."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from analytics.model import Finding, Reason
from collector.network import Network
from tests.plugins.ports import free_port

REFUSED = Finding(False, Reason.CONNECT, "refused")
ANSWERED = Finding(True, Reason.OK, "")


@pytest.fixture
async def canary() -> AsyncIterator[str]:
    """A server outside that accepts connections."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


def dead() -> str:
    return f"127.0.0.1:{free_port()}"


async def test_lost_when_nothing_and_no_canary_answers() -> None:
    network = Network([dead(), dead()])
    network.saw(REFUSED)
    assert await network.is_lost()


async def test_one_canary_is_enough(canary: str) -> None:
    assert not await Network([dead(), canary]).is_lost()


@pytest.mark.parametrize(
    ("finding", "lost"),
    [
        (ANSWERED, False),
        (Finding(False, Reason.HTTP_5XX, "500"), False),
        (Finding(False, Reason.AUTH, "401"), False),
        (Finding(False, Reason.DNS, "no such name"), True),
        (Finding(False, Reason.TIMEOUT, "no answer"), True),
        (Finding(False, Reason.MISSING_CREDENTIALS, "not set"), True),
        (Finding(False, Reason.COLLECTOR_ERROR, "bug"), True),
    ],
)
async def test_any_answer_proves_the_network(finding: Finding, lost: bool) -> None:
    network = Network([dead()])
    network.saw(finding)
    assert await network.is_lost() is lost


async def test_the_proof_holds_for_one_cycle() -> None:
    network = Network([dead()])
    network.saw(ANSWERED)
    network.begin_cycle()
    assert await network.is_lost()


async def test_without_canaries_the_network_is_never_lost() -> None:
    network = Network([])
    network.saw(REFUSED)
    assert not await network.is_lost()


async def test_services_that_fail_together_ask_once() -> None:
    asked = 0

    async def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    network = Network([f"127.0.0.1:{server.sockets[0].getsockname()[1]}"])
    assert await asyncio.gather(*(network.is_lost() for _ in range(20))) == [False] * 20
    server.close()
    await server.wait_closed()
    assert asked == 1
