"""Alerts, incidents and their changes as rows of the tables, and back.

What another version wrote must not keep this one from its work: a word that is not known is replaced where
that is harmless, and a row that cannot be understood is passed over.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from analytics.alerting import Alert, AlertEvent, AlertRule, AlertState, Incident, IncidentEvent
from analytics.model import IncidentState, Reason, ServiceKey, ServiceType, Severity

#: How the tables name what is no service but the collector itself.
COLLECTOR = "collector"

#: What is read of an alert and of an incident, in the order `alert_of` and `incident_of` take it.
ALERT_COLUMNS = (
    "rule, service_type, service_name, state, since, severity, title, suppressed_by, incident_id, details"
)
INCIDENT_COLUMNS = (
    "id, service_type, service_name, began_at, created_at, severity, status, title, description, rule, "
    "reason, resolved_at, acknowledged_at, acknowledged_by, details"
)

Word = TypeVar("Word", bound=StrEnum)


def subject(service: ServiceKey | None) -> tuple[str, str]:
    """Type and name as the tables have them; None is the collector itself."""
    return (COLLECTOR, COLLECTOR) if service is None else (service.service_type.value, service.service_name)


def service_of(kind: str, name: str) -> ServiceKey | None:
    """The inverse of `subject`."""
    return None if kind == COLLECTOR else ServiceKey(ServiceType(kind), name)


def alert_row(alert: Alert) -> dict[str, Any]:
    """A row of `alerts`."""
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
            "told_times": [moment.isoformat() for moment in alert.told_times],
        },
    }


def alert_of(row: tuple[Any, ...]) -> Alert | None:
    """The alert of a row of `ALERT_COLUMNS`; None when this version cannot understand it."""
    try:
        return _alert(row)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


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
        reason=_known(details["reason"], Reason.ERROR_RATE),
        title=title or "",
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
        told_times=tuple(datetime.fromisoformat(at) for at in details.get("told_times", ())),
    )


def incident_row(incident: Incident) -> dict[str, Any]:
    """A row of `integration_incidents`."""
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
            "sure_at": _written(incident.sure_at),
            "affected": list(incident.affected),
            "told": list(incident.told),
        },
    }


def incident_of(row: tuple[Any, ...]) -> Incident | None:
    """The incident of a row of `INCIDENT_COLUMNS`; None when this version cannot understand it."""
    try:
        return _incident(row)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


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
        rule=_known(row[9] or "", AlertRule.SERVICE_DOWN),
        reason=_known(row[10] or Reason.OK, Reason.ERROR_RATE),
        resolved_at=row[11],
        acknowledged_at=row[12],
        acknowledged_by=row[13],
        relapses=tuple(datetime.fromisoformat(moment) for moment in details.get("relapses", ())),
        good=details.get("good", 0),
        good_since=_read(details.get("good_since")),
        good_at=_read(details.get("good_at")),
        swings=details.get("swings", 0),
        sure_at=_read(details.get("sure_at")),
        affected=tuple(details.get("affected", ())),
        told=tuple(details.get("told", ())),
    )


def alert_event_row(event: AlertEvent, identity: UUID | str) -> dict[str, Any]:
    """A row of `alert_events` with that id."""
    kind, name = subject(event.alert.service)
    return {
        "id": identity,
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


def event_row(event: IncidentEvent, identity: UUID | str) -> dict[str, Any]:
    """A row of `incident_events` with that id."""
    return {
        "id": identity,
        "incident_id": event.incident_id,
        "timestamp": event.at,
        "kind": event.kind,
        "author": event.author,
        "message": event.message,
    }


def _known(text: str, otherwise: Word) -> Word:
    """The word of the kind of `otherwise`, and that one for a text that is none."""
    try:
        return type(otherwise)(text)
    except ValueError:
        return otherwise


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
