"""What is read for the alert rules equals a count by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.db import Location, read_only, transact
from analytics.evidence import read_evidence, read_looks
from analytics.ids import uuid7
from analytics.model import Reason, ServiceKey, ServiceType, Severity, Status
from analytics.rules.signals import Circuit, CommonFailure, Evidence, Looks, QuotaLevel
from analytics.rules.signals.evidence import NEWEST_SPAN
from analytics.rules.slo import FAST, SLOW, Share
from analytics.windows import call_windows, delivery_windows
from collector.store import insert_rows
from tests.analytics.rules.signals.samples import HOUR, MINUTE, POLICY

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SCHEMA = "".join(path.read_text() for path in sorted(Path("analytics/sql/schema").glob("*.sql")))
REDIS = ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
SPANS = (SLOW.long, FAST.long, SLOW.short, FAST.short)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory."""
    with duckdb.connect() as made:
        made.execute("SET TimeZone='UTC'")
        made.execute(SCHEMA)
        yield made


def evidence(connection: duckdb.DuckDBPyConnection, policy: AlertPolicy = POLICY) -> Evidence:
    return read_evidence(connection, {REDIS: "redis"}, policy, NOW)


def call(age: float, **columns: Any) -> dict[str, Any]:
    given = {"api_name": "shopify", "status_code": 200, "response_time_ms": 5, "retries": 0}
    return {"id": uuid7(), "timestamp": NOW - timedelta(seconds=age), **given, **columns}


def test_an_empty_database_has_nothing_to_say(connection: duckdb.DuckDBPyConnection) -> None:
    found = evidence(connection)
    assert set(found.calls) == {NEWEST_SPAN, 5 * MINUTE, 10 * MINUTE}
    assert set(found.deliveries) == {5 * MINUTE, HOUR}
    assert not any(found.calls.values())
    assert not any(found.deliveries.values())
    assert (found.failures, found.circuits, found.quotas, found.looks) == ({}, (), (), {})


def test_windows_are_as_long_as_the_settings_ask_for(connection: duckdb.DuckDBPyConnection) -> None:
    severity = Severity.WARNING
    rules = {
        AlertRule.HIGH_ERROR_RATE: RuleSettings(severity, window=5 * MINUTE),
        AlertRule.SLOW_RESPONSE: RuleSettings(severity, enabled=False, window=7 * MINUTE),
    }
    own = {(REDIS, AlertRule.SLOW_RESPONSE): RuleSettings(severity, window=20 * MINUTE)}
    insert_rows(
        connection, "api_metrics", [call(119), call(120), call(299), call(300), call(1199), call(1200)]
    )
    found = evidence(connection, AlertPolicy(rules, own))
    counted = {span: windows["shopify"].total for span, windows in found.calls.items()}
    assert counted == {NEWEST_SPAN: 1, 5 * MINUTE: 3, 20 * MINUTE: 5}
    assert set(found.deliveries) == {5 * MINUTE}
    assert found.calls[5 * MINUTE] == call_windows(connection, NOW, 5 * MINUTE)


def test_deliveries_of_minutes_and_of_the_hour(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        {"id": uuid7(), "timestamp": NOW - timedelta(seconds=age), "source": "shopify", "verified": good}
        for age, good in ((10, True), (299, False), (300, True), (3599, False), (3600, False))
    ]
    insert_rows(connection, "webhook_metrics", made)
    found = evidence(connection).deliveries
    assert [(found[span]["shopify"].failed, found[span]["shopify"].total) for span in (5 * MINUTE, HOUR)] == [
        (1, 2),
        (2, 4),
    ]
    assert delivery_windows(connection, NOW, {}, 5 * MINUTE) == found[5 * MINUTE]


