"""Is it us? Whether the collector's own network is gone, so that its blindness is not taken for an outage."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from analytics.model import MONITOR_REASONS, TRANSPORT_REASONS, Finding, Reason

#: A canary answers or it does not; waiting longer would delay every verdict of the cycle.
_CANARY_SECONDS = 2.0
#: One look at the canary serves all services that fail together.
_REMEMBER_SECONDS = 3.0

OFFLINE = Finding(
    False,
    Reason.COLLECTOR_OFFLINE,
    "the collector's own network is down: no probe got through, and neither did the canary",
)


@dataclass
class Network:
    """What the probes of one cycle say about the collector's own network.

    `canaries` are `host:port` targets outside; with none the network is never taken for lost.
    """

    canaries: Sequence[str]
    clock: Callable[[], float] = time.monotonic
    _reached: bool = False
    _asked_at: float | None = None
    _answer: bool = True
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def begin_cycle(self) -> None:
        """Forget what the last cycle saw."""
        self._reached = False

    def saw(self, finding: Finding) -> None:
        """Take note of a finding of a probe that needs the network: any answer proves the network."""
        if finding.reason not in TRANSPORT_REASONS | MONITOR_REASONS:
            self._reached = True

    async def is_lost(self) -> bool:
        """True when no network probe of this cycle got an answer and no canary can be reached."""
        if self._reached or not self.canaries:
            return False
        async with self._lock:
            if self._asked_at is None or self.clock() - self._asked_at > _REMEMBER_SECONDS:
                self._answer = await self._any_canary()
                self._asked_at = self.clock()
        return not self._answer and not self._reached

    async def _any_canary(self) -> bool:
        return any(await asyncio.gather(*(_connects(canary) for canary in self.canaries)))


async def _connects(target: str) -> bool:
    host, _, port = target.rpartition(":")
    try:
        async with asyncio.timeout(_CANARY_SECONDS):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
