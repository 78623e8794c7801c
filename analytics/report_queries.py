"""What the reports read: one typed function a named query of `reports.sql`.

Plain values and no frames: a report is made in a process of its own that has to be small. Every function
takes an open connection (`analytics.db.read_only`); `start` belongs to the time that is read, `end` does not.
Times are aware UTC. Types and names are texts: what was monitored once may be no longer known.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import duckdb

from analytics.coverage import HOUR, coverage, read_state
from analytics.named_sql import query


@dataclass(frozen=True, slots=True)
class MonitoredService:
    """A service of the configuration; `healthy_ms` is its limit of latency."""

    service_type: str
    service_name: str
    healthy_ms: float


@dataclass(frozen=True, slots=True)
class StatusSpan:
    """A stretch of time in which a service had one status."""

    service_type: str
    service_name: str
    status: str
    begun: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Checks:
    """How many checks of a service found what, and the share of the known ones that were not down.

    In percent, with maintenance and without; None when nothing is known.
    """

    service_type: str
    service_name: str
    healthy: int
    degraded: int
    down: int
    uptime_percent: float | None
    uptime_percent_without_maintenance: float | None


@dataclass(frozen=True, slots=True)
class Calls:
    """What went to and came from a service. Latencies in ms, None where nothing succeeded."""

    service_type: str
    service_name: str
    calls: int
    errors: int
    retries: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class LatencyStep:
    """P95 of the successful calls of an API in the step that begins at `at`."""

    service_name: str
    at: datetime
    p95_ms: float


@dataclass(frozen=True, slots=True)
class ReportedIncident:
    """An incident that was open in the period; `resolved_at` is None when it was still open at its end."""

    service_type: str
    service_name: str
    severity: str
    title: str
    began_at: datetime
    resolved_at: datetime | None
    relapses: int
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Alerts that were told to nobody, and why."""

    service_type: str
    service_name: str
    rule: str
    suppressed_by: str
    title: str
    times: int


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Messages over one channel that nobody got. `state` is refused, expired or pending."""

    channel: str
    state: str
    messages: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Stop:
    """A time in which the collector did not run."""

    begun: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class MaintenanceTime:
    """Maintenance of one service as it took place."""

    name: str
    service_type: str
    service_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class AlertFigure:
    """How fast incidents of one severity (or `all`) got so far as `measure` says, in seconds.

    `incidents` were opened in the period, `reached` got so far, `overdue` did not though the target had
    passed. `met_percent` is the share of both that made it within the target. None where nothing is to say.
    """

    severity: str
    measure: str
    incidents: int
    reached: int
    overdue: int
    mean_seconds: float | None
    target_seconds: float
    met_percent: float | None


def monitored_since(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the collector worked for the first time; None when it never did."""
    since: datetime | None = _rows(connection, "monitored_since")[0][0]
    return since


def services(connection: duckdb.DuckDBPyConnection) -> list[MonitoredService]:
    """What is monitored, in the order of the configuration."""
    return [MonitoredService(*row) for row in _rows(connection, "report_services")]


def status_spans(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list[StatusSpan]:
    """The statuses of every service over the time, in order; what is missing between was not monitored."""
    bound = coverage(connection, start, end).bound()
    rows = _rows(connection, "report_status_spans", start=start, end=end, **bound)
    return [StatusSpan(*row) for row in rows]


def checks(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list[Checks]:
    """The figures of `analytics.availability_queries.availability`, without frames."""
    bound = coverage(connection, start, end).bound()
    rows = _fields(connection, "availability", Checks, by="service", services=None, **bound)
    return [Checks(*row) for row in rows]


def calls(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list[Calls]:
    """The figures of `analytics.trend_queries.trends`, without frames; a service without any has no row."""
    bound = coverage(connection, start, end).bound()
    return [Calls(*row) for row in _rows(connection, "report_traffic", start=start, step=0, **bound)]


def latency_step(connection: duckdb.DuckDBPyConnection, start: datetime, step: timedelta) -> timedelta:
    """`step`, or an hour where it is finer and the single rows from `start` on are gone."""
    raw_since = read_state(connection).raw_since
    return max(step, HOUR) if raw_since is not None and raw_since > start else step


def latency(
    connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime, step: timedelta
) -> list[LatencyStep]:
    """P95 of each API by steps that `latency_step` allows; a step without successful calls has no row.

    Of an hour or more a step holds the hours that begin in it.
    """
    bound = coverage(connection, start, end).bound()
    name = "report_latency"
    if step < HOUR:
        name += "_of_moments"
        bound = {"since": start, "body_since": end, "body_until": end, "until": end}
    microseconds = step // timedelta(microseconds=1)
    return [LatencyStep(*row) for row in _rows(connection, name, start=start, step=microseconds, **bound)]


def incidents(
    connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime
) -> list[ReportedIncident]:
    """The incidents that were open at any time of the period, oldest first."""
    return [ReportedIncident(*row) for row in _rows(connection, "report_incidents", start=start, end=end)]


def suppressed(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list[Suppressed]:
    """What fired and was told to nobody, with the reason."""
    return [Suppressed(*row) for row in _rows(connection, "report_suppressed", start=start, end=end)]


def undelivered(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list[Undelivered]:
    """The messages made in the period that nobody got."""
    return [Undelivered(*row) for row in _rows(connection, "report_undelivered", start=start, end=end)]


def stops(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list[Stop]:
    """When the collector did not run, in order."""
    return [Stop(*row) for row in _rows(connection, "report_stops", start=start, end=end)]


def maintenance(
    connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime
) -> list[MaintenanceTime]:
    """The maintenance that took place in the period, in order; not cut to it."""
    return [MaintenanceTime(*row) for row in _rows(connection, "report_maintenance", start=start, end=end)]


def alert_figures(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list[AlertFigure]:
    """The figures of `analytics.incident_queries.incident_figures`, without frames."""
    rows = _fields(connection, "incident_figures", AlertFigure, since=start, until=end, now=end)
    return [AlertFigure(*row) for row in rows]


def _rows(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query(name), values).fetchall()


def _fields(
    connection: duckdb.DuckDBPyConnection, name: str, kind: type[Any], **values: Any
) -> list[list[Any]]:
    """Of each row of the query called `name` the columns that are fields of the dataclass `kind`."""
    found = connection.execute(query(name), values)
    columns = [column[0] for column in found.description or ()]
    wanted = [columns.index(field.name) for field in fields(kind)]
    return [[row[place] for place in wanted] for row in found.fetchall()]
