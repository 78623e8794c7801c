"""Puts the generated past into the demo's database, and says whether that is needed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from analytics.db import (
    Connection,
    DatabaseMissing,
    DatabaseUnusable,
    Location,
    migrate,
    pending,
    read_only,
    transact,
)
from analytics.rollups import next_step, take
from collector.demo.services import HISTORY_COLLECTOR
from collector.describing import describe
from collector.secrets import Redactor
from collector.store_bulk import ForeignHistory, newest_run, replace_tables

#: A demo that was stopped is picked up again for this long; the time between shows as a gap, which it is.
_FRESH = timedelta(days=1)
#: Nobody waits for the file meanwhile.
_ALL = timedelta(days=400)
#: The share of the work that is done before the rows are written, and that before they are summed up.
_GENERATED = 0.7
_WRITTEN = 0.9


def history_needed(location: Location, now: datetime) -> bool:
    """Whether the demo needs a new past: there is none, its schema is older, or its last run is a day ago.

    Raises a `DatabaseError` when the database cannot be used.
    """
    try:
        if pending(location):
            return True
        with read_only(location) as connection:
            last = newest_run(connection)
    except DatabaseMissing:
        return True
    return last is None or not timedelta(0) <= now - last <= _FRESH


def write_history(
    location: Location, now: datetime, days: int, seed: int, progress: Callable[[float, str], None]
) -> None:
    """Make the past of the `days` before `now` all that the database holds, and sum it up by the hour.

    `progress` is told the share that is done, 0 to 1, and what comes next. Raises a `DatabaseError`; one that
    holds the history of a real collector is left as it is.
    """
    from collector.demo.history.generate import demo_config, generate_history

    def generated(share: float, label: str) -> None:
        progress(_GENERATED * share, label)

    migrate(location)
    tables = [(batch.table, batch.arrow()) for batch in generate_history(now, days, seed, generated)]
    progress(_GENERATED, "writing")

    def work(connection: Connection) -> None:
        replace_tables(connection, tables, HISTORY_COLLECTOR)
        describe(connection, demo_config(), {}, Redactor(), now)

    try:
        transact(location, work)
    except ForeignHistory:
        raise DatabaseUnusable(
            f"{location}: holds the history of a real collector; the demo needs a database of its own (--db)"
        ) from None
    progress(_WRITTEN, "summing up")
    transact(location, partial(_sum_up, now=now))
    progress(1.0, "done")


def _sum_up(connection: Connection, now: datetime) -> None:
    while (step := next_step(connection, now, most=_ALL)) is not None:
        take(connection, step)
