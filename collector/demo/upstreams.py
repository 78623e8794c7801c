"""The simulated upstreams as the demo sees them: their addresses, and the time in the script."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from collector.demo.child import ROOT, Child, running_child
from collector.demo.stage import ScriptClock

__all__ = ["ROOT", "Upstreams", "running_upstreams"]

_START_SECONDS = 30.0


@dataclass(frozen=True)
class Upstreams:
    """Running upstreams.

    `addresses` holds a URL for each `type/name` that is reached over the network, that of the `stage`, which
    a server started for a check asks for its fault, of the `application` that processes deliveries, of the
    `inbox` where alerts arrive, and of the `status-pages` of vendors.
    `clock` is the time in the script.
    """

    addresses: Mapping[str, str]
    clock: ScriptClock
    child: Child

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process that plays them."""
        return self.child.process

    async def hold(self, elapsed: float | None) -> None:
        """Stand still at a moment of the script, in seconds; None goes on. Returns when it is so."""
        await self.child.tell({"hold": elapsed})
        await self.child.hear()
        self.clock.hold(elapsed)


@asynccontextmanager
async def running_upstreams() -> AsyncIterator[Upstreams]:
    """Start the upstreams in a child process, and end it afterwards.

    Raises RuntimeError when it does not start.
    """
    async with running_child("collector.demo.upstreams_process", "the simulated upstreams") as child:
        async with asyncio.timeout(_START_SECONDS):
            told = await child.hear()
        yield Upstreams(told["addresses"], ScriptClock(told["started"]), child)
