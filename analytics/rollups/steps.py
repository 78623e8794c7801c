"""What is to be rolled up next, one small transaction at a time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import duckdb

from analytics.coverage import HOUR, RollupState, hour_after, hour_of, read_state
from analytics.named_sql import query
from analytics.rollups.anew import make_anew, mend_before
from analytics.rollups.late import late_hours
from analytics.rollups.rolling import add_up, clear, roll_up

#: An hour is finished so long after its end: a cycle that began in it has been written by then.
SETTLE = timedelta(minutes=2)
#: At most so much at once, so that whoever catches up with a month lets others in between.
MOST = timedelta(hours=24)
#: Hours that are added up go together, since what holds over the end of the last one is cut there.
_MOST_ADDED = timedelta(days=31)

_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


class Kind(StrEnum):
    """What a step does."""

    BEGIN = "begin"
    """Write the row of the state, nothing else."""
    BACK = "back"
    """Take back that hours are finished which are not over: a clock was ahead."""
    FINISH = "finish"
    """Roll up hours that were not, and say that they are finished."""
    AGAIN = "again"
    """Make finished hours anew that got rows later."""
    ADD = "add"
    """Add late rows to hours whose other rows are gone, and delete them."""


@dataclass(frozen=True, slots=True)
class Step:
    """The hours from `since` until just before `until`, and what is to be done with them."""

    kind: Kind
    since: datetime
    until: datetime


def next_step(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    settle: timedelta = SETTLE,
    most: timedelta = MOST,
) -> Step | None:
    """What is to be done next at `now`, None when all is done: missing hours, then late ones.

    At most `most` at once; time without any row is passed over in one step.
    """
    state = read_state(connection)
    now = now.astimezone(UTC)
    finished = hour_of(now - settle)
    if not state.begun:
        return Step(Kind.BEGIN, finished, finished)
    return (
        _ahead(connection, state, now, finished)
        or _missing(connection, state, finished, most)
        or _late(connection, state, most)
    )


def take(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Do `step` and remember that it is done; to take it twice does no harm."""
    if step.kind is Kind.BEGIN:
        if not read_state(connection).begun:
            connection.execute(query("begin_rollups"))
    elif step.kind is Kind.BACK:
        clear(connection, step.since, step.until)
        connection.execute(query("reopen_hours"), {"since": step.since})
    elif step.kind is Kind.ADD:
        _add(connection, step)
    elif step.kind is Kind.AGAIN:
        make_anew(connection, step.since, step.until)
        _forget(connection, step)
    else:
        mend_before(connection, step.since, step.until)
        roll_up(connection, step.since, step.until)
        connection.execute(query("finish_hours"), {"until": step.until})
        _forget(connection, step)


def _ahead(
    connection: duckdb.DuckDBPyConnection, state: RollupState, now: datetime, finished: datetime
) -> Step | None:
    """Back to what is over at `now`, as far as single rows allow to finish it again.

    If more runs ended after `now` than before, it is this clock that is wrong: one that starts in 1970.
    """
    if state.rolled_until is None or state.rolled_until <= hour_of(now):
        return None
    back = finished if state.whole_since is None else max(finished, hour_after(state.whole_since))
    if back >= state.rolled_until:
        return None
    row = connection.execute(query("runs_around"), {"now": now}).fetchone()
    if row is not None and row[1] > row[0]:
        return None
    return Step(Kind.BACK, back, state.rolled_until)


def _missing(
    connection: duckdb.DuckDBPyConnection, state: RollupState, finished: datetime, most: timedelta
) -> Step | None:
    start = state.rolled_until
    first = _first_row(connection, _BEGINNING if start is None else start - state.reach)
    if first is None or first >= finished:
        return None
    if start is None or first >= start + most:
        start = hour_of(first)
    if start >= finished:
        return None
    return Step(Kind.FINISH, start, min(start + most, finished))


def _late(connection: duckdb.DuckDBPyConnection, state: RollupState, most: timedelta) -> Step | None:
    hours = [late.hour for late in late_hours(connection)]
    if not hours:
        return None
    gone = state.raw_since is not None and hours[0] < state.raw_since
    limit = hours[0] + (_MOST_ADDED if gone else most)
    if gone and state.raw_since is not None:
        limit = min(limit, state.raw_since)
    until = max(hour for hour in hours if hour < limit) + HOUR
    return Step(Kind.ADD if gone else Kind.AGAIN, hours[0], until)


def _add(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Hours that are not late any more were added by somebody else meanwhile."""
    period = {"since": step.since, "until": step.until}
    if all(late.hour != step.since for late in late_hours(connection)):
        return
    add_up(connection, step.since, step.until)
    for name in ("drop_checks", "drop_calls", "drop_deliveries"):
        connection.execute(query(name), period)
    _forget(connection, step)


def _forget(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Rows that this transaction does not see were not rolled up, and neither is what says that they are late
    forgotten."""
    connection.execute(query("forget_late_hours"), {"since": step.since, "until": step.until})


def _first_row(connection: duckdb.DuckDBPyConnection, since: datetime) -> datetime | None:
    row = connection.execute(query("first_row_to_roll_up"), {"since": since}).fetchone()
    return row[0].astimezone(UTC) if row is not None and row[0] is not None else None
