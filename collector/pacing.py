"""Lets attempts begin only as fast as the event loop keeps up, so that no probe measures its own queue.

A thousand probes that start at once spend their first second waiting for each other, and each would count
that wait as the latency of its service. The pacer spreads the starts and holds them back while the loop is
late. It never limits how many attempts are under way: a thousand slow services wait side by side.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

#: Seconds between two starts when the loop keeps up: 1,000 starts take about 3 s, 16 take 48 ms.
GAP_SECONDS = 0.003
#: A loop that wakes up later than this, in seconds, is busy: no further start until it has caught up.
LATE_SECONDS = 0.002
#: Nobody waits longer than this, in seconds, for the loop to catch up: where other programs make it late,
#: waiting does not help, and 1,000 starts still take at most about 20 s.
PATIENCE_SECONDS = 0.02


class Pacer:
    """Gives turns one after the other, in the order they were asked for.

    `clock` is a monotonic clock and `sleep` waits, both in seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        gap: float = GAP_SECONDS,
        late: float = LATE_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._gap = gap
        self._late = late
        self._patience = patience
        self._line = asyncio.Lock()

    async def turn(self) -> None:
        """Return when this attempt may begin.

        Call it before anything is measured. Cancelling the wait gives the turn to the next in line.
        """
        async with self._line:
            asked = self._clock()
            while True:
                slept_at = self._clock()
                await self._sleep(self._gap)
                woke_at = self._clock()
                if woke_at - slept_at - self._gap <= self._late or woke_at - asked >= self._patience:
                    return
