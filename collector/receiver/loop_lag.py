"""How late the event loop is: what waits for it waits as long, measured latencies of probes among it."""

import asyncio
from collections import deque

_EVERY_SECONDS = 0.25
_LOOK_BACK_SECONDS = 60.0


class LoopLag:
    """Samples the delay of the event loop while `run` runs."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque([0.0], maxlen=round(_LOOK_BACK_SECONDS / _EVERY_SECONDS))

    @property
    def worst_seconds(self) -> float:
        """The longest delay of the last minute."""
        return max(self._samples)

    async def run(self) -> None:
        """Sample until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY_SECONDS
            await asyncio.sleep(_EVERY_SECONDS)
            self._samples.append(max(0.0, loop.time() - due))
