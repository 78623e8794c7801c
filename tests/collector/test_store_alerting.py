"""What the rules remember comes back from the file as it went in."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.alerting import Alert, AlertEvent, AlertRule, AlertState, Incident, IncidentEvent
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import IncidentState, Reason, ServiceKey, ServiceType, Severity
from collector.store_alerting import (
    AlertingChanges,
    load_alerts,
    load_incident,
    load_incidents,
    save,
)
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
SHOPIFY = ServiceKey(ServiceType.API, "shopify")
ALERT = Alert(
    rule=AlertRule.QUOTA_HEADROOM,
    service=SHOPIFY,
    state=AlertState.FIRING,
    since=NOW,
    bad_since=NOW - timedelta(minutes=5),
    last_at=NOW,
    severity=Severity.WARNING,
    reason=Reason.RATE_LIMITED,
    title="Shopify API's quota \"points\" is almost used up; it's näh ☃",
    message="92 % used",
    count=7,
    good=1,
    about="it's 'points'",
    suppressed_by="maintenance: nightly",
    dedup_key="alert/quota_headroom/api/shopify/points/1",
    told=("team", "hook"),
    dismissed=Severity.INFO,
    streak_since=NOW - timedelta(minutes=9),
    told_times=(NOW - timedelta(minutes=2), NOW),
)
INCIDENT = Incident(
    id=uuid7(),
    service=SHOPIFY,
    began_at=NOW - timedelta(seconds=20),
    created_at=NOW,
    severity=Severity.CRITICAL,
    state=IncidentState.INVESTIGATING,
    title="Shopify API is down",
    description="refused",
    rule=AlertRule.SERVICE_DOWN,
    reason=Reason.CONNECT,
    acknowledged_at=NOW,
    acknowledged_by="Mara",
    relapses=(NOW - timedelta(seconds=3), NOW),
    good=1,
    good_since=NOW,
    good_at=NOW - timedelta(seconds=1),
    swings=4,
    sure_at=NOW - timedelta(seconds=5),
    affected=("mcp/supabase",),
    told=("oncall",),
)


def store(location: Location, changes: AlertingChanges) -> None:
    transact(location, lambda connection: save(connection, changes))


@pytest.mark.parametrize(
    "alert",
    [
        ALERT,
        replace(ALERT, service=None, about="", told=(), dismissed=None, suppressed_by=None, dedup_key=None),
        replace(ALERT, rule=AlertRule.SERVICE_DOWN, incident_id=INCIDENT.id, state=AlertState.PENDING),
    ],
)
def test_an_alert_comes_back_as_it_was(any_database: Location, alert: Alert) -> None:
    store(any_database, AlertingChanges(alerts=[alert]))
    with read_only(any_database) as connection:
        assert load_alerts(connection) == [alert]


def test_an_alert_has_one_row_for_each_thing_it_is_about(any_database: Location) -> None:
    other = replace(ALERT, about="tokens")
    store(any_database, AlertingChanges(alerts=[ALERT, other]))
    later = replace(ALERT, count=8)
    store(any_database, AlertingChanges(alerts=[later]))
    with read_only(any_database) as connection:
        assert load_alerts(connection) == [later, other]
    gone = (ALERT.rule, ALERT.service, ALERT.about)
    store(any_database, AlertingChanges(forgotten=[gone]))
    with read_only(any_database) as connection:
        assert load_alerts(connection) == [other]


def test_an_incident_comes_back_as_it_was_and_has_one_row(any_database: Location) -> None:
    store(any_database, AlertingChanges(incidents=[replace(INCIDENT, state=IncidentState.OPEN)]))
    store(any_database, AlertingChanges(incidents=[INCIDENT]))
    with read_only(any_database) as connection:
        assert load_incidents(connection, NOW, timedelta(hours=2)) == [INCIDENT]
        assert load_incident(connection, INCIDENT.id) == INCIDENT
        assert load_incident(connection, uuid7()) is None


def test_old_incidents_are_left_alone_unless_asked_for(any_database: Location) -> None:
    over = replace(INCIDENT, state=IncidentState.RESOLVED, resolved_at=NOW)
    store(any_database, AlertingChanges(incidents=[over]))
    with read_only(any_database) as connection:
        assert load_incidents(connection, NOW + timedelta(hours=2, seconds=-1), timedelta(hours=2)) == [over]
        assert load_incidents(connection, NOW + timedelta(hours=2), timedelta(hours=2)) == []
        assert load_incident(connection, over.id) == over


def test_a_timeline_keeps_its_order_within_a_moment(any_database: Location) -> None:
    said = [IncidentEvent(INCIDENT.id, NOW, "seen", f"thing {number}") for number in range(50)]
    store(
        any_database, AlertingChanges(events=said, alert_events=[AlertEvent(NOW, ALERT, AlertState.PENDING)])
    )
    with read_only(any_database) as connection:
        rows = connection.execute("SELECT message FROM incident_events ORDER BY timestamp, id").fetchall()
        changes = connection.execute(
            "SELECT rule, old_state, new_state, suppressed_by FROM alert_events"
        ).fetchall()
    assert [message for (message,) in rows] == [event.message for event in said]
    assert changes == [("quota_headroom", "pending", "firing", "maintenance: nightly")]


def test_many_alerts_are_replaced_at_once_and_no_other_is_touched(any_database: Location) -> None:
    names = [f"it's service {number}" for number in range(300)]
    alerts = [replace(ALERT, service=ServiceKey(ServiceType.MCP, name)) for name in names]
    incidents = [replace(INCIDENT, id=uuid7()) for _ in range(20)]
    store(any_database, AlertingChanges(alerts=[*alerts, ALERT], incidents=incidents))
    later = [replace(alert, count=8) for alert in alerts[:200]]
    over = [replace(incident, state=IncidentState.RESOLVED, resolved_at=NOW) for incident in incidents[:10]]
    gone = [(alert.rule, alert.service, alert.about) for alert in alerts[200:]]
    store(any_database, AlertingChanges(alerts=later, forgotten=gone, incidents=over))
    with read_only(any_database) as connection:
        left = {alert.service: alert for alert in load_alerts(connection)}
        kept = {incident.id: incident for incident in load_incidents(connection, NOW, timedelta(hours=2))}
    assert left == {alert.service: alert for alert in [*later, ALERT]}
    assert kept == {incident.id: incident for incident in [*over, *incidents[10:]]}


def _change(location: Location, statement: str) -> None:
    transact(location, lambda connection: connection.execute(statement))


def test_a_reason_of_another_version_is_a_failure_like_any_other(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    store(location, AlertingChanges(alerts=[ALERT], incidents=[INCIDENT]))
    _change(location, """UPDATE alerts SET details = json_merge_patch(details, '{"reason": "gremlins"}')""")
    _change(location, "UPDATE integration_incidents SET reason = 'gremlins', rule = 'new_rule'")
    with read_only(location) as connection:
        assert load_alerts(connection) == [replace(ALERT, reason=Reason.ERROR_RATE)]
        assert load_incidents(connection, NOW, timedelta(hours=2)) == [
            replace(INCIDENT, reason=Reason.ERROR_RATE, rule=AlertRule.SERVICE_DOWN)
        ]


@pytest.mark.parametrize(
    "change",
    [
        "rule = 'new_rule'",
        "service_type = 'queue'",
        "severity = 'emergency'",
        "severity = NULL",
        "details = '{}'",
        "details = NULL",
        """details = json_merge_patch(details, '{"last_at": "soon"}')""",
    ],
)
def test_an_alert_of_another_version_keeps_no_other_from_being_read(tmp_path: Path, change: str) -> None:
    location = empty_database(tmp_path)
    store(location, AlertingChanges(alerts=[ALERT, replace(ALERT, about="tokens")]))
    _change(location, f"UPDATE alerts SET {change} WHERE details->>'$.about' = 'tokens'")
    with read_only(location) as connection:
        assert load_alerts(connection) == [ALERT]


@pytest.mark.parametrize(
    "change", ["service_type = 'queue'", "details = '[]'", """details = '{"good_at": "soon"}'"""]
)
def test_an_incident_of_another_version_keeps_no_other_from_being_read(tmp_path: Path, change: str) -> None:
    location, other = empty_database(tmp_path), replace(INCIDENT, id=uuid7())
    store(location, AlertingChanges(incidents=[INCIDENT, other]))
    _change(location, f"UPDATE integration_incidents SET {change} WHERE id = '{other.id}'")
    with read_only(location) as connection:
        assert load_incidents(connection, NOW, timedelta(hours=2)) == [INCIDENT]
        assert load_incident(connection, other.id) is None


def test_everything_that_is_remembered_is_tried_here() -> None:
    for remembered in (ALERT, INCIDENT):
        same = {
            field.name for field in fields(remembered) if getattr(remembered, field.name) == field.default
        }
        assert same <= {"incident_id", "resolved_at"}
