"""Days of the demo, whose history the real rules judged in another way, replayed from their file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from analytics.alerting import AlertPolicy, AlertRule, Route
from analytics.db import locate, read_only, transact
from analytics.model import Policy, ServiceInfo, ServiceKey, ServiceType
from analytics.replay import Recording, read_recording, replay
from analytics.replay.judging import judged_again
from collector.alerting_rows import alert_event_row, incident_row
from collector.demo.history import write_history
from collector.demo.history.generate import demo_config
from collector.store import replace_services

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DAYS = 7
STDIO = ServiceKey(ServiceType.MCP, "google-analytics")
SHOPIFY = ServiceKey(ServiceType.API, "shopify")
FLY = ServiceKey(ServiceType.MCP, "fly")
#: The history of the demo is made without a look at these.
_NOT_IN_IT = (AlertRule.QUOTA_HEADROOM, AlertRule.SLO_BURN)

_EVENTS = "timestamp, rule, service_type, service_name, old_state, new_state, severity, title, suppressed_by"
_INCIDENTS = (
    "service_type, service_name, began_at, created_at, resolved_at, severity, rule, reason, relapses, title, "
    "acknowledged_at, acknowledged_by"
)


@dataclass(frozen=True)
class Demo:
    """The demo's file, open, and what is recorded in it."""

    connection: duckdb.DuckDBPyConnection
    recording: Recording
    policy: AlertPolicy


def recorded(connection: duckdb.DuckDBPyConnection, since: datetime) -> Recording:
    """With the intervals and channels of the history; those of the running demo are others."""
    found = read_recording(connection, since, NOW)
    routes = tuple(Route(one.name, frozenset(one.severities)) for one in demo_config().channels)
    services = {
        key: replace(one, interval=timedelta(minutes=5 if key == STDIO else 1))
        for key, one in found.services.items()
    }
    return replace(found, routes=routes, services=services)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    location = locate(str(tmp_path_factory.mktemp("demo") / "demo.duckdb"))
    write_history(location, NOW, DAYS, 1, lambda share, label: None)
    config = demo_config()
    infos = [
        ServiceInfo(spec.key, spec.kind.name, "", spec.interval, spec.policy, depends_on=spec.depends_on)
        for spec in config.services
    ]
    transact(location, lambda connection: replace_services(connection, infos, NOW))
    rules = {
        rule: replace(one, enabled=one.enabled and rule not in _NOT_IN_IT)
        for rule, one in config.alerts.rules.items()
    }
    own = {place: one for place, one in config.alerts.overrides.items() if place[1] not in _NOT_IN_IT}
    with read_only(location) as connection:
        policy = replace(config.alerts, rules=rules, overrides=own)
        yield Demo(connection, recorded(connection, NOW - timedelta(days=DAYS)), policy)


def columns(row: dict[str, Any], names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names.split(", "))


def test_the_same_incidents(demo: Demo) -> None:
    stored = demo.connection.execute(f"SELECT {_INCIDENTS} FROM integration_incidents").fetchall()
    outcome = replay(demo.recording, demo.policy, demo.recording.limits)
    found = [columns(incident_row(one), _INCIDENTS) for one in outcome.incidents if one.resolved_at]
    assert len(stored) >= 4
    assert sorted(found, key=str) == sorted(stored, key=str)


def test_the_same_alerts(demo: Demo) -> None:
    """The demo does not look at traffic while all is well by the hour: what waits and never fires is more."""
    stored = Counter(demo.connection.execute(f"SELECT {_EVENTS} FROM alert_events").fetchall())
    outcome = replay(demo.recording, demo.policy, demo.recording.limits)
    found = Counter(columns(alert_event_row(one, ""), _EVENTS) for one in outcome.alert_events)
    assert stored - found == Counter()
    more = found - stored
    assert {(row[4], row[5]) for row in more} <= {("inactive", "pending"), ("pending", "inactive")}
    assert {row[1] for row in more} <= {"slow_response", "high_error_rate"}


def test_a_part_of_it_is_as_in_the_whole(demo: Demo) -> None:
    begun = demo.connection.execute("SELECT began_at FROM integration_incidents ORDER BY began_at").fetchall()
    since = begun[len(begun) // 2][0] + timedelta(minutes=3)
    part = recorded(demo.connection, since)
    whole = replay(demo.recording, demo.policy, demo.recording.limits)
    outcome = replay(part, demo.policy, part.limits)
    assert len(part.checks) < len(demo.recording.checks)
    expected = [columns(alert_event_row(one, ""), _EVENTS) for one in whole.alert_events if one.at > since]
    assert [columns(alert_event_row(one, ""), _EVENTS) for one in outcome.alert_events] == expected


def changed(demo: Demo, key: ServiceKey, **limits: Any) -> dict[ServiceKey, Policy]:
    return {**demo.recording.limits, key: replace(demo.recording.limits[key], **limits)}


def test_judged_again_with_limits_that_change_nothing(demo: Demo) -> None:
    """Another age at which data is stale makes every check be judged again, and none otherwise."""
    limits = {
        key: replace(one, stale_after=one.stale_after + timedelta(seconds=1))
        for key, one in demo.recording.limits.items()
    }
    checks, count = judged_again(demo.recording, limits)
    assert count == 0
    assert checks is demo.recording.checks


@pytest.mark.parametrize(("key", "healthy_ms"), [(SHOPIFY, 200.0), (FLY, 100.0)])
def test_a_stricter_limit_makes_slow_what_was_quick(demo: Demo, key: ServiceKey, healthy_ms: float) -> None:
    place = demo.recording.keys.index(key)
    checks, count = judged_again(demo.recording, changed(demo, key, healthy_ms=healthy_ms))
    other = (checks.status != demo.recording.checks.status) | (checks.reason != demo.recording.checks.reason)
    assert count == other.sum() > 0
    assert set(checks.service[other].tolist()) == {place}
    measured = "CAST(details->>'$.p95_ms' AS DOUBLE)" if key is SHOPIFY else "response_time_ms"
    (expected,) = demo.connection.execute(
        f"SELECT count(*) FROM integration_health_checks WHERE service_type = $kind AND service_name = $name "
        f"AND status = 'healthy' AND {measured} >= $limit",
        {"kind": key.service_type.value, "name": key.service_name, "limit": healthy_ms},
    ).fetchall()[0]
    assert count == expected


def test_other_limits_make_other_incidents(demo: Demo) -> None:
    day = recorded(demo.connection, NOW - timedelta(hours=12))
    as_it_was = replay(day, demo.policy, day.limits)
    outcome = replay(day, demo.policy, changed(demo, FLY, healthy_ms=1.0))
    assert as_it_was.verdicts_changed == 0
    assert outcome.verdicts_changed > 700
    assert FLY not in {one.service for one in as_it_was.incidents if one.resolved_at is None}
    assert any(one.service == FLY and one.resolved_at is None for one in outcome.incidents)
    assert {one.service for one in as_it_was.incidents} <= {one.service for one in outcome.incidents}
