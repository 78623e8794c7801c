"""What surrounds one service: its vendor, announced work, who wants to hear nothing of it, and what it needs.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC.
"""

from datetime import datetime

import duckdb
import pandas as pd

from analytics.alert_settings import service_of
from analytics.frames import frame
from analytics.model import ServiceKey

#: Reports of vendors that are returned at most.
_MOST_REPORTS = 50


def vendor_reports(
    connection: duckdb.DuckDBPyConnection, since: datetime, service: ServiceKey
) -> pd.DataFrame:
    """What vendors reported about `service` that went on at some time from `since` on, at most 50.

    What goes on still stands first, then the newest. Columns: vendor, vendor_id, name, impact, state,
    started_at, updated_at, resolved_at (NaT while it goes on), url (None without).
    """
    bound = {"since": since, "service": str(service), "count": _MOST_REPORTS}
    return frame(connection, "vendor_reports_of_service", **bound)


def vendor_feeds(connection: duckdb.DuckDBPyConnection, service: ServiceKey) -> pd.DataFrame:
    """The status pages that tell of `service`, as they were read last.

    Columns: vendor, url (of the feed), indicator (`none` when all is well), description, checked_at, read_at
    (the last time it could be read), error.
    """
    return frame(connection, "vendor_feeds_of_service", service=str(service))


def maintenance(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, service: ServiceKey
) -> pd.DataFrame:
    """The announced work on `service` that took place between `since` and `until`, the newest first.

    Columns: name, starts_at, ends_at. What begins later is not known here.
    """
    return frame(connection, "maintenance_of_service", since=since, until=until, service=str(service))


def mutes(connection: duckdb.DuckDBPyConnection, now: datetime, service: ServiceKey) -> pd.DataFrame:
    """Who wants to hear nothing of `service` at `now`.

    Columns: rule (None: all), created_at, until, author, note.
    """
    return frame(connection, "mutes_of_service", now=now, service=str(service))


def dependencies(
    connection: duckdb.DuckDBPyConnection, service: ServiceKey
) -> tuple[tuple[ServiceKey, ...], tuple[ServiceKey, ...]]:
    """What `service` cannot work without, and what cannot work without it, both in configured order."""
    found = frame(connection, "dependencies_of_service", service=str(service))
    needed: list[ServiceKey] = []
    needing: list[ServiceKey] = []
    for text, is_needed in zip(found["service"], found["needed"], strict=True):
        kind, _, name = text.partition("/")
        other = service_of(kind, name)
        if other is not None:
            (needed if is_needed else needing).append(other)
    return tuple(needed), tuple(needing)
