"""Puts what a cycle found into the file: one part, one transaction, nothing half there.

When the database cannot be written the part waits in memory and goes in with the next one, so a short
trouble of the disk leaves no gap. What waits is bounded; the oldest goes first, and the log says so.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

import duckdb

from analytics.db import DatabaseError, DatabaseUnusable, Location, transact
from analytics.db.errors import mask
from analytics.model import CheckResult
from collector.alerting import Alerting
from collector.judging import Judge, Look
from collector.late_rows import mark_late_rows
from collector.log import Logger
from collector.store import Run, insert_run
from collector.store_traffic import Row, insert_new

T = TypeVar("T")

#: Two hours of cycles a minute.
_MOST_WAITING = 120

#: These tell of storage, whatever statement met them: neither a row nor a rule is to blame.
_OF_STORAGE = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into one transaction: probe results, what is to be judged by traffic, the probes' own calls.

    The calls bear an `id` each.
    """

    run: Run
    checks: Sequence[CheckResult]
    looks: Sequence[Look] = ()
    calls: Sequence[Row] = ()


class AlertingFailed(Exception):
    """The alert rules broke off over what was to be written; the cause says how."""


@dataclass
class Recorder:
    """Writes parts in order. `failure` says why parts wait, None when everything is written.

    `alerting` looks at each part in its transaction. `on_messages` is called, in any thread, after a
    transaction that put messages into the outbox. `written_at` is when the newest part that is written was
    finished. `now` is the wall clock; without it every part costs a question more, whether its rows are late.
    """

    location: Location
    judge: Judge
    log: Logger
    alerting: Alerting | None = None
    on_messages: Callable[[], None] = lambda: None
    failure: DatabaseError | None = None
    written_at: datetime | None = None
    now: Callable[[], datetime] | None = None
    _waiting: deque[Part] = field(default_factory=deque)
    #: Of its own, so that no name lookup of others keeps a write waiting.
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "recorder"))

    async def write(self, part: Part) -> list[CheckResult]:
        """Commit `part` and everything that waits; returns the verdicts on traffic.

        Returns no verdicts when the database cannot be written now; the part is kept for the next time.
        """
        self._waiting.append(part)
        while len(self._waiting) > _MOST_WAITING:
            self._give_up(self._waiting.popleft(), "too many parts wait")
        try:
            return await self._commit_waiting(list(self._waiting))
        except DatabaseError as error:
            self._postpone(error)
        except Exception:  # noqa: BLE001  one row that cannot be written must not keep all others out
            await self._commit_one_by_one()
        return []

    async def act(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run `work` in a transaction of its own, between two parts; what people do to incidents.

        Raises a `DatabaseError`, or what `work` raises; then nothing is changed.
        """
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._thread, self._transact, work)
        self.on_messages()
        return result

    async def _commit_waiting(self, parts: Sequence[Part]) -> list[CheckResult]:
        """Commit `parts`, which stand first among the waiting, and take them off.

        The transaction in hand runs to its end, whoever is in a hurry.
        """
        task = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, parts)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
        finally:
            if task.done() and not task.cancelled() and task.exception() is None:
                self.failure, self.written_at = None, parts[-1].run.finished_at
                for _ in parts:
                    self._waiting.popleft()

    async def _commit_one_by_one(self) -> None:
        """The database refused a row: find the part it is in, and lose only that one."""
        while self._waiting:
            try:
                await self._commit_waiting([self._waiting[0]])
            except DatabaseError as error:
                self._postpone(error)
                return
            except Exception as error:  # noqa: BLE001  whatever it is, it is this part's
                self._give_up(self._waiting.popleft(), f"{type(error).__name__}: {error}")

    def _postpone(self, error: DatabaseError) -> None:
        self.failure = error
        self.log.error("write_failed", reason=str(error), parts_waiting=len(self._waiting))

    def _give_up(self, part: Part, reason: str) -> None:
        rows = len(part.checks) + len(part.looks) + len(part.calls)
        self.log.error("part_lost", started_at=part.run.started_at, rows=rows, reason=reason)

    def _commit(self, parts: Sequence[Part]) -> list[CheckResult]:
        """One transaction. What was seen is written also when the rules cannot look at it."""
        try:
            judged, messages = self._transact(partial(self._work, parts, self.alerting))
        except AlertingFailed as error:
            reason = f"{type(error.__cause__).__name__}: {error.__cause__}"
            judged, _ = self._transact(partial(self._work, parts, None))
            self._alerting_failed(reason)
            return judged
        if self.alerting is not None:
            self.alerting.failure = None
        if messages:
            self.on_messages()
        return judged

    def _transact(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """`work` in one transaction. Raises a `DatabaseError` for all trouble of storage."""
        try:
            result = transact(self.location, work)
        except BaseException as error:
            if self.alerting is not None:
                self.alerting.rolled_back()
            if isinstance(error, _OF_STORAGE):
                raise DatabaseUnusable(f"{self.location}: {mask(str(error))}") from error
            raise
        if self.alerting is not None:
            self.alerting.committed()
        return result

    def _work(
        self, parts: Sequence[Part], alerting: Alerting | None, connection: duckdb.DuckDBPyConnection
    ) -> tuple[list[CheckResult], int]:
        """The verdicts on traffic of the last part, and how many messages were put into the outbox."""
        judged: list[CheckResult] = []
        messages = 0
        for part in parts:
            insert_new(connection, "api_metrics", part.calls)
            judged = self.judge.verdicts(connection, part.looks, part.run.finished_at)
            checks = [*part.checks, *judged]
            insert_run(connection, part.run, checks)
            self._mark_late(connection, part.calls, checks)
            if alerting is not None:
                try:
                    messages += alerting.look(connection, checks, part.run.finished_at, part.run.complete)
                except (DatabaseError, *_OF_STORAGE):
                    raise
                except Exception as error:
                    raise AlertingFailed from error
        return judged, messages

    def _mark_late(
        self, connection: duckdb.DuckDBPyConnection, calls: Sequence[Row], checks: Sequence[CheckResult]
    ) -> None:
        """A part that waited, or a check that took its time, may be about an hour that was summed up."""
        now = None if self.now is None else self.now()
        mark_late_rows(connection, (call["timestamp"] for call in calls), now, checks)

    def _alerting_failed(self, reason: str) -> None:
        assert self.alerting is not None
        if self.alerting.failure != reason:
            self.log.error("alerting_failed", reason=reason)
        self.alerting.failure = reason
