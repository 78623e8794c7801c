"""Starts a cycle every interval and never two at once; a missed one is not replayed.

`schedule` keeps the time. It plans from the moment a job ran, so it would drift by the length of each start;
`next_start` moves the plan back to the intended grid.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import schedule

from collector.log import Logger

#: The longest the loop sleeps before it looks at the clock again; a laptop's sleep is noticed this soon.
_LONGEST_SLEEP = timedelta(seconds=1)
#: What a stop may take: killing probes' processes and the write in hand.
STOP_SECONDS = 4.5


def next_start(intended: datetime, interval: timedelta, now: datetime) -> tuple[datetime, int]:
    """The first start after `now` on the grid of `intended` + n × `interval`, and how many were missed."""
    steps = max(1, -(-(now - intended) // interval))
    if intended + steps * interval <= now:
        steps += 1
    return intended + steps * interval, steps - 1


class Loop:
    """Runs `cycle` every `interval` until `stop` is set."""

    def __init__(
        self,
        cycle: Callable[[], Awaitable[None]],
        interval: timedelta,
        log: Logger,
        naive_now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._cycle = cycle
        self._interval = interval
        self._log = log
        self._naive_now = naive_now
        self._running: asyncio.Task[None] | None = None
        self._scheduler = schedule.Scheduler()
        self._job = self._scheduler.every(max(1, round(interval.total_seconds()))).seconds.do(self._start)
        self._job.next_run = naive_now()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the running cycle is cancelled, and what it knows is written."""
        while not stop.is_set():
            intended = self._job.next_run or self._naive_now()
            self._scheduler.run_pending()
            if self._job.next_run != intended:
                self._job.next_run, missed = next_start(intended, self._interval, self._naive_now())
                if missed:
                    self._log.warning("cycles_missed", count=missed)
            until_next = (self._job.next_run or intended) - self._naive_now()
            pause = min(max(until_next, timedelta(0)), _LONGEST_SLEEP).total_seconds()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
        await self._end_running()

    def _start(self) -> None:
        if self._running is not None and not self._running.done():
            self._log.warning("cycle_skipped", reason="the one before is still running")
            return
        self._running = asyncio.create_task(self._guarded())

    async def _guarded(self) -> None:
        try:
            await self._cycle()
        except Exception as error:  # noqa: BLE001  one bad cycle must not end the collector
            self._log.error("cycle_failed", error=f"{type(error).__name__}: {error}")

    async def _end_running(self) -> None:
        if self._running is None or self._running.done():
            return
        self._running.cancel()
        await asyncio.wait([self._running], timeout=STOP_SECONDS)
