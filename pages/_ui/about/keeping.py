"""What is kept, for how long, and how much of it there is. HTML."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from pages._ui import notices, panels, times
from pages._ui.about.heart import short, size
from pages._ui.about.question import Kept, KeptTable
from pages._ui.tables import Column, Row, table

#: What the rows of a table are, and for how long they are kept; the tables in the order they are read.
_TABLES = {
    "integration_health_checks": ("attempts of checks", "raw"),
    "api_metrics": ("calls of APIs", "raw"),
    "webhook_metrics": ("deliveries of webhooks", "raw"),
    "circuit_events": ("changes of circuit breakers", "raw"),
    "collector_runs": ("heartbeats of the collector", "raw"),
    "check_hours": ("checks, by status and reason", "hours"),
    "status_spans": ("stretches of one status", "hours"),
    "traffic_hours": ("requests, by endpoint", "hours"),
    "latency_hours": ("times, by endpoint", "hours"),
    "service_latency_hours": ("times, by service", "hours"),
    "quota_hours": ("quotas", "hours"),
    "integration_incidents": ("incidents", "past"),
    "incident_events": ("entries of their timelines", "past"),
    "alert_events": ("changes of alerts", "past"),
    "notifications": ("messages to people", "past"),
    "vendor_incidents": ("what vendors reported", "past"),
    "maintenance": ("announced work", "past"),
    "mutes": ("mutes", "past"),
    "reports": ("reports that were made", "past"),
    "alert_rule_changes": ("changes of alert rules", "good"),
    "services": ("what is monitored", "good"),
}

_KEPT = {
    "raw": ("Single rows", "30 days, unless retention_days says otherwise"),
    "hours": ("Sums of each hour", "13 months, unless rollup_months says otherwise"),
    "past": ("What happened", "13 months after it is over; what goes on is kept"),
    "good": ("Settings", "for good"),
}

_COLUMNS = (
    Column("Table"),
    Column("A row is", wide_only=True),
    Column("Rows", number=True),
    Column("Since", number=True),
)


def keeping(kept: Kept | None, zone: ZoneInfo, now: datetime) -> str:
    """The tables in four chapters, or that they cannot be counted just now."""
    if kept is None:
        return panels.card(
            "What is kept", notices.empty("Cannot be counted just now", "The database is busy.")
        )
    found = {one.name: one for one in kept.tables}
    chapters = "".join(_chapter(kind, found, zone, now) for kind in _KEPT)
    large = f"{size(kept.size)} in {kept.name}" if kept.size is not None else "in a DuckLake"
    body = f'<div class="about-kept">{chapters}</div>'
    return panels.card("What is kept", body, f"{short(kept.rows)} rows, {large}", classes="about-keeping")


def _chapter(kind: str, found: dict[str, KeptTable], zone: ZoneInfo, now: datetime) -> str:
    title, lasting = _KEPT[kind]
    rows = [
        _row(found[name], what, zone, now)
        for name, (what, of) in _TABLES.items()
        if of == kind and name in found
    ]
    head = f"<h3>{escape(title)}<span>{escape(lasting)}</span></h3>"
    return f"<section>{head}{table(title, _COLUMNS, rows)}</section>"


def _row(one: KeptTable, what: str, zone: ZoneInfo, now: datetime) -> Row:
    since = times.moment(one.since, zone, now) if one.since else "–"
    return Row([f"<code>{escape(one.name)}</code>", escape(what), f"{one.rows:,}", since])
