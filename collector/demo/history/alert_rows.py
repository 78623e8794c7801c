"""The rows of incidents, alerts, messages, maintenance and vendors, as the running collector writes them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from analytics.alerting import AlertEvent, IncidentEvent
from collector.alerting_rows import alert_event_row, event_row
from collector.demo.history.batch import Batch, Coded, Texts, from_datetime
from collector.demo.history.identities import Identities
from collector.demo.history.maintenance import MAINTENANCE
from collector.demo.history.sending import Sent
from collector.demo.history.vendors import VendorState

Row = Mapping[str, Any]


def event_rows(events: Iterable[IncidentEvent], ids: Identities) -> list[Row]:
    """Rows of `incident_events`, in the order of time."""
    return [event_row(event, ids.at(event.at)) for event in sorted(events, key=lambda event: event.at)]


def alert_event_rows(events: Iterable[AlertEvent], ids: Identities) -> list[Row]:
    """Rows of `alert_events`."""
    return [alert_event_row(event, ids.at(event.at)) for event in events]


def notification_row(sent: Sent) -> Row:
    """A row of `notifications`. Of the last error and the answer the newest that there was is kept."""
    row, last = sent.row, sent.settled[-1]
    errors = [one.last_error for one in sent.settled if one.last_error is not None]
    return {
        "id": row.id,
        "incident_id": row.incident_id,
        "channel": row.channel,
        "action": sent.message.action.value,
        "dedup_key": row.dedup_key,
        "payload": row.payload,
        "state": last.state,
        "attempts": last.attempts,
        "created_at": row.created_at,
        "first_attempt_at": last.first_attempt_at,
        "next_attempt_at": last.next_attempt_at,
        "delivered_at": last.delivered_at,
        "last_error": errors[-1] if errors else None,
        "severity": sent.message.severity.value,
        "answer": last.answer,
    }


def maintenance_rows(spans: Sequence[tuple[datetime, datetime]], ids: Identities) -> list[Row]:
    """Rows of `maintenance`: one an occurrence and service."""
    return [
        {
            "id": ids.at(begin),
            "name": MAINTENANCE.name,
            "service_type": service.service_type.value,
            "service_name": service.service_name,
            "starts_at": begin,
            "ends_at": end,
        }
        for begin, end in spans
        for service in sorted(MAINTENANCE.services or (), key=str)
    ]


def vendor_row(state: VendorState) -> Row:
    """A row of `vendor_incidents`."""
    incident = state.incident
    return {
        "vendor": state.vendor,
        "vendor_id": incident.vendor_id,
        "name": incident.name,
        "impact": incident.impact,
        "state": incident.state,
        "started_at": incident.started_at,
        "updated_at": incident.updated_at,
        "resolved_at": incident.resolved_at,
        "url": incident.url,
        "components": list(incident.components),
        "services": [str(state.service)],
    }


def batch_of(table: str, rows: Sequence[Row]) -> Batch:
    """`rows` (at least one) by the column: times, whole numbers, and everything else as text."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    times = {name for name, values in columns.items() if any(isinstance(one, datetime) for one in values)}
    times |= {name for name in columns if name.endswith("_at")}
    return Batch(
        table, {name: _column(values, name in times) for name, values in columns.items()}, frozenset(times)
    )


def _column(values: Sequence[Any], is_time: bool) -> Any:
    if is_time:
        return np.array([-1 if one is None else from_datetime(one) for one in values], dtype=np.int64)
    if all(isinstance(one, int) for one in values):
        return np.array(values, dtype=np.int64)
    texts = Texts()
    return Coded(np.array([texts.code(_text(one)) for one in values], dtype=np.int64), texts)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
