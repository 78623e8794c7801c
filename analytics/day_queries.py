"""What services were on each of the last days, from rollups and single checks alike.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from analytics.coverage import coverage, hour_of
from analytics.frames import frame, names
from analytics.model import ServiceKey
from analytics.status_queries import step_edges

#: What is added up to days.
_SUMMED = [
    "checks",
    "known_checks",
    "down_checks",
    "healthy_seconds",
    "degraded_seconds",
    "down_seconds",
    "unknown_seconds",
]


def days(
    connection: duckdb.DuckDBPyConnection,
    edges: Sequence[datetime],
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """What each monitored service (of `services`, default all) was from each of `edges` until the next one.

    A row a service and day with a check, in configured order. Columns: service_type, service_name, begun; as
    counts of checks (of several attempts the last one) checks, known_checks and down_checks of these; and
    healthy_seconds, degraded_seconds, down_seconds, unknown_seconds: what is missing to the day is a gap. An
    hour counts for the day in which most of it lies: where days begin at half past an hour, the seconds of
    one can be up to an hour more or less than they were.

    ValueError when `edges` are fewer than two.
    """
    if len(edges) < 2:
        raise ValueError(f"{len(edges)} edges of days: a day has two")
    return in_days(hours(connection, edges[0], edges[-1], services), edges)


def hours(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """What `in_days` makes days of, by the clock of whoever asks: the columns of `days`, but `hour`, by hour.

    The first hour is whole: a day takes all of it or none.
    """
    called = [one.service_name for one in services or ()]
    bound = coverage(connection, hour_of(since), until).bound()
    first, last = min(called, default=None), max(called, default=None)
    return frame(
        connection, "hours_of_checks", services=names(services), first_name=first, last_name=last, **bound
    )


def in_days(found: pd.DataFrame, edges: Sequence[datetime]) -> pd.DataFrame:
    """`days` between `edges`, of hours that reach at least as far."""
    begins = pd.DatetimeIndex(list(edges[:-1]))
    place = begins.searchsorted(pd.DatetimeIndex(found["hour"]) + timedelta(minutes=30), side="right") - 1
    inside = found.assign(begun=begins[place.clip(0)])[place >= 0]
    keys = ["service_type", "service_name", "begun"]
    return inside.groupby(keys, sort=False)[_SUMMED].sum().reset_index()


def last_days(now: datetime, count: int, timezone: str = "UTC") -> list[datetime]:
    """Where the last `count` days of the clock of `timezone` begin, the newest being today, and `now`.

    ValueError when `timezone` is not known.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    first = (today - timedelta(days=count - 1)).replace(tzinfo=zone)
    return step_edges(first.astimezone(now.tzinfo), now, timedelta(days=1), timezone)
