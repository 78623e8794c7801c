"""Which rows and columns of a dataset: a statement with every value bound.

The names in it come from the catalogue and from the database itself, never from the caller.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from analytics.export.cells import Column, identifier
from analytics.export.dataset import Dataset
from analytics.export.errors import ExportError, unknown
from analytics.export.owners import owners
from analytics.model import ServiceKey

_FRAME = "rows_to_export"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a dataset: a period [since, until), services, statuses; None is no limit."""

    since: datetime | None = None
    until: datetime | None = None
    services: Sequence[ServiceKey] | None = None
    statuses: Sequence[str] | None = None
    columns: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows as `FROM … WHERE …`, what that binds, and the columns in their order."""

    rows: str
    values: dict[str, Any]
    columns: tuple[Column, ...]


@contextmanager
def selection(connection: duckdb.DuckDBPyConnection, dataset: Dataset, wish: Wish) -> Iterator[Selection]:
    """What `wish` chooses of `dataset`, to be read inside the block. Raises `ExportError`."""
    _check_period(dataset, wish)
    _check_statuses(dataset, wish.statuses)
    if dataset.read is None:
        yield _selected(connection, dataset, wish, identifier(dataset.name))
        return
    assert wish.since is not None
    assert wish.until is not None
    frame = dataset.read(connection, wish.since, wish.until)
    connection.register(_FRAME, pa.Table.from_pandas(frame, preserve_index=False))
    try:
        yield _selected(connection, dataset, wish, _FRAME)
    finally:
        connection.unregister(_FRAME)


def _selected(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, wish: Wish, relation: str
) -> Selection:
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    columns = [Column(name, type_) for name, type_, *_ in described]
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if dataset.time is not None and dataset.read is None:
        for name, sign, moment in (("since", ">=", wish.since), ("until", "<", wish.until)):
            if moment is not None:
                conditions.append(f"{dataset.time} {sign} ${name}")
                values[name] = moment
    if wish.services is not None:
        condition, chosen = owners(connection, dataset, wish.services, relation)
        conditions.append(condition)
        values["services"] = chosen
    if wish.statuses is not None:
        conditions.append("list_contains($statuses, status)")
        values["statuses"] = list(wish.statuses)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return Selection(f"FROM {relation}{where}", values, _chosen(dataset, columns, wish.columns))


def _chosen(dataset: Dataset, columns: list[Column], wanted: Sequence[str] | None) -> tuple[Column, ...]:
    if wanted is None:
        return tuple(columns)
    by_name = {column.name: column for column in columns}
    for name in wanted:
        if name not in by_name:
            raise unknown(f"column of {dataset.name}", name, by_name)
    if not wanted or len(set(wanted)) < len(wanted):
        raise ExportError(f"{dataset.name}: columns: name at least one, and each once")
    return tuple(by_name[name] for name in wanted)


def _check_period(dataset: Dataset, wish: Wish) -> None:
    for name, moment in (("since", wish.since), ("until", wish.until)):
        if moment is None and dataset.read is not None:
            raise ExportError(f"{dataset.name}: {name} is missing: figures are of a period, say which")
        if moment is not None and moment.utcoffset() is None:
            raise ExportError(f"{dataset.name}: {name}: {moment} has no time zone: give it one, such as UTC")
    if wish.since is not None and wish.until is not None and wish.since >= wish.until:
        raise ExportError(f"{dataset.name}: the period ends before it begins: {wish.since} to {wish.until}")


def _check_statuses(dataset: Dataset, statuses: Sequence[str] | None) -> None:
    if statuses is None:
        return
    if not dataset.statuses:
        raise ExportError(f"{dataset.name}: its rows have no status to choose by: leave the statuses out")
    for status in statuses:
        if status not in dataset.statuses:
            raise unknown(f"status of {dataset.name}", status, dataset.statuses)
