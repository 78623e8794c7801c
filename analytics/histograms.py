"""The histograms of how long requests took, in steps of time: of rows of traffic that were read before.

Steps have so many times that DuckDB takes longer to put them together than numpy. They are read bit by bit:
all those of a year are too many to have at once.
"""

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow

from analytics.db import beside
from analytics.frames import frame
from analytics.named_sql import query
from analytics.percentiles import coded, summed

#: How many rows are looked at together: as many as DuckDB keeps together.
_BATCH = 122_880

_Integers = npt.NDArray[np.int64]
_NOTHING = np.empty(0, dtype=np.int64)


def rates_and_histograms(
    connection: duckdb.DuckDBPyConnection,
    rates_query: str,
    rates_values: Mapping[str, Any],
    values: Mapping[str, Any],
) -> tuple[pd.DataFrame, _Integers, _Integers, _Integers]:
    """What `rates_query` returns for `rates_values`, and how long the requests of each of its rows took that
    did not fail: the number of the row (from 0 on), times in ms, and how many took each of them; in no order,
    and a time may come again.

    `values` are those of `analytics.grouping.bound`, with a step. The query returns the columns series and
    step, the numbers that the queries of traffic have for them. It is read while the times are.
    """
    edges = {key: value for key, value in values.items() if key != "step"}
    with beside(connection, 1) as thread:
        rates = thread.start(lambda other: frame(other, rates_query, **rates_values))
        of_edges = thread.start(lambda other: _read(other, "latency_rows_of_edges", edges, values["step"]))
        parts = _read(connection, *_body(values), values["step"])
    parts += of_edges.result()
    if not parts:
        return rates.result(), _NOTHING, _NOTHING, _NOTHING
    series, steps, times, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    owners = _numbers(rates.result(), series, steps)
    return rates.result(), owners[owners >= 0], times[owners >= 0], counts[owners >= 0]


def _body(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The query of the full hours, and what it is given."""
    names = [service.partition("/")[2] for service in values["services"] or ()]
    given = {key: values[key] for key in ("body_since", "body_until")}
    given |= {"first_name": min(names, default=None), "last_name": max(names, default=None)}
    if values["by"] == "endpoint":
        return "latency_rows_of_endpoints", given
    return "latency_rows_of_services", given | {key: values[key] for key in ("by", "services")}


def _read(
    connection: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, Any], step: int
) -> list[list[npt.NDArray[Any]]]:
    """Series, steps, times and counts of what the query returns, bit by bit."""
    parts = []
    for batch in connection.execute(query(name), dict(given)).to_arrow_reader(_BATCH):
        series, hours, times, counts = (_whole(column) for column in batch.columns)
        codes, known = coded(hours)
        kept, counts = summed([series, (known // step)[codes], times], counts)
        parts.append([*kept, counts])
    return parts


def _numbers(rates: pd.DataFrame, series: npt.NDArray[np.uint64], steps: _Integers) -> _Integers:
    """The number of the row that `rates` has for each of `series` and `steps`, -1 for none."""
    (of_series, all_series), (of_step, all_steps) = pd.factorize(rates["series"]), pd.factorize(rates["step"])
    numbers = np.full((len(all_series) + 1, len(all_steps) + 1), -1)
    numbers[of_series, of_step] = np.arange(len(rates))
    found: _Integers = numbers[
        pd.Index(all_series).get_indexer(pd.Index(series)), pd.Index(all_steps).get_indexer(pd.Index(steps))
    ]
    return found


def _whole(column: pyarrow.Array) -> npt.NDArray[Any]:
    """Its numbers; those of moments are microseconds since 1970."""
    if pyarrow.types.is_timestamp(column.type):
        column = column.cast(pyarrow.int64())
    found: npt.NDArray[Any] = column.to_numpy()
    return found
