"""Keeps the year: hours that are over are summed up, then what is older than it is kept for is deleted.

All of it in small transactions with pauses between them, so that a month that was never summed up, or a year
to be deleted, keeps no cycle waiting. Where one ends, the next collector goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics.coverage import read_state
from analytics.db import Connection, Location, read_only, transact
from analytics.rollups import delete_raw, delete_rollups, next_step, proven_now, take
from collector.log import Logger

#: Two minutes after its end an hour counts as over, so a look a minute is soon enough.
_LOOK_AGAIN_SECONDS = 60.0
#: After each transaction, as long as there is more to do. A cycle that is due has its turn.
_PAUSE_SECONDS = 0.5
#: A collector that is started for each cycle does so much at most; with one a day that is still enough.
_MOST_STEPS_ONCE = 8
#: A day at once takes 50 ms; an hour takes as long, and one a day 20 times that, when DuckDB gathers what
#: remains of the blocks that rows were deleted from (measured with 100,000 calls a day).
_DELETED_AT_ONCE = timedelta(days=1)


@dataclass
class Keeping:
    """Sums up and deletes. Single rows are kept for `retention`, sums for `months` and at least as long.

    `failure` says why the newest step failed, None when it did not. `summed_until` is up to when hours
    were summed up at the newest look, None before any.
    """

    location: Location
    retention: timedelta
    months: int
    log: Logger
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    failure: str | None = None
    summed_until: datetime | None = None
    _rows_deleted: datetime | None = field(default=None, init=False)
    _sums_deleted: datetime | None = field(default=None, init=False)

    async def run(self) -> None:
        """Do what is due until cancelled. A step that fails is tried again a minute later."""
        while True:
            more = await self.step()
            await self.sleep(_PAUSE_SECONDS if more else _LOOK_AGAIN_SECONDS)

    async def once(self) -> None:
        """Do what is due, as far as that is done quickly."""
        for _ in range(_MOST_STEPS_ONCE):
            if not await self.step():
                return

    async def step(self) -> bool:
        """One transaction of what is due; whether there was something. Trouble is told once, never raised."""
        try:
            done = await asyncio.to_thread(self._step)
        except Exception as error:  # noqa: BLE001  whatever it is, monitoring goes on
            self._failed(f"{type(error).__name__}: {error}")
            return False
        self.failure = None
        return done

    def _failed(self, reason: str) -> None:
        if self.failure != reason:
            self.log.error("keeping_failed", reason=reason)
        self.failure = reason

    def _step(self) -> bool:
        now = self.now()
        return self._roll_up(now) or self._delete_rows(now) or self._delete_sums(now)

    def _roll_up(self, now: datetime) -> bool:
        """Sum up some hours. Asked for before the transaction, and in it again: another may be faster."""
        with read_only(self.location) as connection:
            self.summed_until = read_state(connection).rolled_until
            if next_step(connection, now) is None:
                return False

        def work(connection: Connection) -> None:
            step = next_step(connection, now)
            if step is not None:
                take(connection, step)

        transact(self.location, work)
        return True

    def _delete_rows(self, now: datetime) -> bool:
        """Delete some of the single rows that are old enough; looked at once a day."""
        if self._rows_deleted == day_of(now - self.retention):
            return False
        proven = self._proven(now)
        before = None if proven is None else day_of(proven - self.retention)
        if before is None or self._rows_deleted == before:
            return False
        deleted = transact(self.location, lambda connection: delete_raw(connection, before, _DELETED_AT_ONCE))
        if not deleted:
            self._rows_deleted = before
        return bool(deleted)

    def _delete_sums(self, now: datetime) -> bool:
        """Delete what is older than all that is kept; looked at once a day."""
        if self._sums_deleted == self._sums_kept(now):
            return False
        proven = self._proven(now)
        before = None if proven is None else self._sums_kept(proven)
        if before is None or self._sums_deleted == before:
            return False
        transact(self.location, lambda connection: delete_rollups(connection, before))
        self._sums_deleted = before
        return False

    def _sums_kept(self, time: datetime) -> datetime:
        """From when on sums are kept at `time`."""
        return day_of(min(months_before(time, self.months), time - self.retention))

    def _proven(self, now: datetime) -> datetime | None:
        """The time that deleting goes by: what the clock says may be wrong, and what is deleted is gone."""
        with read_only(self.location) as connection:
            return proven_now(connection, now)


def day_of(time: datetime) -> datetime:
    """The start of the day that `time`, in UTC, lies in."""
    return time.replace(hour=0, minute=0, second=0, microsecond=0)


def months_before(time: datetime, months: int) -> datetime:
    """The same day so many months ago, or the last one that month had."""
    number = time.year * 12 + time.month - 1 - months
    first = time.replace(year=number // 12, month=number % 12 + 1, day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=min(time.day, (following - first).days) - 1)
