"""Rows that come for an hour that is finished already, or is being finished at this moment.

In a DuckLake two may write at once, and neither sees what the other one does. So an hour that is over counts
as late before it is finished; whoever finishes it forgets that only of the rows it saw, with which it has
worked. What it did not see stands here afterwards, and the hour is made anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from analytics.coverage import hour_of
from analytics.model import ServiceKey, ServiceType
from analytics.named_sql import query


@dataclass(frozen=True, slots=True)
class LateHour:
    """An hour for which checks of `service` came late, or, where that is None, traffic of anything."""

    hour: datetime
    service: ServiceKey | None


def mark_late(
    connection: duckdb.DuckDBPyConnection,
    traffic: Iterable[datetime],
    now: datetime | None = None,
    checks: Iterable[tuple[ServiceKey, datetime]] = (),
) -> None:
    """Remember which hours of `traffic` and `checks` are finished, so that `next_step` has them made anew.

    The times may be those of the rows themselves, calls and deliveries, and checks with their services. Hours
    that are over at `now` are remembered as well, for they may be finished at this moment; without `now` one
    that is being finished in another transaction is missed. Also the hour at hand can be finished, by a clock
    that was ahead, so one row is read in any case. Belongs into the transaction that brings the rows.
    """
    wanted: set[tuple[datetime, str | None, str | None]] = {
        (hour_of(time.astimezone(UTC)), None, None) for time in traffic
    }
    wanted |= {
        (hour_of(time.astimezone(UTC)), str(key.service_type), key.service_name) for key, time in checks
    }
    if not wanted:
        return
    row = connection.execute(query("finished_until")).fetchone()
    over = [] if now is None else [hour_of(now.astimezone(UTC))]
    finished = [row[0].astimezone(UTC)] if row is not None and row[0] is not None else []
    limit = max(over + finished, default=None)
    late = [one for one in wanted if limit is not None and one[0] < limit]
    if late:
        hours, types, names = (list(column) for column in zip(*late, strict=True))
        connection.execute(query("mark_late_hours"), {"hours": hours, "types": types, "names": names})


def late_hours(connection: duckdb.DuckDBPyConnection) -> list[LateHour]:
    """The finished hours that are to be made anew, oldest first."""
    rows = connection.execute(query("waiting_late_hours")).fetchall()
    return [LateHour(hour.astimezone(UTC), _key(kind, name)) for hour, kind, name in rows]


def _key(service_type: str | None, service_name: str | None) -> ServiceKey | None:
    if service_type is None or service_name is None:
        return None
    return ServiceKey(ServiceType(service_type), service_name)
