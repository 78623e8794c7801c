"""What a report says of services and their traffic: one function a section. Pure."""

from collections.abc import Sequence

from analytics.report_queries import Calls
from collector.reports import wording
from collector.reports.document import Cell, Column, Section, Table
from collector.reports.figures import Report, ServiceFigures

_LONGEST_LIST = 3
_NO_CALLS = Calls("", "", 0, 0, 0, None, None, None)


def health(report: Report) -> Section:
    """The share of each status, and uptime with and without maintenance, against the period before."""
    planned = any(service.maintenance for service in report.services)
    columns = [
        Column("Service"),
        Column("Uptime", True),
        *([Column("Without maintenance", True)] if planned else []),
        Column("Before", True),
        Column("Healthy", True),
        Column("Degraded", True),
        Column("Down", True),
        Column("Unknown", True),
        Column("Not monitored", True),
    ]
    rows = [_health_row(service, planned) for service in report.services]
    before = "not known as a whole" if report.uptime_before is None else wording.percent(report.uptime_before)
    lead = f"Uptime of all services {wording.percent(report.uptime)}, the period before {before}. "
    lead += "Uptime is the share of the known checks that were not down; unknown is neither up nor down. "
    lead += "From the column Healthy on they are shares of the time."
    return Section("Health", lead, Table(columns, rows))


def traffic(report: Report) -> Section:
    """Calls, errors, retries and latency, with the change against the period before."""
    columns = [Column("Service"), Column("Calls", True), Column("Errors", True), Column("Error rate", True)]
    columns += [Column("Retries", True), Column("P50", True), Column("P95", True), Column("P99", True)]
    rows = [_traffic_row(service) for service in report.services if service.calls]
    if not rows:
        return Section("Traffic and latency", "Nothing was recorded.")
    lead = "Calls of APIs, deliveries of webhooks and attempts of probes; latency of those that succeeded. "
    lead += "In brackets the change against the period before."
    return Section("Traffic and latency", lead, Table(columns, rows))


def attention(report: Report) -> Section:
    """Who was down or degraded longest, and who is slowest for its limit."""
    rows = [*_worst(report.services), *_slowest(report.services)]
    if not rows:
        return Section("Worst and slowest", "No service stands out.")
    columns = [Column("Service"), Column("Why it is here")]
    return Section("Worst and slowest", "", Table(columns, rows))


def _health_row(service: ServiceFigures, planned: bool) -> list[Cell]:
    shares, checks, before = service.shares, service.checks, service.checks_before
    uptime = checks.uptime_percent if checks else None
    cells = [
        Cell(wording.service(*service.key), "strong"),
        Cell(wording.percent(uptime), "" if uptime is None or uptime == 100 else "down"),
    ]
    if planned:
        cells.append(Cell(wording.percent(checks.uptime_percent_without_maintenance if checks else None)))
    cells.append(Cell(wording.percent(before.uptime_percent if before else None)))
    for name in ("healthy", "degraded", "down", "unknown", "unseen"):
        seconds = float(getattr(shares, name))
        text = wording.percent(shares.percent(name)) if seconds else wording.NONE
        if name != "healthy" and seconds:
            text += f" ({wording.duration(seconds)})"
        tone = {"unseen": "unknown", "healthy": ""}.get(name, name)
        cells.append(Cell(text, tone if seconds else ""))
    return cells


def _traffic_row(service: ServiceFigures) -> list[Cell]:
    now, before = service.calls, service.calls_before or _NO_CALLS
    assert now is not None
    rate = 100.0 * now.errors / now.calls
    return [
        Cell(wording.service(*service.key), "strong"),
        Cell(wording.count(now.calls) + wording.change(now.calls, before.calls)),
        Cell(wording.count(now.errors) + wording.change(now.errors, before.errors)),
        Cell(wording.percent(rate), "down" if rate > 10 else "degraded" if rate >= 5 else ""),
        Cell(wording.count(now.retries) + wording.change(now.retries, before.retries)),
        Cell(wording.milliseconds(now.p50_ms)),
        Cell(
            wording.milliseconds(now.p95_ms) + wording.change(now.p95_ms, before.p95_ms),
            "degraded" if _over_limit(service) else "",
        ),
        Cell(wording.milliseconds(now.p99_ms)),
    ]


def _over_limit(service: ServiceFigures) -> bool:
    calls, limit = service.calls, service.healthy_ms
    return bool(calls and limit and calls.p95_ms is not None and calls.p95_ms >= limit)


def _worst(services: Sequence[ServiceFigures]) -> list[list[Cell]]:
    bad = [service for service in services if service.shares.down or service.shares.degraded]
    bad.sort(key=lambda service: (-service.shares.down, -service.shares.degraded))
    rows = []
    for service in bad[:_LONGEST_LIST]:
        parts = [
            f"{name} for {wording.duration(seconds)}"
            for name, seconds in (("down", service.shares.down), ("degraded", service.shares.degraded))
            if seconds
        ]
        tone = "down" if service.shares.down else "degraded"
        rows.append([Cell(wording.service(*service.key), "strong"), Cell(", ".join(parts), tone)])
    return rows


def _slowest(services: Sequence[ServiceFigures]) -> list[list[Cell]]:
    """By P95 as a share of the limit; those that need less than half of it are not slow."""
    found = []
    for service in services:
        p95 = service.calls.p95_ms if service.calls else None
        if p95 is not None and service.healthy_ms and p95 >= service.healthy_ms / 2:
            found.append((p95 / service.healthy_ms, p95, service.healthy_ms, service))
    found.sort(key=lambda one: (-one[0], one[3].key))
    return [
        [
            Cell(wording.service(*service.key), "strong"),
            Cell(
                f"P95 {wording.milliseconds(p95)}, limit {wording.milliseconds(limit)}",
                "degraded" if p95 >= limit else "",
            ),
        ]
        for _, p95, limit, service in found[:_LONGEST_LIST]
    ]
