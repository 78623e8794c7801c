"""One attempt of a probe as the collector makes it, and loopback servers that say what they are told to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from analytics.model import Attempt, Policy, ServiceKey, ServiceType
from collector.probes.base import ProbeKind, ServiceSpec
from collector.probes.runner import Runner
from collector.secrets import Redactor


async def attempt(
    kind: ProbeKind,
    timeout: float = 5.0,
    previous: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> Attempt:
    """One attempt through the real runner, with its deadline, its masking and its stamps."""
    spec = ServiceSpec(
        key=ServiceKey(ServiceType.INFRASTRUCTURE, "tested"),
        kind=kind,
        options=kind.options.model_validate(options),
        interval=timedelta(seconds=60),
        timeout=timedelta(seconds=timeout),
        policy=Policy(kind.basis, 1000, 3000, 3, timedelta(minutes=5)),
    )
    async with httpx.AsyncClient(verify=False) as http:
        runner = Runner(http, environment or {}, Redactor(), lambda: datetime.now(UTC))
        return await runner.run_attempt(spec, 1, previous)


def steps(done: Attempt) -> list[str]:
    """The names of the steps that were measured, in order."""
    return list(done.finding.details["steps_ms"])


@dataclass
class Talker:
    """A server that answers each message with the next of `answers`, and stays silent when they run out."""

    answers: list[bytes]
    later: list[bytes] = field(default_factory=list)
    """What connections after the first are told; empty for the same."""
    port: int = 0
    heard: list[list[bytes]] = field(default_factory=list)
    """What each connection sent."""

    ended: list[asyncio.Event] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard: list[bytes] = []
        ended = asyncio.Event()
        self.heard.append(heard)
        self.ended.append(ended)
        answers = iter(self.later if self.later and len(self.heard) > 1 else self.answers)
        with contextlib.suppress(ConnectionError):
            while message := await reader.read(65536):
                heard.append(message)
                answer = next(answers, b"")
                if answer == HANG_UP:
                    break
                writer.write(answer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        ended.set()


HANG_UP = b"(hangs up)"


@asynccontextmanager
async def talking(*answers: bytes) -> AsyncIterator[Talker]:
    """A `Talker` on a loopback port until the block ends; by then the other side has closed."""
    talker = Talker(list(answers))
    server = await asyncio.start_server(talker.serve, "127.0.0.1", 0)
    talker.port = server.sockets[0].getsockname()[1]
    async with server:
        yield talker
        async with asyncio.timeout(10):
            for ended in talker.ended:
                await ended.wait()
