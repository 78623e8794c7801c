"""Alerts, incidents and their timeline in the file: what the rules remember, and every change of it.

The functions take the connection of a transaction that `analytics.db.transact` opened; nothing here commits.
The file is the only memory of the rules: they read it in the transaction that changes it, so that neither a
restart nor a transaction that failed leaves anything to be mended.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import duckdb

from analytics.alerting import Alert, AlertEvent, AlertRule, Incident, IncidentEvent
from analytics.ids import uuid7, uuid7_texts
from analytics.model import ServiceKey
from collector.alerting_rows import (
    ALERT_COLUMNS,
    COLLECTOR,
    INCIDENT_COLUMNS,
    alert_event_row,
    alert_of,
    alert_row,
    event_row,
    incident_of,
    incident_row,
    service_of,
    subject,
)
from collector.store import insert_rows

__all__ = [
    "COLLECTOR",
    "AlertingChanges",
    "insert_events",
    "load_alerts",
    "load_incident",
    "load_incidents",
    "save",
    "service_of",
    "subject",
]

#: Of several alerts of a service the first speaks for its incident: the one that was bad first. The replay
#: of the past sorts them in the same way.
_ALERTS = f"""
SELECT {ALERT_COLUMNS}
FROM alerts
ORDER BY details->>'$.bad_since', rule, service_type, service_name, details->>'$.about'
"""
_INCIDENTS = f"""
SELECT {INCIDENT_COLUMNS}
FROM integration_incidents
WHERE status <> 'resolved' OR resolved_at > $since
ORDER BY created_at, id
"""
_INCIDENT = f"SELECT {INCIDENT_COLUMNS} FROM integration_incidents WHERE id = $id::UUID"

#: One statement for all: one each took 1.5 ms, more than everything else of a step over 700 services.
_FORGET_ALERTS = """
DELETE FROM alerts
USING (SELECT unnest(from_json($rows::JSON, $structure), max_depth := 2)) AS gone
WHERE alerts.rule = gone.rule AND alerts.service_type = gone.service_type
    AND alerts.service_name = gone.service_name AND (alerts.details->>'$.about') = gone.about
"""
_ALERT_KEY = json.dumps(
    [{"rule": "VARCHAR", "service_type": "VARCHAR", "service_name": "VARCHAR", "about": "VARCHAR"}]
)
_FORGET_INCIDENTS = """
DELETE FROM integration_incidents
WHERE id IN (SELECT unnest(from_json($ids::JSON, '["UUID"]')))
"""


@dataclass(frozen=True, slots=True)
class AlertingChanges:
    """What one step of the rules changed. `forgotten` names alerts (rule, service, about) that are over."""

    alerts: Sequence[Alert] = ()
    forgotten: Sequence[tuple[AlertRule, ServiceKey | None, str]] = ()
    incidents: Sequence[Incident] = ()
    events: Sequence[IncidentEvent] = ()
    alert_events: Sequence[AlertEvent] = ()


def load_alerts(connection: duckdb.DuckDBPyConnection) -> list[Alert]:
    """Every alert that is not inactive, and that this version understands; what was bad first comes first."""
    rows = connection.execute(_ALERTS).fetchall()
    return [alert for row in rows if (alert := alert_of(row)) is not None]


def load_incidents(connection: duckdb.DuckDBPyConnection, now: datetime, within: timedelta) -> list[Incident]:
    """The incidents that are open, and those resolved within the last `within`, oldest first."""
    rows = connection.execute(_INCIDENTS, {"since": now - within}).fetchall()
    return [incident for row in rows if (incident := incident_of(row)) is not None]


def load_incident(connection: duckdb.DuckDBPyConnection, incident_id: UUID) -> Incident | None:
    """The incident of that id, however old it is."""
    row = connection.execute(_INCIDENT, {"id": str(incident_id)}).fetchone()
    return None if row is None else incident_of(row)


def save(connection: duckdb.DuckDBPyConnection, changes: AlertingChanges) -> None:
    """Write `changes`; rows of what did not change are not touched."""
    written = [(alert.rule, alert.service, alert.about) for alert in changes.alerts]
    _forget_alerts(connection, [*changes.forgotten, *written])
    insert_rows(connection, "alerts", [alert_row(alert) for alert in changes.alerts])
    if changes.incidents:
        ids = json.dumps([str(incident.id) for incident in changes.incidents])
        connection.execute(_FORGET_INCIDENTS, {"ids": ids})
    insert_rows(connection, "integration_incidents", [incident_row(item) for item in changes.incidents])
    insert_events(connection, changes.events)
    rows = [alert_event_row(event, uuid7(int(event.at.timestamp() * 1000))) for event in changes.alert_events]
    insert_rows(connection, "alert_events", rows)


def insert_events(connection: duckdb.DuckDBPyConnection, events: Sequence[IncidentEvent]) -> None:
    """Add entries to the timelines of incidents; those of one moment keep their order by id."""
    if not events:
        return
    ids = sorted(uuid7_texts(len(events), int(events[0].at.timestamp() * 1000)))
    rows = [event_row(event, identity) for event, identity in zip(events, ids, strict=True)]
    insert_rows(connection, "incident_events", rows)


def _forget_alerts(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[tuple[AlertRule, ServiceKey | None, str]]
) -> None:
    if not keys:
        return
    rows = []
    for rule, service, about in keys:
        kind, name = subject(service)
        rows.append({"rule": rule.value, "service_type": kind, "service_name": name, "about": about})
    connection.execute(_FORGET_ALERTS, {"rows": json.dumps(rows), "structure": _ALERT_KEY})
