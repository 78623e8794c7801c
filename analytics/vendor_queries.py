"""What vendors say of themselves, as the collector reads it: beside our services and our incidents."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import duckdb

from analytics.alerting import IncidentEvent
from analytics.model import ServiceKey
from analytics.named_sql import query
from analytics.rules.vendors import READ_WITHIN, STILL_TOLD, VendorIncident, report, service_of

#: A page that changes its words all the time does not fill a timeline.
_MOST_TOLD = 40


def vendor_notes(connection: duckdb.DuckDBPyConnection, now: datetime) -> dict[ServiceKey, str]:
    """One line of what the vendor of a service reports now, or reported as over in the last 15 minutes.

    Services of which no vendor reports anything are not in it, and neither are those whose feed was not read
    in the last two hours. Of several incidents the newest one that goes on is told, and how many more there
    are.
    """
    bounds = {"since": now - STILL_TOLD, "read_since": now - READ_WITHIN}
    notes: dict[ServiceKey, str] = {}
    more: dict[ServiceKey, int] = {}
    for vendor, *values, services in connection.execute(
        query("vendor_incidents_going_on"), bounds
    ).fetchall():
        incident = vendor_incident(*values)
        for service in filter(None, map(service_of, json.loads(services))):
            if service not in notes:
                notes[service] = report(vendor, incident, now)
            elif incident.resolved_at is None:
                more[service] = more.get(service, 0) + 1
    return {service: _and_more(note, more.get(service, 0)) for service, note in notes.items()}


def join_events(connection: duckdb.DuckDBPyConnection, now: datetime) -> list[IncidentEvent]:
    """What the timelines of our open incidents lack of what the vendors of their services report at `now`.

    Each state of an incident of a vendor is told once in each incident of ours, its end too; the caller
    stores the events in the same transaction. At most 40 in one incident. A feed that was not read in the
    last two hours has no news.
    """
    bounds = {"read_since": now - READ_WITHIN}
    news = connection.execute(query("vendor_news_of_incidents"), bounds).fetchall()
    if not news:
        return []
    told: dict[UUID, set[str]] = {}
    for incident_id, message in connection.execute(query("vendor_events_told")).fetchall():
        told.setdefault(incident_id, set()).add(message)
    events = []
    for incident_id, began_at, vendor, *values in news:
        message = report(vendor, vendor_incident(*values), began_at)
        known = told.setdefault(incident_id, set())
        if message not in known and len(known) < _MOST_TOLD:
            known.add(message)
            events.append(IncidentEvent(incident_id, now, "vendor", message))
    return events


def _and_more(note: str, more: int) -> str:
    return f"{note}, and {more} more" if more else note


def vendor_incident(
    vendor_id: str,
    name: str,
    impact: str,
    state: str,
    started_at: datetime,
    updated_at: datetime,
    resolved_at: datetime | None,
    url: str | None,
    components: Any,
) -> VendorIncident:
    """The incident of a row of `vendor_incidents`; `components` is JSON."""
    return VendorIncident(
        vendor_id=vendor_id,
        name=name,
        impact=impact,
        state=state,
        started_at=started_at,
        updated_at=updated_at,
        resolved_at=resolved_at,
        url=url,
        components=tuple(json.loads(components)),
    )
