"""What is known about troubles: incidents of the last week, vendors' reports, announced work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from analytics import change_queries, incident_queries, vendor_queries
from analytics.alert_settings import service_of
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from analytics.periods import parse_period

#: How far back incidents are recent.
RECENT = "7d"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as a list shows it. `service` is None for one of a type this version does not know."""

    id: str
    service: ServiceKey | None
    severity: str
    title: str
    began_at: datetime
    resolved_at: datetime | None
    acknowledged_by: str


@dataclass(frozen=True, slots=True)
class Window:
    """Announced work that is on: what it is called and when it ends."""

    name: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Troubles:
    """`incidents`, those that go on first and the newest first; what a vendor says and work by service."""

    incidents: tuple[Incident, ...]
    vendor_notes: Mapping[ServiceKey, str]
    maintenance: Mapping[ServiceKey, Window]


#: What is known of troubles while nothing could be read.
NONE = Troubles((), MappingProxyType({}), MappingProxyType({}))


def troubles(connection: Connection, now: datetime) -> Troubles:
    """What is known at `now`."""
    period = parse_period(RECENT, now)
    found = tuple(map(incident, records(incident_queries.incidents(connection, period.since, now))))
    windows: dict[ServiceKey, Window] = {}
    for row in records(change_queries.maintenance_now(connection, now)):
        key = service_of(row["service_type"], row["service_name"])
        if key is not None:
            windows.setdefault(key, Window(str(row["name"] or ""), row["ends_at"]))
    return Troubles(
        tuple(sorted(found, key=lambda one: one.resolved_at is not None)),
        MappingProxyType(vendor_queries.vendor_notes(connection, now)),
        MappingProxyType(windows),
    )


def incident(row: dict[str, Any]) -> Incident:
    """A row of `analytics.incident_queries.incidents`."""
    return Incident(
        id=str(row["id"]),
        service=service_of(row["service_type"], row["service_name"]),
        severity=str(row["severity"]),
        title=str(row["title"] or ""),
        began_at=row["began_at"] or row["created_at"],
        resolved_at=row["resolved_at"],
        acknowledged_by=str(row["acknowledged_by"] or ""),
    )
