"""Forgetting: single rows when they are old and rolled up, rollups and what is over after a year or more."""

from datetime import UTC, datetime, timedelta

import duckdb

from analytics.coverage import hour_of, read_state
from analytics.named_sql import query
from analytics.rollups.late import late_hours

#: So many hours' worth of single rows go in one call: a transaction that nobody has to wait for.
MOST = timedelta(hours=6)

#: A clock has shown a time for so long before what is deleted goes by it.
_PROVEN = timedelta(hours=12)
#: So far beyond a time that is proven lies the latest one to go by.
_BEYOND = timedelta(days=1)

_SINGLE_ROWS = ("drop_checks", "drop_calls", "drop_deliveries", "drop_circuit_events", "drop_runs")
_STORIES = (
    "drop_old_check_hours",
    "drop_old_status_spans",
    "drop_old_traffic_hours",
    "drop_old_latency_hours",
    "drop_old_service_latency_hours",
    "drop_old_quota_hours",
    "drop_old_incident_events",
    "drop_old_incidents",
    "drop_old_notifications",
    "drop_old_alert_events",
    "drop_old_reports",
    "drop_old_vendor_incidents",
    "drop_old_mutes",
    "drop_old_maintenance",
)
_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


def proven_now(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime | None:
    """The time that deleting goes by at `now`: at most a day after the newest run half a day ago or earlier.

    What a clock says that is far ahead for an hour deletes nothing. None when there is no such run.
    """
    row = connection.execute(query("newest_run_before"), {"moment": now - _PROVEN}).fetchone()
    if row is None or row[0] is None:
        return None
    proven: datetime = row[0].astimezone(UTC)
    return min(now, proven + _BEYOND)


def delete_raw(connection: duckdb.DuckDBPyConnection, before: datetime, most: timedelta = MOST) -> int:
    """Delete single rows that tell nothing from `before` on; how many there were, 0 when all is done.

    Oldest first, whole hours, at most `most` at once; never an hour that is not rolled up or is to be made
    anew. A few hours before `before` stay (`RollupState.reach`): what was said then holds into what is kept.
    """
    state = read_state(connection)
    if state.rolled_until is None:
        return 0
    limits = [before.astimezone(UTC) - state.reach, state.rolled_until - state.reach]
    limits += [late.hour - state.reach for late in late_hours(connection)[:1]]
    first = connection.execute(query("first_single_row"), {"since": _BEGINNING}).fetchone()
    if first is None or first[0] is None:
        return 0
    until = min(hour_of(min(limits)), hour_of(first[0].astimezone(UTC)) + most)
    period = {"since": _BEGINNING, "until": until}
    deleted = sum(_count(connection, name, period) for name in _SINGLE_ROWS)
    if deleted:
        connection.execute(query("keep_raw_since"), {"since": until})
    return deleted


def delete_rollups(connection: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Delete rollups of before `before`, and everything that was over by then; how many rows there were.

    An incident that goes on, a message that waits and a mute that holds stay, however old they are.
    """
    return sum(_count(connection, name, {"before": before}) for name in _STORIES)


def _count(connection: duckdb.DuckDBPyConnection, name: str, values: dict[str, datetime]) -> int:
    row = connection.execute(query(name), values).fetchone()
    return int(row[0]) if row is not None else 0
