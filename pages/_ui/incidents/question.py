"""What the page asks of the database: the incidents of a time, their figures, how each service was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from analytics import incident_queries, status_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey, ServiceType
from analytics.periods import Period, parse_period
from pages._ui import words
from pages._ui.bands import Stretch
from pages._ui.incidents.rows import Incident, incident_of
from pages._ui.snapshot import known_status


@dataclass(frozen=True, slots=True)
class Figure:
    """How fast the incidents of a time were at one thing, against its target.

    `mean` and `median` are None when none got so far; `met` were in time, of the `of` that count.
    """

    measure: str
    mean: timedelta | None
    median: timedelta | None
    target: timedelta
    met: int
    of: int


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The incidents that went on in `period`: those that go on still first, then the newest."""

    period: Period
    incidents: tuple[Incident, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """What the services were in `period`, from old to new; a service that was not checked has no stretch."""

    period: Period
    stretches: MappingProxyType[ServiceKey, tuple[Stretch, ...]]


def incidents_of(connection: Connection, now: datetime, text: str) -> Found:
    """The incidents of the period in words `text`, and how fast people were in it."""
    period = parse_period(text, now)
    closed = incident_queries.closed_by_hand(connection, period.since)
    closers = {str(row["id"]): str(row["author"]) for row in records(closed)}
    rows = [
        incident_of(row, closers.get(str(row["id"]), ""))
        for row in records(incident_queries.incidents(connection, period.since, period.until, now))
    ]
    figures = incident_queries.incident_figures(connection, period.since, period.until, now)
    return Found(
        period=period,
        incidents=tuple(sorted(rows, key=lambda one: one.is_over)),
        figures=tuple(
            Figure(
                measure=str(row["measure"]),
                mean=_span(row["mean_seconds"]),
                median=_span(row["median_seconds"]),
                target=timedelta(seconds=row["target_seconds"]),
                met=int(row["met"]),
                of=int(row["reached"]) + int(row["overdue"]),
            )
            for row in records(figures)
            if row["severity"] == "all"
        ),
    )


def timeline_of(
    connection: Connection, now: datetime, text: str, services: tuple[ServiceKey, ...]
) -> Timeline:
    """What each of `services` was in the period in words `text`."""
    period = parse_period(text, now)
    found: dict[ServiceKey, list[Stretch]] = {}
    rows = status_queries.status_timeline(connection, period.since, period.until, services)
    for row in records(rows):
        key = ServiceKey(ServiceType(row["service_type"]), str(row["service_name"]))
        status = known_status(row["status"])
        said = "" if status == "healthy" else words.reason(str(row["reason"] or ""))
        ended = None if row["ended"] >= period.until >= now else row["ended"]
        found.setdefault(key, []).append(Stretch(str(status), row["begun"], ended, said))
    return Timeline(period, MappingProxyType({key: tuple(parts) for key, parts in found.items()}))


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
