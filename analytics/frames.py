"""From a named query to a DataFrame."""

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pandas as pd
import pyarrow

from analytics.model import ServiceKey
from analytics.named_sql import query


def frame(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> pd.DataFrame:
    """What the query called `name` returns for `values`; times are aware UTC."""
    return from_arrow(connection.execute(query(name), values).to_arrow_table())


def from_arrow(table: pyarrow.Table) -> pd.DataFrame:
    """`table` as a DataFrame; times are aware UTC."""
    found: pd.DataFrame = table.to_pandas()
    for column in found.select_dtypes("datetimetz"):
        found[column] = found[column].dt.tz_convert("UTC")
    return found


def names(services: Sequence[ServiceKey] | None) -> list[str] | None:
    """`services` as the queries that take $services have them, each type/name; None is all."""
    return None if services is None else [str(service) for service in services]


def records(found: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows as plain Python values by column, with None for whatever pandas calls missing."""
    columns = found.columns.tolist()
    for values in zip(*(_values(found[name]) for name in columns), strict=True):
        yield dict(zip(columns, values, strict=True))


def _values(series: "pd.Series[Any]") -> list[Any]:
    missing = series.isna()
    values = list(series.dt.to_pydatetime()) if hasattr(series, "dt") else series.tolist()
    if not missing.any():
        return values
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]
