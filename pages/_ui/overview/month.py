"""The last 30 days of services, for the bars of their rows. A question of a slow pace: only today moves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from analytics import availability_queries, day_queries, incident_queries
from analytics.alert_settings import service_of
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from analytics.periods import parse_period
from pages._ui.daybars import Day, daybar
from pages._ui.overview.troubles import Incident, incident
from pages._ui.reading import paced

#: How many days a bar has.
DAYS = 30


@dataclass(frozen=True, slots=True)
class Month:
    """The bar of a service, drawn once for all viewers, and the share of known checks that were not down.

    The bar has days of the viewer's clock, the uptime is of 30 times 24 hours, as on every other page.
    """

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


@dataclass(frozen=True, slots=True)
class Past:
    """What the bars of all zones are drawn from. `hours` is shared: nobody may change it."""

    now: datetime
    hours: pd.DataFrame
    incidents: Mapping[ServiceKey, list[Incident]]
    uptimes: Mapping[ServiceKey | None, float | None]


@paced(60)
def past(connection: Connection, now: datetime, services: tuple[ServiceKey, ...] | None = None) -> Past:
    """The last 30 days of every monitored service (of `services`, default all), by whatever clock."""
    since = now - timedelta(days=DAYS, hours=1)
    period = parse_period(f"{DAYS}d", now)
    shares = availability_queries.availability(connection, period.since, period.until, services=services)
    return Past(
        now,
        day_queries.hours(connection, since, now, services),
        by_service(map(incident, records(incident_queries.incidents(connection, since, now, now)))),
        {
            service_of(row["service_type"], row["service_name"]): row["uptime_percent"]
            for row in records(shares)
        },
    )


def months(past: Past, zone: ZoneInfo) -> Months:
    """The bars of `past` by the clock of `zone`."""
    edges = day_queries.last_days(past.now, DAYS, zone.key)
    rows: dict[ServiceKey, dict[datetime, dict[str, Any]]] = defaultdict(dict)
    for row in records(day_queries.in_days(past.hours, edges)):
        key = service_of(row["service_type"], row["service_name"])
        if key is not None:
            rows[key][row["begun"]] = row
    return Months(
        {
            key: Month(
                daybar(_days(edges, found, past.incidents.get(key, [])), zone, f"days-{key}"),
                past.uptimes.get(key),
            )
            for key, found in rows.items()
        },
        Month(daybar(_days(edges, {}, []), zone), None),
    )


def by_service(incidents: Iterable[Incident]) -> dict[ServiceKey, list[Incident]]:
    """The incidents of each service."""
    found: dict[ServiceKey, list[Incident]] = defaultdict(list)
    for one in incidents:
        if one.service is not None:
            found[one.service].append(one)
    return found


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
