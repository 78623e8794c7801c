"""What alerts stand, when they fired, how their channels do, and who wants to hear nothing, as DataFrames.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC. Times in the frames are
aware UTC, ids are text, missing values are NaN, NaT or None as pandas has them.
"""

from datetime import datetime

import duckdb
import pandas as pd

from analytics.frames import frame


def standing_alerts(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The alerts that fire or wait to, those that fire first, the loudest first.

    Columns: rule, service_type, service_name (both `collector` for the collector itself), state (firing or
    pending), since, severity, title, suppressed_by (why nobody is told, else None), incident_id.
    """
    return frame(connection, "standing_alerts")


def alert_firings(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> pd.DataFrame:
    """Every time an alert fired at some moment between `since` and `until`, the newest first.

    Columns: rule, service_type, service_name, begun, ended (NaT while it goes on), severity, title,
    suppressed_by (why nobody was told all the while, else None), incident_id.
    """
    return frame(connection, "alert_firings", since=since, until=until)


def channel_health(connection: duckdb.DuckDBPyConnection, since: datetime) -> pd.DataFrame:
    """How each channel does, in configured order; those no longer configured last, if they have to do.

    Columns: channel, kind (None when it is not configured any more), severities (JSON), waiting,
    waiting_since, next_attempt_at, attempts (the most of what waits); since `since` delivered, refused,
    expired (counts) and median_seconds from written to delivered; last_delivered_at, last_error and
    last_error_at (of all times).
    """
    return frame(connection, "channel_health", since=since)


def mutes_in_force(connection: duckdb.DuckDBPyConnection, now: datetime) -> pd.DataFrame:
    """Who wants to hear nothing at `now`; what ends first stands first.

    Columns: id, service_type, service_name and rule (None: all), created_at, until, author, note.
    """
    return frame(connection, "mutes_in_force", now=now)


def announced_work(connection: duckdb.DuckDBPyConnection, since: datetime) -> pd.DataFrame:
    """The maintenance that went on at some time from `since` on, the newest first.

    Columns: name, starts_at, ends_at, services (a list of type/name). The collector writes a window down when
    it begins: what comes later is not known here.
    """
    return frame(connection, "announced_work", since=since)


def rule_changes_made(connection: duckdb.DuckDBPyConnection, now: datetime) -> pd.DataFrame:
    """Every change people made of the alert rules up to `now`, the oldest first.

    Columns: rule, service_type and service_name (None: all), settings (JSON, all that is changed of the rule
    from then on; None takes the change back), timestamp, author, note.
    """
    return frame(connection, "alert_rule_changes_made", now=now)
