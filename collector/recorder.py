"""Puts what a cycle found into the file: one part, one transaction, nothing half there.

When the database cannot be written the part waits in memory and goes in with the next one, so a short
trouble of the disk leaves no gap. What waits is bounded; the oldest goes first, and the log says so.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from analytics.db import DatabaseError, Location, transact
from analytics.model import Basis, CheckResult, Window
from analytics.rules.status import decide
from analytics.windows import traffic_windows
from collector.intake import Intake, Row
from collector.log import Logger
from collector.probes.base import ServiceSpec
from collector.probes.traffic import unset_note, window_name
from collector.store import Run, insert_rows, insert_run

#: Two hours of cycles a minute.
_MOST_WAITING = 120


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into one transaction: probe results, the traffic services to be judged, the rows taken in."""

    run: Run
    checks: Sequence[CheckResult]
    traffic: Sequence[ServiceSpec] = ()
    calls: Sequence[Row] = ()
    deliveries: Sequence[Row] = ()


@dataclass
class Recorder:
    """Writes parts in order; `environment` only tells which variables of a traffic service are unset.

    `failure` says why parts wait, None when everything is written.
    """

    location: Location
    intake: Intake
    environment: Mapping[str, str]
    log: Logger
    failure: DatabaseError | None = None
    _waiting: deque[Part] = field(default_factory=deque)

    async def write(
        self, run: Run, checks: Sequence[CheckResult], traffic: Sequence[ServiceSpec]
    ) -> list[CheckResult]:
        """Commit a part and everything that waits; returns the verdicts on traffic.

        Returns no verdicts when the database cannot be written now; the part is kept for the next time.
        """
        calls, deliveries = self.intake.drain()
        self._waiting.append(Part(run, checks, traffic, calls, deliveries))
        while len(self._waiting) > _MOST_WAITING:
            self._give_up(self._waiting.popleft(), "too many parts wait")
        try:
            return await self._commit_waiting(list(self._waiting))
        except DatabaseError as error:
            self._postpone(error)
        except duckdb.Error:
            await self._commit_one_by_one()
        return []

    async def _commit_waiting(self, parts: Sequence[Part]) -> list[CheckResult]:
        """Commit `parts`, which stand first among the waiting, and take them off.

        The transaction in hand runs to its end, whoever is in a hurry.
        """
        task = asyncio.create_task(asyncio.to_thread(self._commit, parts))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
        finally:
            if task.done() and not task.cancelled() and task.exception() is None:
                self.failure = None
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
            except duckdb.Error as error:
                self._give_up(self._waiting.popleft(), str(error))

    def _postpone(self, error: DatabaseError) -> None:
        self.failure = error
        self.log.error("write_failed", reason=str(error), parts_waiting=len(self._waiting))

    def _give_up(self, part: Part, reason: str) -> None:
        rows = len(part.checks) + len(part.calls) + len(part.deliveries)
        self.log.error("part_lost", started_at=part.run.started_at, rows=rows, reason=reason)

    def _commit(self, parts: Sequence[Part]) -> list[CheckResult]:
        def work(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
            judged: list[CheckResult] = []
            for part in parts:
                insert_rows(connection, "api_metrics", part.calls)
                insert_rows(connection, "webhook_metrics", part.deliveries)
                judged = judge_traffic(connection, part.traffic, part.run.finished_at, self.environment)
                insert_run(connection, part.run, [*part.checks, *judged])
            return judged

        return transact(self.location, work)


def judge_traffic(
    connection: duckdb.DuckDBPyConnection,
    specs: Sequence[ServiceSpec],
    now: datetime,
    environment: Mapping[str, str],
) -> list[CheckResult]:
    """A verdict for each service that is judged by its traffic, from the last hour in the database."""
    bases = {spec.policy.basis for spec in specs}
    windows: dict[Basis, dict[str, Window]] = {
        basis: traffic_windows(connection, basis, now) for basis in bases
    }
    return [_judge(spec, windows[spec.policy.basis], now, environment) for spec in specs]


def _judge(
    spec: ServiceSpec, windows: Mapping[str, Window], now: datetime, environment: Mapping[str, str]
) -> CheckResult:
    window = windows.get(window_name(spec), Window())
    verdict = decide(window, spec.policy, now)
    details: dict[str, object] = {"total": window.total, "failed": window.failed, "p95_ms": window.p95_ms}
    if window.newest is None:
        verdict = unset_note(spec, verdict, environment)
    else:
        details["newest"] = window.newest.isoformat()
    return CheckResult(spec.key, now, verdict, window.failed, window.retries, 1, details)
