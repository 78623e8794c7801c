"""What the page asks the database: the services with their limits, the collector's last day, what is kept."""

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics import alert_settings, monitor_queries, report_queries
from analytics.db import Connection, DatabaseError, FileLocation, locate
from analytics.frames import records
from analytics.model import Policy, ServiceKey, ServiceType
from analytics.report_queries import Stop
from pages._ui.reading import paced

#: The strip of the last day: how long a slot is, and how many there are.
SLOT = timedelta(minutes=15)
SLOTS = 96

#: How far back stops are looked for.
STOPS_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Monitored:
    """A service of the configuration. `policy` is None where the file does not say what it is judged by."""

    key: ServiceKey
    enabled: bool
    probe: str
    target: str
    interval: timedelta
    policy: Policy | None
    objective: float | None
    runbook: str
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A quarter of an hour of the collector. `ran` is the share of its cycles that took place, at most 1."""

    begun: datetime
    ended: datetime
    cycles: int
    checks: int
    failures: int
    ran: float


@dataclass(frozen=True, slots=True)
class Monitor:
    """Everything but the size of the tables. `stops` are those of the last days, the newest first."""

    services: tuple[Monitored, ...]
    slots: tuple[Slot, ...]
    stops: tuple[Stop, ...]

    @property
    def cycles(self) -> int:
        """The cycles of the last day."""
        return sum(slot.cycles for slot in self.slots)


@dataclass(frozen=True, slots=True)
class KeptTable:
    """How many rows a table holds, and from when its oldest is; None for settings and without rows."""

    name: str
    rows: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The database: its name, its size in bytes (None: it is no file), and its tables."""

    name: str
    size: int | None
    tables: tuple[KeptTable, ...]

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables)

    @property
    def since(self) -> datetime | None:
        """The oldest moment that anything is known of."""
        moments = [
            table.since
            for table in self.tables
            if table.since and table.name in ("check_hours", "integration_health_checks")
        ]
        return min(moments, default=None)


@paced(10)
def monitor(connection: Connection, now: datetime) -> Monitor:
    """What is monitored, and how the collector ran."""
    limits = alert_settings.read_limits(connection)
    services = (_monitored(row, limits) for row in records(monitor_queries.monitored(connection)))
    until = _next_slot(now)
    since = until - SLOTS * SLOT
    steps = {
        row["step"]: row for row in records(monitor_queries.cycles_in_steps(connection, since, until, SLOT))
    }
    slots = tuple(_slot(since + number * SLOT, steps.get(number), now) for number in range(SLOTS))
    stops = report_queries.stops(connection, now - STOPS_WITHIN, now)
    return Monitor(tuple(one for one in services if one), slots, tuple(reversed(stops)))


@paced(60)
def kept(connection: Connection, _now: datetime) -> Kept:
    """How large everything is."""
    name, size = _file()
    tables = (
        KeptTable(row["name"], int(row["kept"]), row["since"])
        for row in records(monitor_queries.kept_rows(connection))
    )
    return Kept(name, size, tuple(tables))


def _monitored(row: dict[str, Any], limits: dict[ServiceKey, Policy]) -> Monitored | None:
    if row["service_type"] not in list(ServiceType):
        return None
    key = ServiceKey(ServiceType(row["service_type"]), str(row["service_name"]))
    return Monitored(
        key=key,
        enabled=bool(row["enabled"]),
        probe=str(row["probe"] or ""),
        target=str(row["target"] or ""),
        interval=timedelta(seconds=float(row["interval_seconds"])),
        policy=limits.get(key),
        objective=row["objective"],
        runbook=str(row["runbook"] or ""),
        depends_on=_names(row["depends_on"]),
    )


def _names(text: str | None) -> tuple[str, ...]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return ()
    return tuple(str(one) for one in found) if isinstance(found, list) else ()


def _next_slot(now: datetime) -> datetime:
    seconds = SLOT.total_seconds()
    return now + timedelta(seconds=seconds - now.timestamp() % seconds)


def _slot(begun: datetime, row: dict[str, Any] | None, now: datetime) -> Slot:
    ended = begun + SLOT
    if row is None:
        return Slot(begun, ended, 0, 0, 0, 0.0)
    due = (min(ended, now) - begun).total_seconds() / float(row["interval_seconds"] or 60)
    # A slot that has just begun may owe less than one cycle.
    ran = min(1.0, row["cycles"] / max(due, 1.0))
    return Slot(begun, ended, row["cycles"], row["checks"], row["failures"], ran)


def _file() -> tuple[str, int | None]:
    try:
        location = locate(os.environ.get("HEALTH_DB", ""), os.environ.get("HEALTH_DATA_PATH", ""))
        if isinstance(location, FileLocation):
            return location.path.name, os.stat(location.path).st_size
    except (DatabaseError, OSError):
        return "", None
    return "DuckLake", None
