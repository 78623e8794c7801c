"""Alerts, incidents and their timeline in the file: what the rules remember, and every change of it.

The functions take the connection of a transaction that `analytics.db.transact` opened; nothing here commits.
The file is the only memory of the rules: they read it in the transaction that changes it, so that neither a
restart nor a transaction that failed leaves anything to be mended.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb

from analytics.alerting import Alert, AlertEvent, AlertRule, AlertState, Incident, IncidentEvent
from analytics.ids import uuid7, uuid7_texts
from analytics.model import IncidentState, Reason, ServiceKey, ServiceType, Severity
from collector.store import insert_rows

#: How the tables name what is no service but the collector itself.
COLLECTOR = "collector"

_ALERTS = """
SELECT rule, service_type, service_name, state, since, severity, title, suppressed_by, incident_id, details
FROM alerts
"""
_INCIDENTS = """
SELECT id, service_type, service_name, began_at, created_at, severity, status, title, description, rule,
    reason, resolved_at, acknowledged_at, acknowledged_by, details
FROM integration_incidents
WHERE status <> 'resolved' OR resolved_at > $since
ORDER BY created_at, id
"""
_FORGET_ALERT = """
DELETE FROM alerts
WHERE rule = $rule AND service_type = $type AND service_name = $name AND (details->>'$.about') = $about
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
    """Every alert that is not inactive."""
    return [_alert(row) for row in connection.execute(_ALERTS).fetchall()]


def load_incidents(connection: duckdb.DuckDBPyConnection, now: datetime, within: timedelta) -> list[Incident]:
    """The incidents that are open, and those resolved within the last `within`, oldest first."""
    rows = connection.execute(_INCIDENTS, {"since": now - within}).fetchall()
    return [_incident(row) for row in rows]


def load_incident(connection: duckdb.DuckDBPyConnection, incident_id: UUID) -> Incident | None:
    """The incident of that id, however old it is."""
    statement = _INCIDENTS.replace("status <> 'resolved' OR resolved_at > $since", "id = $id::UUID")
    row = connection.execute(statement, {"id": str(incident_id)}).fetchone()
    return None if row is None else _incident(row)


def save(connection: duckdb.DuckDBPyConnection, changes: AlertingChanges) -> None:
    """Write `changes`; rows of what did not change are not touched."""
    for rule, service, about in changes.forgotten:
        _forget(connection, rule, service, about)
    for alert in changes.alerts:
        _forget(connection, alert.rule, alert.service, alert.about)
    insert_rows(connection, "alerts", [_alert_row(alert) for alert in changes.alerts])
    for incident in changes.incidents:
        connection.execute("DELETE FROM integration_incidents WHERE id = $id::UUID", {"id": str(incident.id)})
    insert_rows(connection, "integration_incidents", [_incident_row(item) for item in changes.incidents])
    insert_events(connection, changes.events)
    insert_rows(connection, "alert_events", [_alert_event_row(event) for event in changes.alert_events])


def insert_events(connection: duckdb.DuckDBPyConnection, events: Sequence[IncidentEvent]) -> None:
    """Add entries to the timelines of incidents; those of one moment keep their order by id."""
    if not events:
        return
    ids = sorted(uuid7_texts(len(events), int(events[0].at.timestamp() * 1000)))
    rows = [
        {
            "id": ids[number],
            "incident_id": event.incident_id,
            "timestamp": event.at,
            "kind": event.kind,
            "author": event.author,
            "message": event.message,
        }
        for number, event in enumerate(events)
    ]
    insert_rows(connection, "incident_events", rows)


def _forget(
    connection: duckdb.DuckDBPyConnection, rule: AlertRule, service: ServiceKey | None, about: str
) -> None:
    kind, name = subject(service)
    connection.execute(_FORGET_ALERT, {"rule": rule.value, "type": kind, "name": name, "about": about})


def subject(service: ServiceKey | None) -> tuple[str, str]:
    """Type and name as the tables have them; None is the collector itself."""
    return (COLLECTOR, COLLECTOR) if service is None else (service.service_type.value, service.service_name)


def service_of(kind: str, name: str) -> ServiceKey | None:
    """The inverse of `subject`."""
    return None if kind == COLLECTOR else ServiceKey(ServiceType(kind), name)


