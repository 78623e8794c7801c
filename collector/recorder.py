"""Puts what a cycle found into the file: one part, one transaction, nothing half there.

When the database cannot be written the part waits in memory and goes in with the next one, so a short
trouble of the disk leaves no gap. What waits is bounded; the oldest goes first, and the log says so.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from analytics.db import DatabaseError, Location, transact
from analytics.model import CheckResult
from collector.judging import Judge, Look
from collector.log import Logger
from collector.store import Run, insert_run
from collector.store_traffic import Row, insert_new

#: Two hours of cycles a minute.
_MOST_WAITING = 120


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into one transaction: probe results, what is to be judged by traffic, the probes' own calls.

    The calls bear an `id` each.
    """

    run: Run
    checks: Sequence[CheckResult]
    looks: Sequence[Look] = ()
    calls: Sequence[Row] = ()


@dataclass
class Recorder:
    """Writes parts in order. `failure` says why parts wait, None when everything is written.

    `written_at` is when the newest part that is written was finished.
    """

    location: Location
    judge: Judge
    log: Logger
    failure: DatabaseError | None = None
    written_at: datetime | None = None
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
        def work(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
            judged: list[CheckResult] = []
            for part in parts:
                insert_new(connection, "api_metrics", part.calls)
                judged = self.judge.verdicts(connection, part.looks, part.run.finished_at)
                insert_run(connection, part.run, [*part.checks, *judged])
            return judged

        return transact(self.location, work)
