"""A look at what an export will be: how many rows, about how large, and its first rows."""

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from analytics.export.cells import Column
from analytics.export.datasets import dataset_named
from analytics.export.formats import format_for
from analytics.export.lines import write
from analytics.export.selection import Selection, Wish, selection
from analytics.export.sink import Sink
from analytics.model import ServiceKey

#: So many rows are written to see how large a row is; what has no more than that is measured, not guessed.
_SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class Look:
    """`total` rows of about `size` bytes in all, exactly so many when `exact`. `rows` are the first ones as
    plain values, one for each of `columns`."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    size: int
    exact: bool


def look(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    format: str,  # noqa: A002
    *,
    since: datetime | None,
    until: datetime | None,
    services: Sequence[ServiceKey] | None = None,
    statuses: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    rows: int = 20,
) -> Look:
    """What `analytics.export.export` with the same arguments writes, without writing it. Times are in UTC.

    Reads no more of a table than its count and a few thousand rows. Raises `ExportError` as that does.
    """
    form = format_for(format, None)
    wish = Wish(since, until, services, statuses, columns)
    with selection(connection, dataset_named(dataset), wish) as chosen:
        counted = connection.execute(f"SELECT count(*) {chosen.rows}", chosen.values).fetchone()
        total = int(counted[0]) if counted else 0
        first = _few(chosen, rows)
        names = ", ".join(column.sql for column in chosen.columns)
        found = connection.execute(f"SELECT {names} {first.rows}", first.values).fetchall()
        sink = Sink(io.BytesIO(), "a sample")
        with closing(write(connection, _few(chosen, _SAMPLE), form, sink, "UTC")) as batches:
            written = max(batches, default=0)
    size = sink.written * total // written if 0 < written < total else sink.written
    return Look(chosen.columns, tuple(found), total, size, total <= written)


def _few(chosen: Selection, most: int) -> Selection:
    """The first `most` rows of it: `most` is a number of this module or of its caller, never typed text."""
    return replace(chosen, rows=f"FROM (SELECT * {chosen.rows} LIMIT {int(most)})")