def _alert_row(alert: Alert) -> dict[str, Any]:
    kind, name = subject(alert.service)
    return {
        "rule": alert.rule.value,
        "service_type": kind,
        "service_name": name,
        "state": alert.state.value,
        "since": alert.since,
        "severity": alert.severity.value,
        "title": alert.title,
        "suppressed_by": alert.suppressed_by,
        "incident_id": alert.incident_id,
        "details": {
            "about": alert.about,
            "bad_since": alert.bad_since.isoformat(),
            "last_at": alert.last_at.isoformat(),
            "reason": alert.reason.value,
            "message": alert.message,
            "count": alert.count,
            "good": alert.good,
            "dedup_key": alert.dedup_key,
            "told": list(alert.told),
            "dismissed": None if alert.dismissed is None else alert.dismissed.value,
            "streak_since": _written(alert.streak_since),
        },
    }


def _alert(row: tuple[Any, ...]) -> Alert:
    rule, kind, name, state, since, severity, title, suppressed_by, incident_id, text = row
    details = json.loads(text)
    return Alert(
        rule=AlertRule(rule),
        service=service_of(kind, name),
        state=AlertState(state),
        since=since,
        bad_since=datetime.fromisoformat(details["bad_since"]),
        last_at=datetime.fromisoformat(details["last_at"]),
        severity=Severity(severity),
        reason=Reason(details["reason"]),
        title=title,
        message=details["message"],
        count=details["count"],
        good=details["good"],
        about=details["about"],
        incident_id=incident_id,
        suppressed_by=suppressed_by,
        dedup_key=details["dedup_key"],
        told=tuple(details["told"]),
        dismissed=None if details["dismissed"] is None else Severity(details["dismissed"]),
        streak_since=_read(details.get("streak_since")),
    )


def _incident_row(incident: Incident) -> dict[str, Any]:
    kind, name = subject(incident.service)
    return {
        "id": incident.id,
        "created_at": incident.created_at,
        "resolved_at": incident.resolved_at,
        "service_type": kind,
        "service_name": name,
        "severity": incident.severity.value,
        "title": incident.title,
        "description": incident.description,
        "status": incident.state.value,
        "reason": incident.reason.value,
        "began_at": incident.began_at,
        "acknowledged_at": incident.acknowledged_at,
        "acknowledged_by": incident.acknowledged_by,
        "relapses": len(incident.relapses),
        "rule": incident.rule.value,
        "details": {
            "relapses": [moment.isoformat() for moment in incident.relapses],
            "good": incident.good,
            "good_since": _written(incident.good_since),
            "good_at": _written(incident.good_at),
            "swings": incident.swings,
            "affected": list(incident.affected),
            "told": list(incident.told),
        },
    }


def _incident(row: tuple[Any, ...]) -> Incident:
    details: Mapping[str, Any] = json.loads(row[14] or "{}")
    return Incident(
        id=row[0],
        service=ServiceKey(ServiceType(row[1]), row[2]),
        began_at=row[3] or row[4],
        created_at=row[4],
        severity=Severity(row[5]),
        state=IncidentState(row[6]),
        title=row[7],
        description=row[8] or "",
        rule=AlertRule(row[9] or AlertRule.SERVICE_DOWN),
        reason=Reason(row[10] or Reason.OK),
        resolved_at=row[11],
        acknowledged_at=row[12],
        acknowledged_by=row[13],
        relapses=tuple(datetime.fromisoformat(moment) for moment in details.get("relapses", ())),
        good=details.get("good", 0),
        good_since=_read(details.get("good_since")),
        good_at=_read(details.get("good_at")),
        swings=details.get("swings", 0),
        affected=tuple(details.get("affected", ())),
        told=tuple(details.get("told", ())),
    )


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _alert_event_row(event: AlertEvent) -> dict[str, Any]:
    kind, name = subject(event.alert.service)
    return {
        "id": uuid7(int(event.at.timestamp() * 1000)),
        "timestamp": event.at,
        "rule": event.alert.rule.value,
        "service_type": kind,
        "service_name": name,
        "old_state": event.old_state.value,
        "new_state": event.alert.state.value,
        "severity": event.alert.severity.value,
        "title": event.alert.title,
        "suppressed_by": event.alert.suppressed_by,
        "incident_id": event.alert.incident_id,
    }
