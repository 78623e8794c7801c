"""Exporting one dataset, and counting its rows before."""

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import duckdb

from analytics.export.datasets import dataset_named
from analytics.export.errors import unknown
from analytics.export.formats import format_for
from analytics.export.lean import keeping_little
from analytics.export.lines import write
from analytics.export.places import is_file
from analytics.export.selection import Wish, selection
from analytics.export.sink import BrokenOff, writing
from analytics.model import ServiceKey
from analytics.named_sql import query


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows, bytes, and the file, None of a stream.

    Not `complete`: whoever read the stream had enough before its end.
    """

    rows: int
    bytes: int
    path: Path | None
    complete: bool = True


def export(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    format: str | None,  # noqa: A002
    target: str | Path | BinaryIO,
    *,
    since: datetime | None,
    until: datetime | None,
    services: Sequence[ServiceKey] | None = None,
    statuses: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    timezone: str = "UTC",
    lean: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Exported:
    """Write the rows of `dataset` (a name in `DATASETS`) in [`since`, `until`) to `target`.

    `format` is csv, json, ndjson or parquet; None takes it from the file's ending. `target` is a path, `-`
    for standard output, or a stream of bytes. A file appears under its name when it is complete; what was
    there is kept until then. None of `since` or `until` has no limit there; figures need both. Tables that
    say how things are now have no time and are not limited by it. `services` and `statuses` choose rows,
    `columns` columns in the order given. Tables come in the order in which they were stored.

    Times are ISO 8601 with an offset, in `timezone`; Parquet holds moments in UTC. CSV is UTF-8 after
    RFC 4180; every text is in quotes, so an empty text ("") differs from nothing; texts that a spreadsheet
    would compute begin with an apostrophe. JSON columns are JSON in JSON and NDJSON, elsewhere text. What is
    no finite number is nothing.

    `lean` is for a process that does nothing else: it keeps less of the database in memory meanwhile, other
    queries of the process too.

    `progress` is told how many rows are done, from 0 on; what it raises ends the export and leaves nothing
    behind. It must not use `connection`. Raises `ExportError` with one line for a person.
    """
    found = dataset_named(dataset)
    form = format_for(format, target)
    _check_zone(connection, timezone)
    wish = Wish(since, until, services, statuses, columns)
    rows, written, complete = 0, 0, True
    tell = progress or (lambda _rows: None)
    with selection(connection, found, wish) as chosen, keeping_little(connection) if lean else nullcontext():
        tell(0)
        try:
            with writing(target) as sink:
                with closing(write(connection, chosen, form, sink, timezone)) as batches:
                    for rows in batches:
                        written = sink.written
                        tell(rows)
                written = sink.written
        except BrokenOff:
            complete = False
    return Exported(rows, written, _path(target), complete)


def count(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    *,
    since: datetime | None,
    until: datetime | None,
    services: Sequence[ServiceKey] | None = None,
    statuses: Sequence[str] | None = None,
) -> int:
    """How many rows `export` with the same arguments writes. Raises `ExportError` as that does."""
    with selection(connection, dataset_named(dataset), Wish(since, until, services, statuses)) as chosen:
        row = connection.execute(f"SELECT count(*) {chosen.rows}", chosen.values).fetchone()
    assert row is not None
    return int(row[0])


def _path(target: str | Path | BinaryIO) -> Path | None:
    return Path(target) if isinstance(target, str | Path) and is_file(target) else None


def _check_zone(connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
    if timezone == "UTC":
        return
    known = [name for (name,) in connection.execute(query("time_zones")).fetchall()]
    if timezone not in known:
        # There are hundreds.
        raise unknown("time zone", timezone, known, "a zone is named as in Europe/Berlin")
