"""One typed function a named query: values in, a DataFrame out. Pandas begins here.

Every function takes an open connection (`analytics.db.read_only`) and `now`, the moment it is asked for, in
UTC. Times in the frames are aware UTC, durations are in the unit their name says, missing values are NaN, NaT
or None as pandas has them.
"""

from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analytics.frames import frame

#: How many checks of a service `recent_checks` returns unless told otherwise.
RECENT = 40

#: What is read when the file does not say how often anything is checked.
_FALLBACK_REACH = timedelta(hours=1)

#: Cycles do not start on the second, and a check that is confirmed takes longer.
_MARGIN = 1.1


def newest_run(connection: duckdb.DuckDBPyConnection, now: datetime) -> pd.DataFrame:
    """The newest heartbeat: one row, or none when the collector never ran.

    Columns: collector, version, started_at, finished_at, interval_seconds; and as counts services, checks,
    failures.
    """
    return frame(connection, "newest_run", now=now)


def latest_heartbeat(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the newest heartbeat was by the collector's own clock, which may be ahead; None for none."""
    at = frame(connection, "latest_heartbeat")["finished_at"].iloc[0]
    return None if pd.isna(at) else at.to_pydatetime()


def services(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What is monitored, in configured order.

    Columns: service_type, service_name, probe, target, interval_seconds, stale_after_seconds, healthy_ms,
    down_ms, runbook.
    """
    return frame(connection, "services")


def reach(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    checks: int = RECENT,
    run: pd.DataFrame | None = None,
) -> datetime:
    """From when on to read so that `checks` checks of every monitored service are seen, and its status.

    Counted from the newest heartbeat (`run`, as `newest_run` returns it, to save reading it again), not from
    `now`: the last checks before a long stop are still found. The table is in time order, so what lies before
    is skipped unread.
    """
    heartbeat = newest_run(connection, now) if run is None else run
    until = now if heartbeat.empty else heartbeat["finished_at"].iloc[0].to_pydatetime()
    seconds = frame(connection, "longest_reach", checks=checks)["seconds"].iloc[0]
    if pd.isna(seconds):
        return until - _FALLBACK_REACH
    return until - _MARGIN * timedelta(seconds=float(seconds))


def recent_checks(
    connection: duckdb.DuckDBPyConnection, now: datetime, since: datetime | None = None, checks: int = RECENT
) -> pd.DataFrame:
    """The last `checks` checks of each service after `since` (default: `reach`), oldest first.

    Columns: service_type, service_name, timestamp, begun, status, reason, message, response_time_ms,
    success_rate (percent), attempt. A check of several attempts is one row, its last attempt; `begun` is the
    time of its first.
    """
    start = reach(connection, now, checks) if since is None else since
    return frame(connection, "recent_checks", now=now, since=start, checks=checks)
