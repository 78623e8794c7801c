"""Things that are begun at the rhythm of the day and go on side by side, a bounded number of them."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from collector.demo.pace import pause, per_second
from collector.demo.rhythm import load
from collector.demo.stage import ScriptClock

#: So many are under way at most; further ones wait to begin.
_AT_ONCE = 100


class Over(Exception):
    """The end has come: who waits for something goes home."""


@dataclass
class Errands:
    """What is under way. `pace` divides all waiting, for whoever wants to see a day in seconds."""

    clock: ScriptClock
    pace: float = 1.0
    chance: random.Random = field(default_factory=random.Random)
    wall_clock: Callable[[], float] = time.time
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self, errand: Coroutine[Any, Any, None]) -> None:
        """Let `errand` go on beside the others; returns when it has begun."""
        try:
            await self._turn.acquire()
        except asyncio.CancelledError:
            errand.close()
            raise
        task = asyncio.create_task(self._run(errand))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    async def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(Over):
            await errand

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._turn.release()

    def drawn_pause(self, per_hour: float) -> float:
        """Seconds until the next of what happens so often an hour in the mean of a week."""
        rate = per_second(per_hour, self.clock.elapsed(), self.wall_clock())
        return pause(rate, self.chance)

    def load(self) -> float:
        """How busy it is now, 0 to 1."""
        return load(self.wall_clock())

    async def wait(self, seconds: float) -> None:
        """Let `seconds` pass, at the pace of this run. Raises `Over` at the end."""
        await self.rest(seconds / self.pace)

    async def rest(self, seconds: float) -> None:
        """Let `seconds` pass, as they are. Raises `Over` at the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        if self._over.is_set():
            raise Over

    async def finish(self, within: float) -> None:
        """Send home who waits, and let what is under way come to its end for so many seconds."""
        self._over.set()
        if self._under_way:
            await asyncio.wait(set(self._under_way), timeout=within)

    async def give_up(self) -> None:
        """Cancel what is still under way."""
        left = set(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
