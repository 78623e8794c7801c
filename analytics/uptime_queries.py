"""How much of a period services were up, with and without announced maintenance."""

from datetime import datetime

import duckdb
import pandas as pd

from analytics.frames import frame


def uptime(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> pd.DataFrame:
    """Every monitored service in [since, until), in configured order; also one without a check.

    Columns: service_type, service_name; as counts of checks (of several attempts the last one) checks,
    healthy, degraded, down, unknown, in_maintenance; uptime_percent and uptime_percent_without_maintenance,
    the share of known checks that were not down, 0 to 100, NaN when nothing is known; and up_seconds,
    down_seconds, unknown_seconds, which add up to the period: a check holds until the next one, and no
    longer than it says something.
    """
    return frame(connection, "uptime", since=since, until=until)
