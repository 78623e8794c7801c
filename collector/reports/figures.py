"""What a report is about, read from the database."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import duckdb

from analytics import report_queries as queries
from analytics.report_queries import (
    AlertFigure,
    Calls,
    LatencyStep,
    MaintenanceTime,
    MonitoredService,
    ReportedIncident,
    StatusSpan,
    Stop,
    Suppressed,
    Undelivered,
)
from collector.reports.periods import Period, ReportKind, before
from collector.reports.shares import Interval, Shares, merged, outside, shares, total

Key = tuple[str, str]
#: Opens a connection for one query: the file is never kept from its writer for a whole report.
Opening = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]

#: The steps of the lines of latency in the pictures.
STEPS = {ReportKind.DAILY: timedelta(minutes=30), ReportKind.WEEKLY: timedelta(hours=4)}


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """One service in the period, and in the one before (`_before`, None where nothing is known of it).

    `unplanned` is its time without maintenance; `maintenance` what was maintenance. `healthy_ms` is its limit
    of latency, None for a service that is no longer configured. `spans` are its statuses, cut to the period.
    """

    key: Key
    healthy_ms: float | None
    spans: Sequence[StatusSpan]
    shares: Shares
    unplanned: Shares
    maintenance: Sequence[Interval]
    shares_before: Shares
    calls: Calls | None
    calls_before: Calls | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says. `monitored_since` is when the collector worked first, None for never."""

    period: Period
    monitored_since: datetime | None
    services: Sequence[ServiceFigures]
    latency: Sequence[LatencyStep]
    incidents: Sequence[ReportedIncident]
    incidents_before: int
    suppressed: Sequence[Suppressed]
    undelivered: Sequence[Undelivered]
    stops: Sequence[Stop]
    maintenance: Sequence[MaintenanceTime]
    alert_figures: Sequence[AlertFigure]

    @property
    def has_data(self) -> bool:
        """Whether anything was seen of any service."""
        return any(service.shares.known for service in self.services)

    @property
    def ran(self) -> bool:
        """Whether the collector ran at any time of the period."""
        since, end = self.monitored_since, self.period.end
        if since is None or since >= end:
            return False
        stopped = sum((stop.until - stop.begun for stop in self.stops), timedelta())
        return stopped < end - max(since, self.period.start)


def read_report(opening: Opening, period: Period) -> Report:
    """The figures of `period`. Raises `analytics.db.DatabaseError` when the database cannot be read."""
    start, end, earlier = period.start, period.end, before(period)
    with opening() as connection:
        since = queries.monitored_since(connection)
        monitored = queries.services(connection)
        maintenance = queries.maintenance(connection, earlier.start, end)
    with opening() as connection:
        spans = queries.status_spans(connection, start, end)
    with opening() as connection:
        spans_before = queries.status_spans(connection, earlier.start, start)
    with opening() as connection:
        calls = queries.calls(connection, start, end)
        calls_before = queries.calls(connection, earlier.start, start)
    with opening() as connection:
        latency = queries.latency(connection, start, end, STEPS[period.kind])
    with opening() as connection:
        return Report(
            period=period,
            monitored_since=since,
            services=_services(
                period, earlier, monitored, spans, spans_before, calls, calls_before, maintenance
            ),
            latency=latency,
            incidents=queries.incidents(connection, start, end),
            incidents_before=len(queries.incidents(connection, earlier.start, start)),
            suppressed=queries.suppressed(connection, start, end),
            undelivered=queries.undelivered(connection, start, end),
            stops=_stops(connection, since, start, end),
            maintenance=[time for time in maintenance if time.ends_at > start],
            alert_figures=queries.alert_figures(connection, start, end),
        )


def _stops(
    connection: duckdb.DuckDBPyConnection, since: datetime | None, start: datetime, end: datetime
) -> list[Stop]:
    """Before it was ever started the collector did not stop."""
    if since is None or since >= end:
        return []
    return queries.stops(connection, max(start, since), end)


def _services(
    period: Period,
    earlier: Period,
    monitored: Sequence[MonitoredService],
    spans: Sequence[StatusSpan],
    spans_before: Sequence[StatusSpan],
    calls: Sequence[Calls],
    calls_before: Sequence[Calls],
    maintenance: Sequence[MaintenanceTime],
) -> list[ServiceFigures]:
    """In the order of the configuration; then what was seen and is no longer configured."""
    limits = {(one.service_type, one.service_name): one.healthy_ms for one in monitored}
    now_by, before_by = _by_service(spans), _by_service(spans_before)
    calls_by = {(one.service_type, one.service_name): one for one in calls}
    calls_before_by = {(one.service_type, one.service_name): one for one in calls_before}
    start, end = period.start, period.end
    found = []
    for key in [*limits, *sorted(now_by.keys() - limits.keys(), key=_in_groups)]:
        own = now_by.get(key, [])
        planned = merged(
            ((m.starts_at, m.ends_at) for m in maintenance if (m.service_type, m.service_name) == key),
            start,
            end,
        )
        found.append(
            ServiceFigures(
                key=key,
                healthy_ms=limits.get(key),
                spans=own,
                shares=shares(own, start, end),
                unplanned=total([shares(own, *free) for free in outside(planned, start, end)]),
                maintenance=planned,
                shares_before=shares(before_by.get(key, []), earlier.start, start),
                calls=calls_by.get(key),
                calls_before=calls_before_by.get(key),
            )
        )
    return found


def _by_service(spans: Sequence[StatusSpan]) -> dict[Key, list[StatusSpan]]:
    def key(span: StatusSpan) -> Key:
        return span.service_type, span.service_name

    return {found: list(own) for found, own in groupby(sorted(spans, key=key), key=key)}


def _in_groups(key: Key) -> tuple[int, str]:
    groups = ["mcp", "api", "webhook", "infrastructure"]
    return (groups.index(key[0]) if key[0] in groups else len(groups), key[1])
