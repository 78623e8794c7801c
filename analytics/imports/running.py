"""Doing an import: service by service, in transactions of whole days that a running collector hardly notices.

After each transaction `imports` says how far it got. A crash leaves whole parts, and the next run goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import duckdb

from analytics import rollups
from analytics.coverage import hour_of, read_state
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.imports import writing
from analytics.imports.parts import Before, Part, Skipped, parts, select
from analytics.imports.planning import ImportPlan, PlannedService
from analytics.imports.writing import Note
from analytics.model import ServiceKey
from analytics.named_sql import query

#: A sentence about what is being done, and which share of the whole is, 0 to 1.
Progress = Callable[[str, float], None]

#: About how many rows are written at once.
_ROWS = 50_000

#: How long single rows are kept where nobody has said otherwise yet.
_SINGLE_ROWS = timedelta(days=30)

_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)

#: The share of the work that is not rolling up.
_TAKING = 0.8


@dataclass(frozen=True, slots=True)
class ImportedService:
    """What came of one monitor: how many `checks`, and those that were `skipped`, by reason."""

    monitor: str
    service: ServiceKey
    checks: int
    skipped: Skipped


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. From `single_since` on single checks are kept, before it only their hours."""

    services: tuple[ImportedService, ...]
    single_since: datetime

    @property
    def checks(self) -> int:
        """How many checks came."""
        return sum(one.checks for one in self.services)

    @property
    def skipped(self) -> int:
        """How many were left out, for any reason."""
        return sum(one.skipped.already + one.skipped.own + one.skipped.future for one in self.services)


def run(
    location: Location,
    plan: ImportPlan,
    now: datetime,
    progress: Progress | None = None,
    rows_at_once: int = _ROWS,
) -> Imported:
    """Bring what `plan` names into the database at `location`, as far as it is not there yet.

    `now` is aware UTC. `progress` is called before each transaction. Raises `ImportProblem`, a
    `DatabaseError`, or what `progress` raises; then whole days of some services are there, and another run
    brings the rest.
    """
    tell = progress or _silent
    _roll_up(location, now, lambda sentence: tell(sentence, 0.0))
    single_since = transact(location, partial(_single_since, now=now))
    done = []
    for place, one in enumerate(plan.services):
        share = partial(_share, place, len(plan.services))
        done.append(_take(location, plan, one, now, single_since, tell, share, rows_at_once))
    _roll_up(location, now, lambda sentence: tell(sentence, _TAKING))
    tell("done", 1.0)
    return Imported(tuple(done), single_since)


def _silent(_sentence: str, _share: float) -> None:
    """For those who do not want to know."""


def _take(
    location: Location,
    plan: ImportPlan,
    one: PlannedService,
    now: datetime,
    single_since: datetime,
    tell: Progress,
    share: Callable[[float], float],
    rows_at_once: int,
) -> ImportedService:
    tell(f"reading {one.monitor.name}", share(0.0))
    history = one.monitor.read()
    with read_only(location) as connection:
        known: Before = writing.before(connection, one.service)
    chosen = select(history, known, now)
    expected = max(len(chosen.observations) + sum(hour.checks for hour in chosen.hours), 1)
    note = Note(uuid7(), now, plan.kind, plan.identity, one.monitor.name, one.service, known.imports)
    checks, first = 0, None
    for part in parts(chosen, history, single_since, rows_at_once):
        tell(f"writing {one.monitor.name} from {part.first:%Y-%m-%d}", share(checks / expected))
        checks += part.checks
        first = first or part.first
        transact(location, partial(_write, note=note, part=part, first=first, checks=checks))
    return ImportedService(one.monitor.name, one.service, checks, chosen.skipped)


def _write(
    connection: duckdb.DuckDBPyConnection, *, note: Note, part: Part, first: datetime, checks: int
) -> None:
    writing.write(connection, note, part, first, checks)


def _share(place: int, services: int, within: float) -> float:
    return _TAKING * (place + within) / services


def _single_since(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """Since when single rows are kept. Where none was deleted yet: for a month, or longer if there are older.

    What is said here of the time before is true: there is no single row in it, and sums are safe there.
    """
    state = read_state(connection)
    if state.raw_since is not None:
        return state.raw_since
    row = connection.execute(query("first_single_row"), {"since": _BEGINNING}).fetchone()
    since = hour_of(now - _SINGLE_ROWS)
    if row and row[0] is not None:
        since = min(since, hour_of(row[0]))
    if not state.begun:
        connection.execute(query("begin_rollups"))
    if state.rolled_until is None:
        connection.execute(query("finish_hours"), {"until": since})
    connection.execute(query("keep_raw_since"), {"since": since})
    return since


def _roll_up(location: Location, now: datetime, tell: Callable[[str], None]) -> None:
    """Make all hours that are finished or came late. A running collector does so too; none is made twice."""
    while True:
        tell("rolling up hours")
        if not transact(location, partial(_step, now=now)):
            return


def _step(connection: duckdb.DuckDBPyConnection, now: datetime) -> bool:
    step = rollups.next_step(connection, now)
    if step is None:
        return False
    rollups.take(connection, step)
    return True
