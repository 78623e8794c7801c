"""Hours that the real rules lived through, replayed from their file: the same alerts, incidents, messages."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from analytics.alerting import AlertPolicy
from analytics.db import Location, locate, read_only
from analytics.replay import Outcome, Recording, read_recording, replay
from collector.alerting_rows import alert_event_row, incident_row
from tests.analytics.replay.troubled import MINUTES, live_through
from tests.collector.alerting_stage import ROUTES, START

Rows = list[tuple[Any, ...]]

_EVENTS = "timestamp, rule, service_type, service_name, old_state, new_state, severity, title, suppressed_by"
_INCIDENTS = (
    "service_type, service_name, began_at, created_at, resolved_at, severity, rule, reason, status, title, "
    "description, acknowledged_at, acknowledged_by, relapses"
)
_QUERIES = {
    "events": f"SELECT {_EVENTS} FROM alert_events",
    "incidents": f"SELECT {_INCIDENTS} FROM integration_incidents",
    "timelines": """
        SELECT events.timestamp, ours.service_name, events.kind, events.author, events.message
        FROM incident_events AS events
        JOIN integration_incidents AS ours ON ours.id = events.incident_id""",
    "messages": """
        SELECT created_at, channel, action, severity, payload->>'$.service', payload->>'$.title',
            payload->>'$.text', payload->>'$.note'
        FROM notifications""",
}


@dataclass(frozen=True)
class Lived:
    """What stands in the file, and what the replay of it says."""

    location: Location
    recording: Recording
    policy: AlertPolicy
    outcome: Outcome
    stored: dict[str, Rows]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    stage, policy = live_through(tmp_path_factory.mktemp("live"))
    location = locate(str(stage.folder / "health.duckdb"))
    with read_only(location) as connection:
        recording = read_recording(connection, START - timedelta(hours=1), START + timedelta(minutes=MINUTES))
        stored = {name: connection.execute(sql).fetchall() for name, sql in _QUERIES.items()}
    recording = replace(recording, routes=ROUTES)
    return Lived(location, recording, policy, replay(recording, policy, recording.limits), stored)


def in_order(rows: Rows) -> Rows:
    return sorted(rows, key=str)


def columns(row: dict[str, Any], names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names.split(", "))


def test_much_happened(lived: Lived) -> None:
    rules = {row[1] for row in lived.stored["events"]}
    assert rules >= {
        "service_down",
        "slow_response",
        "high_error_rate",
        "circuit_open",
        "quota_headroom",
        "webhook_verification",
        "certificate_expiry",
        "slo_burn",
        "collector_blind",
    }
    quiet = {(row[8] or "").split(" ")[0] for row in lived.stored["events"]}
    assert quiet >= {"depends", "muted", "maintenance:", "flapping:", "closed", "explained"}
    assert any(row[12] for row in lived.stored["incidents"])


def test_the_same_alerts(lived: Lived) -> None:
    found = [columns(alert_event_row(event, ""), _EVENTS) for event in lived.outcome.alert_events]
    assert in_order(found) == in_order(lived.stored["events"])


def test_the_same_incidents(lived: Lived) -> None:
    found = [columns(incident_row(incident), _INCIDENTS) for incident in lived.outcome.incidents]
    assert in_order(found) == in_order(lived.stored["incidents"])


def test_the_same_timelines(lived: Lived) -> None:
    service = {incident.id: incident.service.service_name for incident in lived.outcome.incidents}
    found = [
        (event.at, service[event.incident_id], event.kind, event.author, event.message)
        for event in lived.outcome.events
    ]
    assert in_order(found) == in_order(lived.stored["timelines"])


def test_the_same_messages(lived: Lived) -> None:
    found = [
        (at, one.channel, said.action, said.severity, said.service, said.title, said.text, said.note)
        for at, one in lived.outcome.messages
        for said in (one.message,)
    ]
    assert in_order(found) == in_order(lived.stored["messages"])


def test_a_period_in_the_middle_begins_as_it_did(lived: Lived) -> None:
    """What is under way at its begin is known, and what was over is not told again."""
    since = START + timedelta(minutes=100)
    with read_only(lived.location) as connection:
        part = read_recording(connection, since, START + timedelta(minutes=MINUTES))
    part = replace(part, routes=ROUTES)
    outcome = replay(part, lived.policy, part.limits)
    found = [columns(alert_event_row(event, ""), _EVENTS) for event in outcome.alert_events]
    assert in_order(found) == in_order([row for row in lived.stored["events"] if row[0] > since])
    assert all(one.resolved_at is None or one.resolved_at > since for one in outcome.incidents)


def test_the_same_again(lived: Lived) -> None:
    told: list[float] = []
    again = replay(lived.recording, lived.policy, lived.recording.limits, told.append)
    assert again == lived.outcome
    assert told == sorted(told)
    assert told[-1] == 1.0
