"""How the service did in the time that is looked at, as tiles, and how that changed."""

from dataclasses import dataclass
from datetime import timedelta

from analytics import availability_queries, trend_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey, ServiceType
from analytics.periods import Period
from pages._ui import changes, words
from pages._ui.daybars import exact_percent
from pages._ui.tiles import Tile, moved, tiles

#: What is counted of each type of service.
REQUESTS = {
    ServiceType.API: "Calls",
    ServiceType.WEBHOOK: "Deliveries",
    ServiceType.MCP: "Checks",
    ServiceType.INFRASTRUCTURE: "Checks",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in percent, changes in points or percent as their names say; None where it is not known."""

    uptime: float | None = None
    uptime_change: float | None = None
    uptime_outside: float | None = None
    uptime_outside_change: float | None = None
    in_maintenance: int = 0
    checks: int = 0
    down_seconds: float = 0.0
    requests: int = 0
    requests_change: float | None = None
    error_percent: float | None = None
    error_change: float | None = None
    retry_percent: float | None = None
    retry_change: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p95_change: float | None = None
    p99_ms: float | None = None


def read(connection: Connection, period: Period, service: ServiceKey) -> Figures:
    """The figures of `service` in `period`, and how they changed against the one before."""
    found = availability_queries.availability_change(
        connection, period.since, period.until, services=[service]
    )
    uptime = next(records(found), {})
    traffic = next(records(trend_queries.trends(connection, period, services=[service])), {})
    return Figures(
        uptime=uptime.get("uptime_percent"),
        uptime_change=uptime.get("uptime_change"),
        uptime_outside=uptime.get("uptime_percent_without_maintenance"),
        uptime_outside_change=uptime.get("uptime_change_without_maintenance"),
        in_maintenance=uptime.get("in_maintenance") or 0,
        checks=uptime.get("checks") or 0,
        down_seconds=uptime.get("down_seconds") or 0.0,
        requests=traffic.get("requests") or 0,
        requests_change=traffic.get("requests_change_percent"),
        error_percent=traffic.get("error_percent"),
        error_change=traffic.get("error_change_points"),
        retry_percent=traffic.get("retry_percent"),
        retry_change=traffic.get("retry_change_points"),
        p50_ms=traffic.get("p50_ms"),
        p95_ms=traffic.get("p95_ms"),
        p95_change=traffic.get("p95_change_percent"),
        p99_ms=traffic.get("p99_ms"),
    )


def row(found: Figures, kind: ServiceType, period: Period) -> str:
    """The figures as tiles."""
    note = f"vs the {in_words(period.length)} before"
    shown = [*_uptime(found, note), *_traffic(found, kind, note)]
    return f'<div class="service-figures">{tiles(shown, "Figures of the time that is looked at")}</div>'


def in_words(length: timedelta) -> str:
    """A length of time as people say it: `24 h`, `7 days`, `90 min`."""
    hours = length / timedelta(hours=1)
    if hours > 48:
        return f"{round(hours / 24)} days"
    return f"{round(hours)} h" if hours >= 2 else f"{round(hours * 60)} min"


def _uptime(found: Figures, note: str) -> list[Tile]:
    down = f"Down for {words.spelt(found.down_seconds)}" if found.down_seconds >= 1 else "Never down"
    tip = f"{down}\n{found.checks:,} checks"
    if not found.in_maintenance:
        return [
            moved("Uptime", exact_percent(found.uptime), changes.points(found.uptime_change), True, note, tip)
        ]
    without = f"Without the {found.in_maintenance:,} checks made while work was announced"
    return [
        moved("Uptime", exact_percent(found.uptime), changes.points(found.uptime_change), True, note, tip),
        moved(
            "Uptime outside maintenance",
            exact_percent(found.uptime_outside),
            changes.points(found.uptime_outside_change),
            True,
            note,
            without,
        ),
    ]


def _traffic(found: Figures, kind: ServiceType, note: str) -> list[Tile]:
    times = f"P50 {words.milliseconds(found.p50_ms)}\nP99 {words.milliseconds(found.p99_ms)}"
    shown = [
        moved(
            "P95 latency",
            words.milliseconds(found.p95_ms) or "–",
            changes.percent(found.p95_change),
            False,
            note,
            times if found.p95_ms is not None else "",
        ),
        moved(
            "Error rate",
            words.bad_share(found.error_percent),
            changes.points(found.error_change),
            False,
            note,
        ),
    ]
    if kind is not ServiceType.WEBHOOK:
        per_hundred = "Further attempts for 100 requests"
        shown.append(
            moved(
                "Retry rate",
                words.bad_share(found.retry_percent),
                changes.points(found.retry_change),
                False,
                note,
                per_hundred,
            )
        )
    if kind in (ServiceType.API, ServiceType.WEBHOOK):
        shown.append(
            moved(REQUESTS[kind], f"{found.requests:,}", changes.percent(found.requests_change), None, note)
        )
    return shown
