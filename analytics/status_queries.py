"""The status of services over time, from rollups and single checks alike.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC; `since` belongs to a
period, `until` does not. A stretch of time without a row is a gap: nobody looked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import pandas as pd

from analytics.coverage import coverage
from analytics.frames import frame, names
from analytics.model import ServiceKey

_DAY = timedelta(days=1)


def status_timeline(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """The stretches of one status and reason of each service (of `services`, default all), cut to the period.

    In configured order, those no longer monitored last, each from old to new. Columns: service_type,
    service_name, status, reason, begun, ended, seconds.
    """
    bound = coverage(connection, since, until).bound()
    return frame(connection, "status_timeline", services=names(services), first=since, last=until, **bound)


def status_hours(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    step: timedelta,
    services: Sequence[ServiceKey] | None = None,
    timezone: str = "UTC",
) -> pd.DataFrame:
    """What each service was in every step of the period, by time: for a bar of days, a map of hours.

    Steps begin at `since`; the last one may be shorter. A `step` of whole days begins at the same time of
    the clock of `timezone` each day, so one of them may have 23 or 25 hours.

    A row a service and step, also where nobody looked, in configured order (those no longer monitored
    last). Columns: service_type, service_name, begun, ended; healthy_seconds, degraded_seconds,
    down_seconds, unknown_seconds and gap_seconds, which add up to the step; uptime_percent, the share of the
    known time that was not down, NaN when nothing is known.

    ValueError when `step` is not whole hours, or `timezone` is not known.
    """
    bound = coverage(connection, since, until).bound()
    edges = step_edges(since, until, step, timezone)
    return frame(
        connection,
        "status_hours",
        services=names(services),
        begins=edges[:-1],
        ends=edges[1:],
        **bound,
    )


def step_edges(since: datetime, until: datetime, step: timedelta, timezone: str = "UTC") -> list[datetime]:
    """Where the steps of `status_hours` begin and end: `since`, the moments between, `until`.

    Just `since` when the period is empty. ValueError as `status_hours` says.
    """
    if step < timedelta(hours=1) or step % timedelta(hours=1):
        raise ValueError(f"step of {step}: it is whole hours or days")
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"timezone {timezone!r}: it is a name like Europe/Berlin or UTC") from None
    # Days are counted on the clock of the wall, shorter steps are not.
    clock = since.astimezone(zone).replace(tzinfo=None) if step % _DAY == timedelta(0) else None
    edges, number = [since], 1
    while edges[-1] < until:
        if clock is None:
            following = since + number * step
        else:
            following = (clock + number * step).replace(tzinfo=zone).astimezone(since.tzinfo)
        edges.append(min(following, until))
        number += 1
    return edges
