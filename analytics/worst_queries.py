"""Which services were worst off in a period, as a DataFrame."""

from datetime import datetime

import duckdb
import pandas as pd

from analytics.coverage import coverage
from analytics.frames import frame
from analytics.latency_queries import rates_and_latency

_SERVICE = ["service_type", "service_name"]


def worst_services(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> pd.DataFrame:
    """The monitored services from `since` until just before `until`, the worst first.

    The longest down is the worst; of those that were as long down the longest degraded, then the one with
    the larger share of errors, then the configured order. Columns: service_type, service_name,
    uptime_percent (by checks, NaN when none knows), down_seconds, degraded_seconds, worst_status and
    worst_reason (of most of its time down, or else degraded; None when it was neither), incidents (a count,
    of those that went on in the period), healthy_ms (its limit), requests (a count), error_percent, p95_ms.
    """
    found = frame(connection, "bad_time", **coverage(connection, since, until).bound())
    traffic = rates_and_latency(connection, since, until)
    columns = [*_SERVICE, "requests", "error_percent", "p95_ms"]
    joined = found.merge(traffic[columns], on=_SERVICE, how="left")
    joined["requests"] = joined["requests"].fillna(0).astype("int64")
    order = ["down_seconds", "degraded_seconds", "error_percent"]
    return joined.sort_values(order, ascending=False, kind="stable", ignore_index=True)
