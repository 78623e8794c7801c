"""How long requests took, as DataFrames. Only those that did not fail have a time.

Percentiles lie between two times as DuckDB's quantile_cont has it. Of whole hours they come from histograms
whose times are rounded by at most 1 %, and no percentile, mean or longest time is further from the exact
one. Arguments are those of `analytics.traffic_queries`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow

from analytics.coverage import HOUR
from analytics.frames import frame, from_arrow
from analytics.grouping import KEYS, By, bound, possible_step
from analytics.model import ServiceKey
from analytics.named_sql import query
from analytics.percentiles import figures

#: Steps as long as this are of so many hours that DuckDB puts their times together first.
_DAY_US = timedelta(days=1) // timedelta(microseconds=1)
_LOW_HALF = 2**32 - 1

#: What the queries return beside rates.
_NUMBERS = {"series", "step", "length", "times", "counts"}


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
    return rates_and_latency(connection, since, until, by, services)[1]


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
    if step < HOUR:
        values = bound(connection, since, until, by, services, step)
        return frame(connection, "latency_figures_of_moments", **values)
    return _read(connection, bound(connection, since, until, by, services, step))[1]


def rates_and_latency(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What `analytics.traffic_queries.rates` and `latency` return, in one reading: little more than half the
    work of both."""
    rates, latencies = _read(connection, bound(connection, since, until, by, services))
    return rates.drop(columns="step_start"), latencies.drop(columns="step_start")


def _read(connection: duckdb.DuckDBPyConnection, values: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rates and the latency of each step."""
    short = 0 < values["step"] < _DAY_US
    name = "traffic_and_latency_steps" if short else "traffic_and_latency"
    table = connection.execute(query(name), values).to_arrow_table()
    rates = from_arrow(table.select([name for name in table.column_names if name not in _NUMBERS]))
    times = _flat(table["times"])
    counts = times & _LOW_HALF if short else _flat(table["counts"])
    found = figures(_flat(table["length"]), times >> 32 if short else times, counts)
    found = pd.concat([rates[["step_start", *KEYS]], found.rename(columns={"timed": "requests"})], axis=1)
    found = found[found["requests"] > 0].reset_index(drop=True)
    return rates, found.astype({"max_ms": "int32"})


def _flat(column: pyarrow.ChunkedArray) -> npt.NDArray[np.int64]:
    """The numbers of `column`, of lists those of all one after the other."""
    array = column.combine_chunks()
    found: npt.NDArray[np.int64] = (
        array.flatten() if pyarrow.types.is_list(array.type) else array
    ).to_numpy()
    return found
