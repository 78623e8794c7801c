"""The monitor itself: what it watches and by which limits, whether it ran, and how much it has kept.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC; `since` belongs to a
period, `until` does not.
"""

from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analytics.frames import frame


def monitored(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every service of the configuration in its order, also those that are switched off.

    Columns: service_type, service_name, enabled, probe, target, interval_seconds, stale_after_seconds, basis,
    healthy_ms, down_ms, healthy_above_percent, down_below_percent, sure_after (failures in a row), objective
    (percent), traffic_name, runbook, depends_on (JSON), updated_at. None where an earlier version wrote the
    row.
    """
    return frame(connection, "monitored")


def cycles_in_steps(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, step: timedelta
) -> pd.DataFrame:
    """The collector's cycles that began in each step from `since` on, counted from 0.

    Columns: step, cycles, checks, failures (checks that failed), interval_seconds (how often one was due).
    A step in which none began has no row. ValueError when `step` is not whole seconds.
    """
    seconds, rest = divmod(step, timedelta(seconds=1))
    if seconds < 1 or rest:
        raise ValueError(f"step of {step}: it is whole seconds")
    return frame(connection, "cycles_in_steps", since=since, until=until, seconds=seconds)


def kept_rows(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """How many rows each table of the database holds.

    Columns: name (of the table), kept (rows), since (its oldest moment; NaT when it is empty or has none).
    """
    return frame(connection, "kept_rows")
