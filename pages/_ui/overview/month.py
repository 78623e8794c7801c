"""The last 30 days of services, for the bars of their rows. A question of a slow pace: only today moves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from analytics import day_queries, incident_queries
from analytics.alert_settings import service_of
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from pages._ui.daybars import Day, daybar
from pages._ui.overview.troubles import Incident, incident
from pages._ui.reading import paced

#: How many days a bar has.
DAYS = 30


@dataclass(frozen=True, slots=True)
class Month:
    """The bar of a service, drawn once for all viewers, and the share of known checks that were not down."""

    bar: str
    uptime: float | None


@dataclass(frozen=True, slots=True)
class Months:
    """The month of every service that was checked in it; `empty` is that of all others."""

    found: Mapping[ServiceKey, Month]
    empty: Month

    def of(self, service: ServiceKey) -> Month:
        """The month of `service`."""
        return self.found.get(service, self.empty)


#: Months while nothing could be read.
NONE = Months({}, Month("", None))


@paced(60)
def month(
    connection: Connection, now: datetime, zone: str, services: tuple[ServiceKey, ...] | None = None
) -> Months:
    """The last 30 days by the clock of `zone` of every monitored service (of `services`, default all)."""
    edges = day_queries.last_days(now, DAYS, zone)
    rows: dict[ServiceKey, dict[datetime, dict[str, Any]]] = defaultdict(dict)
    for row in records(day_queries.days(connection, edges, services)):
        key = service_of(row["service_type"], row["service_name"])
        if key is not None:
            rows[key][row["begun"]] = row
    incidents = by_service(
        map(incident, records(incident_queries.incidents(connection, edges[0], edges[-1], now)))
    )
    clock = ZoneInfo(zone)
    return Months(
        {
            key: _month(_days(edges, found, incidents.get(key, [])), found, clock, f"days-{key}")
            for key, found in rows.items()
        },
        _month(_days(edges, {}, []), {}, clock, ""),
    )


def by_service(incidents: Iterable[Incident]) -> dict[ServiceKey, list[Incident]]:
    """The incidents of each service."""
    found: dict[ServiceKey, list[Incident]] = defaultdict(list)
    for one in incidents:
        if one.service is not None:
            found[one.service].append(one)
    return found


def _month(days: list[Day], rows: Mapping[datetime, dict[str, Any]], zone: ZoneInfo, keep: str) -> Month:
    known = sum(row["known_checks"] for row in rows.values())
    down = sum(row["down_checks"] for row in rows.values())
    return Month(daybar(days, zone, keep), 100.0 * (known - down) / known if known else None)


def _days(
    edges: list[datetime], rows: Mapping[datetime, dict[str, Any]], incidents: list[Incident]
) -> list[Day]:
    return [_day(begun, ended, rows.get(begun), incidents) for begun, ended in pairwise(edges)]


def _day(begun: datetime, ended: datetime, row: dict[str, Any] | None, incidents: list[Incident]) -> Day:
    met = tuple(
        one.title
        for one in incidents
        if one.began_at < ended and (one.resolved_at is None or one.resolved_at > begun)
    )
    if row is None:
        return Day(begun, ended, incidents=met)
    known, down = row["known_checks"], row["down_checks"]
    return Day(
        begun,
        ended,
        healthy=row["healthy_seconds"],
        degraded=row["degraded_seconds"],
        down=row["down_seconds"],
        unknown=row["unknown_seconds"],
        checks=row["checks"],
        uptime=100.0 * (known - down) / known if known else None,
        incidents=met,
    )
