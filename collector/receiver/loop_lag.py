"""How late the event loop is: what waits for it waits as long, measured latencies of probes among it."""

import asyncio
from bisect import bisect_left
from collections import deque
from itertools import accumulate

_EVERY_SECONDS = 0.05
_LOOK_BACK_SECONDS = 60.0
#: Upper bounds of the histogram, in seconds; what is later than the last is in a bucket of its own.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class LoopLag:
    """Samples the delay of the event loop while `run` runs."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque([0.0], maxlen=round(_LOOK_BACK_SECONDS / _EVERY_SECONDS))
        self._counts = [0] * (len(BOUNDS) + 1)
        self.sum_seconds = 0.0

    @property
    def worst_seconds(self) -> float:
        """The longest delay of the last minute."""
        return max(self._recent)

    @property
    def buckets(self) -> list[tuple[str, int]]:
        """Bound and how many samples since the start were not above it, as Prometheus writes a histogram."""
        return list(zip([*map(str, BOUNDS), "+Inf"], accumulate(self._counts), strict=True))

    def saw(self, seconds: float) -> None:
        """Take in one delay."""
        self._recent.append(seconds)
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum_seconds += seconds

    async def run(self) -> None:
        """Sample until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY_SECONDS
            await asyncio.sleep(_EVERY_SECONDS)
            self.saw(max(0.0, loop.time() - due))
