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
from analytics.percentiles import FIGURES
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
    now, before = (
        rates(connection, *moments, by, services) for moments in ((since, until), (earlier, since))
    )
    before = _before(now, _known(connection, before, earlier, services))
    return _with_changes(now, before, _COUNTS, _SHARES)


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
    now, before = (
        latency(connection, *moments, by, services) for moments in ((since, until), (earlier, since))
    )
    return _with_changes(now, _before(now, _known(connection, before, earlier, services)), _TIMES)


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
    now, before = (
        rates_and_latency(connection, of.since, of.until, by, services) for of in (period, period.before)
    )
    before = _before(now, _known(connection, before, period.before.since, services))
    times = now[[*_TIMES, "max_ms"]]
    if times["max_ms"].notna().all():
        times = times.astype({"max_ms": "int32"})
    traffic = _with_changes(now.drop(columns=FIGURES), before, _COUNTS, _SHARES)
    return pd.concat([traffic, _with_changes(times, before, _TIMES)], axis=1)


def _known(
    connection: duckdb.DuckDBPyConnection,
    before: pd.DataFrame,
    since: datetime,
    services: Sequence[ServiceKey] | None,
) -> pd.DataFrame:
    """The rows of `before` whose services had a request at `since` already; an endpoint's is its service."""
    series = list(before[KEYS[:2]].itertuples(index=False, name=None))
    return before[np.array(known_at(connection, "traffic", since, series, services), dtype=bool)]


def _before(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The rows of `before` that belong to those of `now`, one for each; empty where there is none."""
    return now[KEYS].merge(before, on=KEYS, how="left")


def _with_changes(
    now: pd.DataFrame, before: pd.DataFrame, figures: Sequence[str], shares: Sequence[str] = ()
) -> pd.DataFrame:
    """`now`, and beside it what the figures and shares were before, and how they changed."""
    columns = {f"{name}_before": before[name] for name in (*figures, *shares)}
    for name in figures:
        earlier = before[name].astype("float64")
        change = 100.0 * (now[name] - earlier) / earlier.where(earlier != 0)
        columns[f"{name.removesuffix('_ms')}_change_percent"] = change
    for name in shares:
        columns[f"{name.removesuffix('_percent')}_change_points"] = now[name] - before[name]
    return pd.concat([now, pd.DataFrame(columns)], axis=1)