def test_the_most_common_failure(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        *[call(age, status_code=429) for age in (100, 101)],
        call(99, status_code=429, reason="quota_exhausted"),
        *[call(age, status_code=None, reason="timeout") for age in (10, 11)],
        call(5, status_code=200, reason="protocol"),
        *[call(age, status_code=401, origin="probe") for age in range(20, 30)],
        *[call(age, status_code=500) for age in range(301, 320)],
        *[call(age) for age in range(1, 90)],
        call(1, api_name="openai", status_code=503),
        call(2, api_name="openai", status_code=500),
        call(1, api_name="chatwoot"),
    ]
    insert_rows(connection, "api_metrics", made)
    found = evidence(connection)
    assert found.failures == {
        5 * MINUTE: {
            "shopify": CommonFailure(Reason.QUOTA_EXHAUSTED, 429, 3),
            "openai": CommonFailure(Reason.HTTP_5XX, 503, 1),
        }
    }
    assert found.calls[5 * MINUTE]["shopify"].failed == 6


def test_nothing_failed(connection: duckdb.DuckDBPyConnection) -> None:
    insert_rows(connection, "api_metrics", [call(1)])
    assert evidence(connection).failures == {}


def change(age: float, state: str, origin: str | None = "worker", api: str = "shopify") -> dict[str, Any]:
    return {
        "id": uuid7(),
        "timestamp": NOW - timedelta(seconds=age),
        "api_name": api,
        "origin": origin,
        "old_state": "closed",
        "new_state": state,
        "message": None if origin is None else f"{state} at {age}",
    }


def test_the_newest_state_of_each_circuit(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        change(60, "open"),
        change(30, "closed"),
        change(10, "open", None),
        change(3599, "open", "billing", "openai"),
        change(3600, "open", "gone"),
    ]
    insert_rows(connection, "circuit_events", made)
    assert sorted(evidence(connection).circuits, key=lambda circuit: circuit.origin) == [
        Circuit("shopify", "", "open", NOW - timedelta(seconds=10), ""),
        Circuit("openai", "billing", "open", NOW - timedelta(seconds=3599), "open at 3599"),
        Circuit("shopify", "worker", "closed", NOW - timedelta(seconds=30), "closed at 30"),
    ]


def test_the_newest_level_of_each_quota(connection: duckdb.DuckDBPyConnection) -> None:
    resets = NOW + HOUR
    made = [
        call(20, quota_name="requests", quota_used=90, quota_limit=100, origin="worker"),
        call(10, quota_name="requests", quota_used=20, quota_limit=100, origin="worker"),
        call(30, quota_name="requests", quota_used=5, quota_limit=40, origin=None),
        call(9, quota_name="tokens", quota_used=1, quota_limit=9, quota_reset_at=resets, origin="worker"),
        call(8, quota_name="broken", quota_used=1, quota_limit=0),
        call(7, quota_name="unsaid"),
        call(6),
    ]
    insert_rows(connection, "api_metrics", made)
    found = sorted(evidence(connection).quotas, key=lambda quota: (quota.origin, quota.name))
    assert found == [
        QuotaLevel("shopify", "", "requests", 5, 40, NOW - timedelta(seconds=30)),
        QuotaLevel("shopify", "worker", "requests", 20, 100, NOW - timedelta(seconds=10)),
        QuotaLevel("shopify", "worker", "tokens", 1, 9, NOW - timedelta(seconds=9), resets),
    ]


def check(age: float, status: str = "healthy", reason: str = "ok", attempt: int = 1) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "timestamp": NOW - timedelta(seconds=age),
        "service_type": "infrastructure",
        "service_name": "redis",
        "status": status,
        "reason": reason,
        "attempt": attempt,
        "run_id": uuid7(),
    }


ages = st.lists(
    st.tuples(
        st.integers(0, 22_000),
        st.sampled_from(["healthy", "degraded", "down", "unknown"]),
    ),
    max_size=40,
    unique_by=lambda made: made[0],
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ages)
def test_shares_of_bad_checks(connection: duckdb.DuckDBPyConnection, made: list[tuple[int, str]]) -> None:
    connection.execute("DELETE FROM integration_health_checks")
    insert_rows(connection, "integration_health_checks", [check(age, status) for age, status in made])
    found = read_looks(connection, NOW)
    seen = [(age, status) for age, status in made if age < SLOW.long.total_seconds()]
    assert set(found) == ({REDIS} if seen else set())
    for span in SPANS if seen else ():
        known = [status for age, status in seen if age < span.total_seconds() and status != "unknown"]
        assert found[REDIS].shares[span] == Share(known.count("down"), len(known))
    if seen:
        newest = min(seen)
        assert found[REDIS].newest == NOW - timedelta(seconds=newest[0])
        assert found[REDIS].status == newest[1]


