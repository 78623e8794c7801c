"""The incidents of one service in the time that is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

from analytics import incident_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from pages._ui import marks, notices, panels, times, words
from pages._ui.bands import Stretch
from pages._ui.shell import Visit
from pages._ui.tables import Column, Row, table

#: Rows of the list; all of them are on the page of incidents.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Incident:
    """One trouble of the service; `resolved_at` is None while it goes on."""

    id: str
    severity: str
    title: str
    reason: str
    began_at: datetime
    resolved_at: datetime | None
    acknowledged_by: str
    relapses: int
    lasted: timedelta


def read(
    connection: Connection, since: datetime, until: datetime, service: ServiceKey, now: datetime
) -> tuple[Incident, ...]:
    """The incidents of `service` that went on between `since` and `until`, newest first."""
    found = incident_queries.incidents(connection, since, until, now)
    mine = (found["service_type"] == service.service_type.value) & (
        found["service_name"] == service.service_name
    )
    return tuple(_incident(row) for row in records(found[mine]))


def _incident(row: dict[str, Any]) -> Incident:
    return Incident(
        id=row["id"],
        severity=row["severity"],
        title=row["title"] or "",
        reason=row["reason"] or "",
        began_at=row["began_at"] or row["created_at"],
        resolved_at=row["resolved_at"],
        acknowledged_by=row["acknowledged_by"] or "",
        relapses=row["relapses"],
        lasted=timedelta(seconds=row["seconds"]),
    )


def stretches(found: Sequence[Incident], visit: Visit) -> tuple[Stretch, ...]:
    """The incidents as thin lines below a band, each leading to its page, from old to new."""
    return tuple(
        Stretch(
            one.severity if one.severity in ("critical", "warning", "info") else "info",
            one.began_at,
            one.resolved_at,
            one.title,
            visit.view.href("incidents", incident=one.id),
        )
        for one in reversed(found)
    )


def card(found: Sequence[Incident], visit: Visit) -> str:
    """The list, newest first."""
    more = visit.view.href("incidents", service=visit.view.service)
    aside = f'<a class="link" data-in-app href="{escape(more)}">All incidents</a>'
    if not found:
        body = notices.empty("No incident", "None was opened for this service in this time.")
        return panels.card("Incidents", body, aside=aside, classes="service-incidents")
    columns = [
        Column("Severity"),
        Column("Incident"),
        Column("Began"),
        Column("Lasted", number=True),
        Column("Who", wide_only=True),
    ]
    body = table("Incidents of this service", columns, [_row(one, visit) for one in found[:_SHOWN]])
    about = f"{len(found)} in this time" if len(found) > _SHOWN else ""
    return panels.card("Incidents", body, about=about, aside=aside, classes="service-incidents")


def _row(one: Incident, visit: Visit) -> Row:
    href = visit.view.href("incidents", incident=one.id)
    again = f", {words.came_back(one.relapses)}" if one.relapses else ""
    over = one.resolved_at is not None
    title = (
        f'<a data-in-app data-keep="incident-{escape(one.id)}" href="{escape(href)}">{escape(one.title)}</a>'
        f'<span class="soft">{again}</span>'
    )
    lasted = words.span(one.lasted) if over else f'<b class="going">{times.lasting(one.began_at)}</b>'
    nobody = "–" if over else '<b class="going">nobody yet</b>'
    return Row(
        [
            marks.severity_pill(one.severity),
            title,
            times.moment(one.began_at, visit.zone, visit.now),
            lasted,
            escape(one.acknowledged_by) or nobody,
        ],
        link=True,
    )
