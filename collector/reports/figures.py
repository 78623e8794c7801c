"""What a report is about, read from the database."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress, groupby

import duckdb

from analytics import report_queries as queries
from analytics.beginnings import known_at
from analytics.report_queries import (
    AlertFigure,
    Calls,
    Checks,
    LatencyStep,
    MaintenanceTime,
    MonitoredService,
    ReportedIncident,
    StatusSpan,
    Stop,
    Suppressed,
    Undelivered,
)
from collector.reports.periods import Period, ReportKind, before, days
from collector.reports.shares import Interval, Shares, merged, outside, shares, total

Key = tuple[str, str]
#: Opens a connection for one query: the file is never kept from its writer for a whole report.
Opening = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]

#: The steps of the lines of latency in the pictures.
STEPS = {ReportKind.DAILY: timedelta(minutes=30), ReportKind.WEEKLY: timedelta(hours=4)}


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """One service in the period, and in the one before (`_before`, None where that is not known as a whole).

    `unplanned` is its time without maintenance; `maintenance` what was maintenance. `healthy_ms` is its limit
    of latency, None for a service that is no longer configured. `spans` are its statuses, cut to the period.
    `uptime_by_day` has a percentage for each day of a week, None where nothing is known.
    """

    key: Key
    healthy_ms: float | None
    spans: Sequence[StatusSpan]
    shares: Shares
    unplanned: Shares
    maintenance: Sequence[Interval]
    checks: Checks | None
    checks_before: Checks | None
    uptime_by_day: Sequence[float | None]
    calls: Calls | None
    calls_before: Calls | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says. `monitored_since` is when the collector worked first, None for never.

    `uptime` is that of all services in percent; it and what is called `_before`, of the period before, are
    None when that is not known. `latency` is by steps of `latency_step`.
    """

    period: Period
    monitored_since: datetime | None
    services: Sequence[ServiceFigures]
    uptime: float | None
    uptime_before: float | None
    latency: Sequence[LatencyStep]
    latency_step: timedelta
    incidents: Sequence[ReportedIncident]
    incidents_before: int | None
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


@dataclass(frozen=True, slots=True)
class _Counted:
    """The checks and the traffic of each service in a period; `uptime` is that of all, in percent."""

    checks: Mapping[Key, Checks]
    calls: Mapping[Key, Calls]
    uptime: float | None


def read_report(opening: Opening, period: Period) -> Report:
    """The figures of `period`. Raises `analytics.db.DatabaseError` when the database cannot be read."""
    start, end, earlier = period.start, period.end, before(period)
    with opening() as connection:
        since = queries.monitored_since(connection)
        monitored = queries.services(connection)
        maintenance = queries.maintenance(connection, start, end)
    with opening() as connection:
        spans = queries.status_spans(connection, start, end)
    with opening() as connection:
        now = _counted(connection, period)
    with opening() as connection:
        then = _known(connection, _counted(connection, earlier), earlier.start)
    by_day = _uptime_by_day(opening, period)
    with opening() as connection:
        step = queries.latency_step(connection, start, STEPS[period.kind])
        latency = queries.latency(connection, start, end, step)
    with opening() as connection:
        watched = since is not None and since <= earlier.start
        return Report(
            period=period,
            monitored_since=since,
            services=_services(period, monitored, spans, maintenance, now, then, by_day),
            uptime=now.uptime,
            uptime_before=then.uptime,
            latency=latency,
            latency_step=step,
            incidents=queries.incidents(connection, start, end),
            incidents_before=len(queries.incidents(connection, earlier.start, start)) if watched else None,
            suppressed=queries.suppressed(connection, start, end),
            undelivered=queries.undelivered(connection, start, end),
            stops=_stops(connection, since, start, end),
            maintenance=maintenance,
            alert_figures=queries.alert_figures(connection, start, end),
        )


def _stops(
    connection: duckdb.DuckDBPyConnection, since: datetime | None, start: datetime, end: datetime
) -> list[Stop]:
    """Before it was ever started the collector did not stop."""
    if since is None or since >= end:
        return []
    return queries.stops(connection, max(start, since), end)


def _counted(connection: duckdb.DuckDBPyConnection, period: Period) -> _Counted:
    checks = queries.checks(connection, period.start, period.end)
    calls = queries.calls(connection, period.start, period.end)
    up, down = sum(one.healthy + one.degraded for one in checks), sum(one.down for one in checks)
    return _Counted(
        {(one.service_type, one.service_name): one for one in checks},
        {(one.service_type, one.service_name): one for one in calls},
        100.0 * up / (up + down) if up + down else None,
    )


def _known(connection: duckdb.DuckDBPyConnection, found: _Counted, since: datetime) -> _Counted:
    """What of `found` was known from its beginning at `since` on: a part of a period is no measure."""
    *checked, any_checked = known_at(connection, "checks", since, [*found.checks, (None, None)])
    called = known_at(connection, "traffic", since, list(found.calls))
    return _Counted(
        dict(compress(found.checks.items(), checked)),
        dict(compress(found.calls.items(), called)),
        found.uptime if any_checked else None,
    )


def _uptime_by_day(opening: Opening, period: Period) -> list[Mapping[Key, float | None]]:
    """Of each day of a week the uptime of the services; of a day nothing."""
    found: list[Mapping[Key, float | None]] = []
    for day in days(period) if period.kind is ReportKind.WEEKLY else []:
        with opening() as connection:
            checks = queries.checks(connection, day.start, day.end)
        found.append({(one.service_type, one.service_name): one.uptime_percent for one in checks})
    return found


def _services(
    period: Period,
    monitored: Sequence[MonitoredService],
    spans: Sequence[StatusSpan],
    maintenance: Sequence[MaintenanceTime],
    now: _Counted,
    then: _Counted,
    by_day: Sequence[Mapping[Key, float | None]],
) -> list[ServiceFigures]:
    """In the order of the configuration; then what was seen and is no longer configured."""
    limits = {(one.service_type, one.service_name): one.healthy_ms for one in monitored}
    spans_by = _by_service(spans)
    start, end = period.start, period.end
    found = []
    for key in [*limits, *sorted(spans_by.keys() - limits.keys(), key=_in_groups)]:
        own = spans_by.get(key, [])
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
                checks=now.checks.get(key),
                checks_before=then.checks.get(key),
                uptime_by_day=[uptimes.get(key) for uptimes in by_day],
                calls=now.calls.get(key),
                calls_before=then.calls.get(key),
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