def test_the_attempts_of_one_check_count_once(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        check(130, "degraded", "timeout", 1),
        check(125, "degraded", "timeout", 2),
        check(120, "down", "timeout", 3),
        check(60, "down", "timeout", 1),
        check(5, "degraded", "timeout", 1),
        check(2, "degraded", "passed_on_retry", 2),
    ]
    insert_rows(connection, "integration_health_checks", made)
    looks = read_looks(connection, NOW)[REDIS]
    assert {looks.shares[span] for span in SPANS} == {Share(2, 3)}
    assert (looks.status, looks.reason) == (Status.DEGRADED, Reason.PASSED_ON_RETRY)


def test_the_newest_look_without_a_network(connection: duckdb.DuckDBPyConnection) -> None:
    offline = [check(age, "unknown", "collector_offline") for age in (300, 200)]
    insert_rows(connection, "integration_health_checks", [*offline, check(10, reason="of the future")])
    assert read_looks(connection, NOW)[REDIS] == Looks(
        NOW - timedelta(seconds=10),
        Status.HEALTHY,
        Reason.ERROR_RATE,
        NOW - timedelta(seconds=200),
        {span: Share(0, 1) for span in SPANS},
    )


def maintenance(starts: float, ends: float, name: str = "redis") -> dict[str, Any]:
    return {
        "id": uuid7(),
        "name": "upgrade",
        "service_type": "infrastructure",
        "service_name": name,
        "starts_at": NOW - timedelta(seconds=starts),
        "ends_at": NOW - timedelta(seconds=ends),
    }


def test_what_is_down_in_its_maintenance_spends_no_budget(connection: duckdb.DuckDBPyConnection) -> None:
    insert_rows(
        connection,
        "integration_health_checks",
        [check(age, "down", "connect") for age in (250, 200, 150, 100)],
    )
    assert read_looks(connection, NOW)[REDIS].shares[FAST.short] == Share(4, 4)
    windows = [maintenance(200, 100), maintenance(900, 0, "another"), maintenance(190, 120)]
    insert_rows(connection, "maintenance", windows)
    assert read_looks(connection, NOW)[REDIS].shares[FAST.short] == Share(2, 2), "its end is not in it"
    assert read_looks(connection, NOW)[REDIS].newest == NOW - timedelta(seconds=100)


def test_a_file_and_a_lake_say_the_same(any_database: Location) -> None:
    def write(connection: duckdb.DuckDBPyConnection) -> None:
        used = {"quota_name": "requests", "quota_used": 95, "quota_limit": 100}
        insert_rows(connection, "api_metrics", [call(2, **used), call(1, status_code=429)])
        insert_rows(
            connection, "circuit_events", [change(6, "open"), change(5, "open"), change(5, "half_open")]
        )
        checks = [check(age, "down", "connect") for age in (40, 30, 20)]
        insert_rows(connection, "integration_health_checks", checks)
        insert_rows(connection, "maintenance", [maintenance(30, 25)])

    transact(any_database, write)
    with read_only(any_database) as connection:
        found = evidence(connection)
    assert found.failures == {5 * MINUTE: {"shopify": CommonFailure(Reason.RATE_LIMITED, 429, 1)}}
    assert [circuit.state for circuit in found.circuits] == ["open"], "the worse one of a moment"
    assert [quota.used for quota in found.quotas] == [95]
    assert found.looks[REDIS].shares[FAST.short] == Share(2, 2)


def test_a_rule_that_is_off_costs_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    insert_rows(connection, "circuit_events", [change(1, "open")])
    insert_rows(connection, "api_metrics", [call(1, quota_name="a", quota_used=1, quota_limit=1)])
    insert_rows(connection, "integration_health_checks", [check(1)])
    found = evidence(connection, AlertPolicy({}))
    assert (found.circuits, found.quotas, found.looks) == ((), (), {})
    assert set(found.calls) == set(found.deliveries) == {5 * MINUTE}, "the present is always wanted"
