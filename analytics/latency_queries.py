"""How long requests took, as DataFrames. Only those that did not fail have a time.

Percentiles lie between two times as DuckDB's quantile_cont has it. Of whole hours they come from histograms
whose times are rounded by at most 1 %, and no percentile, mean or longest time is further from the exact
one. Arguments are those of `analytics.traffic_queries`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow

from analytics.coverage import HOUR
from analytics.frames import frame, from_arrow
from analytics.grouping import KEYS, By, bound, possible_step
from analytics.histograms import rates_and_histograms
from analytics.model import ServiceKey
from analytics.named_sql import query
from analytics.percentiles import FIGURES, figures

#: Each of these is a list of what belongs to one row.
_LISTS = ["length", "times", "counts"]

_Integers = npt.NDArray[np.int64]


def latency(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """How long requests took. What has no request with a time has no row.

    Columns: service_type, service_name, method, endpoint; requests (a count, of those with a time); in
    milliseconds p50_ms, p95_ms, p99_ms, mean_ms, max_ms.
    """
    return _latency_of(rates_and_latency(connection, since, until, by, services), KEYS)


def latency_steps(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    step: timedelta,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """`latency` for each step of time: what charts read, in the order of time.

    Columns: step_start, then those of `latency`. Steps are those of `analytics.traffic_queries.rates_steps`;
    under an hour the figures are exact.
    """
    step = possible_step(connection, since, step)
    values = bound(connection, since, until, by, services, step)
    if step < HOUR:
        return frame(connection, "latency_figures_of_moments", **values)
    rates, *histograms = rates_and_histograms(connection, "traffic_places", values, values)
    found = figures(len(rates), *histograms)
    return _latency_of(pd.concat([rates, found], axis=1), ["step_start", *KEYS])


def rates_and_latency(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """What `analytics.traffic_queries.rates` and `latency` tell, in one reading: little more than half the
    work of both.

    Columns: those of `rates`; timed (a count: the `requests` of `latency`), p50_ms, p95_ms, p99_ms, mean_ms,
    max_ms, which are NaN where none has a time.
    """
    values = bound(connection, since, until, by, services)
    table = connection.execute(query("traffic_and_latency"), values).to_arrow_table()
    length, times, counts = (_flat(table[name]) for name in _LISTS)
    rates = from_arrow(table.drop_columns(["series", "step", "step_start", *_LISTS]))
    found = figures(len(rates), np.repeat(np.arange(len(rates)), length), times, counts)
    return pd.concat([rates, found], axis=1)


def _latency_of(rates: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """What `latency` returns, of rates that have its figures."""
    found = rates.loc[rates["timed"] > 0, [*keys, *FIGURES]]
    return found.rename(columns={"timed": "requests"}).reset_index(drop=True).astype({"max_ms": "int32"})


def _flat(column: pyarrow.ChunkedArray) -> _Integers:
    """The numbers of `column`, of lists those of all one after the other."""
    array = column.combine_chunks()
    found: _Integers = (array.flatten() if pyarrow.types.is_list(array.type) else array).to_numpy()
    return found
