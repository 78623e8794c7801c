"""Incidents, alerts and how fast people knew, as DataFrames: one typed function a named query.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC. Times in the frames are
aware UTC, ids are text, missing values are NaN, NaT or None as pandas has them.
"""

from datetime import datetime
from uuid import UUID

import duckdb
import pandas as pd

from analytics.frames import frame


def incident_figures(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, now: datetime | None = None
) -> pd.DataFrame:
    """How fast incidents opened in [since, until) were noticed, told, acknowledged and over.

    16 rows in a fixed order, also when nothing happened: a severity (`all`, `critical`, `warning`, `info`)
    and a `measure`:

    - `detection`: from its first sign until it was sure, also of one that was held back then;
    - `alert` (MTTA): from its first sign until a channel accepted the first message;
    - `acknowledge` (MTTACK): from then until somebody acknowledged it;
    - `resolve` (MTTR): from its first sign to its confirmed end, the good times between relapses included.

    Columns: severity, measure; as counts incidents, relapsed (how many of them came back), reached (how many
    got so far; only they have a time), overdue (how many did not, though the target has passed), met; in
    seconds median_seconds, p95_seconds, mean_seconds, target_seconds; met_percent is the share of reached
    and overdue that made it in less than the target, NaN without any. `now` (default: `until`) is what
    those that still wait are measured by.
    """
    return frame(connection, "incident_figures", since=since, until=until, now=now or until)


def incidents(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, now: datetime | None = None
) -> pd.DataFrame:
    """The incidents that were going on at some time between `since` and `until`, newest first.

    Columns: id, service_type, service_name, severity, status, title, description, rule, reason, began_at,
    created_at, told_at (a channel first accepted its trigger), acknowledged_at, acknowledged_by, resolved_at,
    relapses (a count), seconds (from its first sign to its end, or to `now`, by default `until`).
    """
    return frame(connection, "incidents_between", since=since, until=until, now=now or until)


def incident(connection: duckdb.DuckDBPyConnection, incident_id: UUID, now: datetime) -> pd.DataFrame:
    """The incident `incident_id` with the columns of `incidents`, as one row; no row when there is none.

    `seconds` counts up to `now` while it is not over.
    """
    return frame(connection, "one_incident", id=incident_id, now=now)


def incident_events(connection: duckdb.DuckDBPyConnection, incident_id: UUID) -> pd.DataFrame:
    """The timeline of one incident, oldest first. Columns: id, timestamp, kind, author, message."""
    return frame(connection, "incident_timeline", id=incident_id)


def closed_by_hand(connection: duckdb.DuckDBPyConnection, since: datetime) -> pd.DataFrame:
    """The incidents that a person, not the collector, resolved last after `since`. Columns: id, author."""
    return frame(connection, "incidents_closed_by_hand", since=since)


def notifications(connection: duckdb.DuckDBPyConnection, incident_id: UUID) -> pd.DataFrame:
    """What was sent about one incident, or is to be, in the order it was written.

    Columns: id, channel, action, severity, state, attempts, created_at, first_attempt_at, next_attempt_at,
    delivered_at, answer (the other side's), last_error.
    """
    return frame(connection, "incident_notifications", id=incident_id)


def recent_alerts(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> pd.DataFrame:
    """Every change of an alert in (since, until], newest first.

    Columns: timestamp, rule, service_type, service_name, old_state, new_state, severity, title,
    suppressed_by (why nobody was told, else None), incident_id.
    """
    return frame(connection, "alert_changes", since=since, until=until)


def suppressed_alerts(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime
) -> pd.DataFrame:
    """The firings between `since` and `until` of which nobody was told: a row a rule, service and reason.

    The newest stand first. Columns: service_type, service_name, rule, suppressed_by, suppressions (firings,
    as `alert_firings` counts them), severity and title (of the newest), first_at, last_at (when they began).
    """
    return frame(connection, "suppressed_alerts", since=since, until=until)


def incident_durations(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, now: datetime | None = None
) -> pd.DataFrame:
    """How long the incidents that began in [since, until) lasted: a row a service that had any.

    In configured order, those no longer monitored last. Columns: service_type, service_name; as counts
    incidents, open (not over at `now`, by default `until`); in seconds total_seconds, median_seconds,
    longest_seconds (in these an open one lasts until `now`), mean_to_resolve_seconds (MTTR, of those that
    are over) and mean_between_seconds, of the times in which none was going on: from the end of all before to
    the beginning of the next. NaN where there is none.
    """
    return frame(connection, "incident_durations", since=since, until=until, now=now or until)
