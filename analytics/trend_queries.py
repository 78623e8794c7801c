"""How traffic changed against the period before, as DataFrames. Arguments are those of
`analytics.traffic_queries`.

A change in percent is one of the figure before, so it is NaN where there was none or it was 0; shares change
in percentage points. What had no request in a period has no change either. Where the period before began
before the first request of a service, all of it is NaN, the figures before too: part of a period is no
measure.
"""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import numpy as np
import pandas as pd

from analytics.beginnings import known_at
from analytics.grouping import KEYS, By
from analytics.latency_queries import latency, rates_and_latency
from analytics.model import ServiceKey
from analytics.periods import Period
from analytics.traffic_queries import rates

_SHARES = ["success_percent", "error_percent", "retry_percent"]
_COUNTS = ["requests", "errors", "retries"]
_TIMES = ["p50_ms", "p95_ms", "p99_ms", "mean_ms"]


def rates_change(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """`rates`, and how they changed against the period of the same length before.

    Columns: those of `rates`; requests_before, errors_before, retries_before, success_percent_before,
    error_percent_before, retry_percent_before; requests_change_percent, errors_change_percent,
    retries_change_percent; success_change_points, error_change_points, retry_change_points.
    """
    earlier = since - (until - since)
    before = rates(connection, earlier, since, by, services)
    return _changed_rates(
        rates(connection, since, until, by, services), _known(connection, before, earlier, services)
    )


def latency_change(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """`latency`, and how it changed against the period of the same length before.

    Columns: those of `latency`; p50_ms_before, p95_ms_before, p99_ms_before, mean_ms_before;
    p50_change_percent, p95_change_percent, p99_change_percent, mean_change_percent.
    """
    earlier = since - (until - since)
    before = latency(connection, earlier, since, by, services)
    return _changed_latency(
        latency(connection, since, until, by, services), _known(connection, before, earlier, services)
    )


def trends(
    connection: duckdb.DuckDBPyConnection,
    period: Period,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """Traffic and latency of `period` and their change against the one before, a row a service.

    Columns: those of `rates_change`, then those of `latency_change` but its `requests`. Where nothing that
    did not fail had a time, the latter are NaN.
    """
    before = period.before
    now_rates, now_times = rates_and_latency(connection, period.since, period.until, by, services)
    old_rates, old_times = rates_and_latency(connection, before.since, before.until, by, services)
    old_rates, old_times = (_known(connection, old, before.since, services) for old in (old_rates, old_times))
    times = _changed_latency(now_times, old_times).drop(columns="requests")
    return _changed_rates(now_rates, old_rates).merge(times, on=KEYS, how="left")


def _known(
    connection: duckdb.DuckDBPyConnection,
    before: pd.DataFrame,
    since: datetime,
    services: Sequence[ServiceKey] | None,
) -> pd.DataFrame:
    """The rows of `before` whose services had a request at `since` already; an endpoint's is its service."""
    series = list(before[KEYS[:2]].itertuples(index=False, name=None))
    return before[np.array(known_at(connection, "traffic", since, series, services), dtype=bool)]


def _changed_rates(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    found = _with_before(now, before, [*_COUNTS, *_SHARES])
    for name in _COUNTS:
        found[f"{name}_change_percent"] = _change_percent(found, name)
    for name in _SHARES:
        points = found[name] - found[f"{name}_before"]
        found[f"{name.removesuffix('_percent')}_change_points"] = points
    return found


def _changed_latency(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    found = _with_before(now, before, _TIMES)
    for name in _TIMES:
        found[f"{name.removesuffix('_ms')}_change_percent"] = _change_percent(found, name)
    return found


def _with_before(now: pd.DataFrame, before: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    earlier = before[[*KEYS, *names]].rename(columns={name: f"{name}_before" for name in names})
    return now.merge(earlier, on=KEYS, how="left")


def _change_percent(found: pd.DataFrame, name: str) -> pd.Series:
    before = found[f"{name}_before"].astype("float64")
    return 100.0 * (found[name] - before) / before.where(before != 0)
