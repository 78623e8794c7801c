"""Rows of real traffic on their way into the file: many senders, few transactions, nothing accepted is lost.

Whoever sends waits in `store` until its rows are committed. Meanwhile the rows of all others gather, and go
into the next transaction together. What waits is bounded: a full intake refuses and says when to come again.
Everything here runs in one event loop; only the transaction has a thread of its own.
"""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from analytics.db import DatabaseError
from collector.intake_batch import Batch, Row, Stored, Told, batch_of, resolve, tell
from collector.log import Logger

__all__ = ["Batch", "Commit", "Intake", "IntakeFull", "IntakeUnavailable", "Row", "Stored"]

#: About 100 MB of rows.
CAPACITY = 200_000
#: One transaction takes a tenth of a second for so many; more would keep readers out for longer.
_MOST_AT_ONCE = 50_000
#: So many rows would keep the event loop for milliseconds when their ids are looked at.
_MANY = 1000
#: Between two transactions the file is left to its readers for at least so long; senders gather meanwhile.
_PAUSE_SECONDS = 0.05
#: How long to wait after the database could not be written.
_AGAIN_SECONDS = 1.0


class IntakeFull(Exception):
    """More rows wait than may; come again in `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many rows wait to be written; come again in {retry_after:g} s")
        self.retry_after = retry_after


class IntakeUnavailable(Exception):
    """The database cannot be written now, and nothing of the rows is stored; the message says why."""


#: Commits batches in one transaction and returns what became of each; raises a `DatabaseError`, with nothing
#: stored, or anything else when the database refuses a row.
Commit = Callable[[Sequence[Batch]], Sequence[Stored]]


@dataclass
class Intake:
    """The waiting rows. Until `run` works on them, nothing is written.

    The counters say what became of all rows so far: stored and duplicates by table, dropped ones of those
    that nobody waited for.
    """

    log: Logger
    capacity_rows: int = CAPACITY
    clock: Callable[[], float] = time.monotonic
    stored_rows: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    dropped_rows: int = 0
    waiting_rows: int = 0
    commits: int = 0
    last_commit_ms: float = 0.0
    failure: str | None = None
    _waiting: deque[Batch] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    #: Of its own, so that no name lookup of others keeps a write waiting.
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "intake"))

    async def store(self, table: str, rows: Sequence[Row]) -> Stored:
        """Returns when `rows` are committed. A row without an `id` gets one.

        Raises `IntakeFull` at once, or `IntakeUnavailable`; then nothing of `rows` is stored.
        """
        if len(rows) < _MANY:
            batch = batch_of(table, rows)
        else:
            batch = await asyncio.to_thread(batch_of, table, rows)
        if not batch.rows:
            return Stored(0, 0)
        if self.waiting_rows and self.waiting_rows + len(batch.rows) > self.capacity_rows:
            raise IntakeFull(self._retry_after())
        batch.told = asyncio.get_running_loop().create_future()
        self._enqueue(batch)
        # Shielded: a sender that goes away takes nothing back of what it sent.
        return await asyncio.shield(batch.told)

    def offer(self, table: str, rows: Sequence[Row]) -> int:
        """Take `rows` without anybody waiting for them; returns how many did not fit, which are lost."""
        room = max(0, self.capacity_rows - self.waiting_rows)
        dropped = max(0, len(rows) - room)
        self.dropped_rows += dropped
        if rows[:room]:
            self._enqueue(batch_of(table, rows[:room]))
        return dropped

    async def run(self, commit: Commit) -> None:
        """Commit what comes until cancelled; then once more, so that nothing accepted is left behind."""
        try:
            while True:
                await self._more.wait()
                try:
                    pause = await self._commit(commit, self._take())
                except Exception as error:  # noqa: BLE001  nothing may end what writes the rows of all
                    self.failure, pause = f"{type(error).__name__}: {error}", _AGAIN_SECONDS
                if self.waiting_rows < _MOST_AT_ONCE or self.failure:
                    await asyncio.sleep(pause)
        except asyncio.CancelledError:
            self.failure = None  # one more try, whatever went wrong before
            while self._waiting and not self.failure:
                await self._commit(commit, self._take())
            self._give_up_waiting()
            raise

    def _enqueue(self, batch: Batch) -> None:
        self._waiting.append(batch)
        self.waiting_rows += len(batch.rows)
        self._more.set()

    def _retry_after(self) -> float:
        """The time that what waits now takes, by the newest transaction; a second at least."""
        transactions = self.waiting_rows / _MOST_AT_ONCE
        return round(max(1.0, transactions * self.last_commit_ms / 1000.0))

    async def _commit(self, commit: Commit, batches: Sequence[Batch]) -> float:
        """One transaction over `batches`; the seconds to pause afterwards."""
        started = self.clock()
        try:
            results = await self._in_thread(commit, batches)
        except DatabaseError as error:
            self._postpone(batches, str(error))
            return _AGAIN_SECONDS
        except Exception as error:  # noqa: BLE001  one row the database refuses must not stop all others
            await self._commit_one_by_one(commit, batches, error)
            return _PAUSE_SECONDS
        self.last_commit_ms = 1000.0 * (self.clock() - started)
        await tell(self._settled(batches, results))
        return _PAUSE_SECONDS

    async def _in_thread(self, commit: Commit, batches: Sequence[Batch]) -> Sequence[Stored]:
        """`commit` to its end, also when this task is cancelled meanwhile: what it stored has to be told."""
        task = asyncio.get_running_loop().run_in_executor(self._thread, commit, batches)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                for future, result in self._settled(batches, await task):
                    resolve(future, result)
                batches = []
            self._waiting.extendleft(reversed(batches))
            raise

    def _take(self) -> list[Batch]:
        batches: list[Batch] = []
        rows = 0
        while self._waiting and (not batches or rows + len(self._waiting[0].rows) <= _MOST_AT_ONCE):
            batches.append(self._waiting.popleft())
            rows += len(batches[-1].rows)
        if not self._waiting:
            self._more.clear()
        return batches

    def _settled(self, batches: Sequence[Batch], results: Sequence[Stored]) -> list[Told]:
        """Count what was stored; who is to be told what."""
        self.commits += 1
        self.failure = None
        told_all = []
        for batch, result in zip(batches, results, strict=True):
            self.waiting_rows -= len(batch.rows)
            told = Stored(result.stored, result.duplicates + batch.repeated)
            self.stored_rows[batch.table] += told.stored
            self.duplicates[batch.table] += told.duplicates
            if batch.told is not None:
                told_all.append((batch.told, told))
        return told_all

    def _postpone(self, batches: Sequence[Batch], reason: str) -> None:
        """Who waits is told at once and may send again; what nobody waits for stays."""
        first, self.failure = self.failure is None, reason
        if first:
            self.log.error("ingest_write_failed", reason=reason, rows_waiting=self.waiting_rows)
        unattended = [batch for batch in batches if batch.told is None]
        for batch in batches:
            if batch.told is not None:
                self._refuse(batch, reason)
        self._waiting.extendleft(reversed(unattended))
        if self._waiting:
            self._more.set()

    def _refuse(self, batch: Batch, reason: str) -> None:
        self.waiting_rows -= len(batch.rows)
        if batch.told is None:
            self.dropped_rows += len(batch.rows)
        elif not batch.told.done():
            batch.told.set_exception(IntakeUnavailable(reason))
            batch.told.exception()

    async def _commit_one_by_one(self, commit: Commit, batches: Sequence[Batch], error: Exception) -> None:
        """Something in `batches` is refused: find whose it is, and let only that one fail."""
        if len(batches) == 1:
            reason = f"the database refused a row: {error}"
            self.log.error(
                "ingest_rows_refused", table=batches[0].table, rows=len(batches[0].rows), reason=reason
            )
            self._refuse(batches[0], reason)
            return
        for number, batch in enumerate(batches):
            try:
                await self._commit(commit, [batch])
            except asyncio.CancelledError:
                self._waiting.extendleft(reversed(batches[number + 1 :]))
                raise

    def _give_up_waiting(self) -> None:
        """At the end, with a database that cannot be written: who waits is told so."""
        lost = sum(len(batch.rows) for batch in self._waiting if batch.told is None)
        while self._waiting:
            self._refuse(self._waiting.popleft(), self.failure or "the collector stops")
        if lost:
            self.log.error("ingest_rows_lost", rows=lost, reason=self.failure or "the collector stops")
