"""Commits what waits in the intake: all of it in one transaction, and each row once."""

from collections.abc import Callable, Sequence
from datetime import datetime

import duckdb

from analytics.db import Location, transact
from collector.intake import Batch, Commit, Stored
from collector.late_rows import mark_late_rows
from collector.store_traffic import Row, insert_new

#: Circuits are not summed up by hour.
_SUMMED_UP = frozenset({"api_metrics", "webhook_metrics"})


def committing_to(location: Location, now: Callable[[], datetime] | None = None) -> Commit:
    """A function that commits batches to the database at `location`; it runs in a thread of its own.

    `now` is the wall clock; without it rows for an hour that is being summed up at that moment may be missed.
    """

    def commit(batches: Sequence[Batch]) -> Sequence[Stored]:
        moment = None if now is None else now()
        return transact(location, lambda connection: insert_batches(connection, batches, moment))

    return commit


def insert_batches(
    connection: duckdb.DuckDBPyConnection, batches: Sequence[Batch], now: datetime | None = None
) -> list[Stored]:
    """Add the rows of all `batches` at `now`; what became of each batch, in order.

    Of two batches with a row of the same id the first one stores it. Hours that are over and get more rows
    are summed up anew.
    """
    stored = [0] * len(batches)
    for table in dict.fromkeys(batch.table for batch in batches):
        rows, owner = _first_of_each(table, batches)
        known = insert_new(connection, table, rows)
        for key, number in owner.items():
            stored[number] += key not in known
        if table in _SUMMED_UP:
            mark_late_rows(connection, (row["timestamp"] for row in rows if row["id"] not in known), now)
    return [Stored(count, len(batch.rows) - count) for count, batch in zip(stored, batches, strict=True)]


def _first_of_each(table: str, batches: Sequence[Batch]) -> tuple[list[Row], dict[str, int]]:
    """The rows for `table` with every id once, and the number of the batch each id is stored for."""
    rows: list[Row] = []
    owner: dict[str, int] = {}
    for number, batch in enumerate(batches):
        if batch.table != table:
            continue
        for row in batch.rows:
            if row["id"] not in owner:
                owner[row["id"]] = number
                rows.append(row)
    return rows, owner
