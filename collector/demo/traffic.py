"""The traffic as the demo sees it: a child process that calls the simulated APIs and sends deliveries."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from collector.demo.child import Child, running_child
from collector.demo.upstreams import Upstreams

_START_SECONDS = 30.0


@dataclass(frozen=True)
class Traffic:
    """Running traffic."""

    child: Child

    async def hold(self, elapsed: float | None) -> None:
        """Stand still at a moment of the script, as `Upstreams.hold`."""
        await self.child.tell({"hold": elapsed})
        await self.child.hear()

    async def stop(self) -> Mapping[str, int]:
        """End it; how many `calls`, `circuit_events` and `deliveries` it made, how many rows it `dropped`."""
        await self.child.end()
        return await self.child.hear()

    async def ended(self) -> None:
        """Returns when it has ended by itself."""
        await self.child.process.wait()


@asynccontextmanager
async def running_traffic(
    upstreams: Upstreams, receiver: str, token: str | None, pace: float = 1.0
) -> AsyncIterator[Traffic]:
    """Make traffic in a child process for as long as the body runs.

    Calls go to `upstreams`, their rows and the deliveries to the receiver at the URL `receiver`, whose bearer
    token is `token`. `pace` divides the pauses. Raises RuntimeError when it does not start.
    """
    async with running_child("collector.demo.traffic_process", "the demo's traffic") as child:
        async with asyncio.timeout(_START_SECONDS):
            await child.tell(
                {
                    "addresses": dict(upstreams.addresses),
                    "receiver": receiver,
                    "token": token,
                    "started": upstreams.clock.started,
                    "held_at": upstreams.clock.held_at,
                    "pace": pace,
                }
            )
            await child.hear()
        yield Traffic(child)
