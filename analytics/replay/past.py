"""What really happened, as an account: the incidents and pages that the file has of a time."""

import json
from datetime import datetime
from typing import Any

import duckdb

from analytics.alerting import AlertRule, Incident, Outgoing
from analytics.alerting.message_json import message_from
from analytics.model import IncidentState, Reason, ServiceKey, ServiceType, Severity
from analytics.named_sql import query
from analytics.replay.outcome import Account, Change, account_of


def read_recorded(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> Account:
    """The incidents and pages recorded in [since, until), as they were at `until`.

    A page is what was written to the outbox, also when the channel was out of order. What this version does
    not understand is left out.
    """
    bound = {"since": since, "until": until}

    def rows(name: str) -> list[tuple[Any, ...]]:
        return connection.execute(query(name), bound).fetchall()

    incidents = [one for row in rows("recorded_incidents") if (one := _incident(row)) is not None]
    messages = [sent for row in rows("recorded_messages") if (sent := _message(row)) is not None]
    changes = [Change(*row) for row in rows("recorded_alert_changes")]
    acknowledged = [(row[0], row[1]) for row in rows("recorded_acknowledgements")]
    return account_of(incidents, messages, changes, acknowledged, since, until)


def _incident(row: tuple[Any, ...]) -> Incident | None:
    id_, kind, name, began_at, created_at, severity, title, rule, reason, resolved_at, acknowledged, again = (
        row
    )
    try:
        return Incident(
            id=id_,
            service=ServiceKey(ServiceType(kind), name),
            began_at=began_at,
            created_at=created_at,
            severity=Severity(severity),
            state=IncidentState.OPEN if resolved_at is None else IncidentState.RESOLVED,
            title=title,
            description="",
            rule=AlertRule(rule) if rule in list(AlertRule) else AlertRule.SERVICE_DOWN,
            reason=Reason(reason) if reason in list(Reason) else Reason.ERROR_RATE,
            resolved_at=resolved_at,
            acknowledged_at=acknowledged,
            relapses=tuple(datetime.fromisoformat(moment) for moment in json.loads(again or "[]")),
        )
    except (TypeError, ValueError):
        return None


def _message(row: tuple[Any, ...]) -> tuple[datetime, Outgoing] | None:
    created_at, channel, payload, incident_id = row
    try:
        return created_at, Outgoing(channel, message_from(json.loads(payload)), incident_id)
    except ValueError:
        return None
