"""What the alert rules go by is read from the file alone, also from one of an earlier version."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.alert_settings import read_limits, read_policy, read_routes, read_written_policy
from analytics.alerting import AlertRule, Route
from analytics.db import read_only, transact
from analytics.model import Basis, Policy, ServiceKey, ServiceType, Severity
from analytics.rules.alert_defaults import DEFAULTS, default_policy
from analytics.rules.alert_words import rule_rows
from analytics.rules.rule_changes import RuleChange
from collector.store import insert_rows
from collector.store_actions import insert_changes
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOP, CHAT = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "chatwoot")
REDIS, HOOK = ServiceKey(ServiceType.INFRASTRUCTURE, "redis"), ServiceKey(ServiceType.WEBHOOK, "shopify")
DOWN = AlertRule.SERVICE_DOWN
OWN = replace(DEFAULTS[DOWN], checks=9)
WRITTEN = replace(default_policy(), recovery_checks=4, overrides={(SHOP, DOWN): OWN})
SERVICE = {
    "probe": "http",
    "target": "",
    "interval_seconds": 60,
    "stale_after_seconds": 300,
    "healthy_ms": 800,
    "down_ms": 2000,
    "enabled": True,
    "depends_on": [],
    "updated_at": NOW,
}


def change(settings: dict[str, Any], at: datetime, service: ServiceKey | None = None) -> RuleChange:
    return RuleChange(DOWN, service, settings, at, "ada")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A file with rules, changes of them, channels, and services of this and of an earlier version."""
    location = empty_database(tmp_path_factory.mktemp("settings"))

    def place(position: int, key: ServiceKey, **said: Any) -> dict[str, Any]:
        return {
            **SERVICE,
            "position": position,
            "service_type": key.service_type.value,
            "service_name": key.service_name,
            **said,
        }

    def work(transaction: duckdb.DuckDBPyConnection) -> None:
        services = [place(0, SHOP), place(1, REDIS), place(2, HOOK), place(3, CHAT)]
        insert_rows(transaction, "services", services)
        transaction.execute(
            "UPDATE services SET basis = 'present', sure_after = 2, healthy_above_percent = 99, "
            "down_below_percent = 80 WHERE service_name = 'chatwoot'"
        )
        for row in rule_rows(WRITTEN):
            transaction.execute(
                "INSERT INTO alert_rules VALUES ($rule, $service_type, $service_name, $settings, $now)",
                {**row, "now": NOW},
            )
        for position, (channel, severities) in enumerate(
            [("oncall", '["critical"]'), ("chat", '["critical", "info", "of_a_later_version"]')]
        ):
            transaction.execute(
                "INSERT INTO alert_channels VALUES (?, ?, 'slack', ?, ?)",
                [channel, position, severities, NOW],
            )
        early, late = NOW - timedelta(days=2), NOW - timedelta(days=1)
        insert_changes(
            transaction,
            [change({"checks": 6}, early), change({"checks": 7}, late), change({"checks": 8}, early, CHAT)],
        )
        insert_changes(transaction, [change({}, late, CHAT)])

    transact(location, work)
    with read_only(location) as opened:
        yield opened


def test_the_policy_is_that_of_services_toml_with_what_people_changed(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert read_written_policy(connection) == WRITTEN
    policy = read_policy(connection)
    assert [policy.settings(DOWN, service).checks for service in (SHOP, CHAT, REDIS)] == [9, 7, 7]
    assert policy.recovery_checks == 4
    earlier = read_policy(connection, NOW - timedelta(days=1.5))
    assert [earlier.settings(DOWN, service).checks for service in (SHOP, CHAT, REDIS)] == [9, 8, 6]
    assert read_policy(connection, NOW - timedelta(days=3)) == WRITTEN


def test_channels_keep_their_order_and_the_severities_that_are_known(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert read_routes(connection) == (
        Route("oncall", frozenset({Severity.CRITICAL})),
        Route("chat", frozenset({Severity.CRITICAL, Severity.INFO})),
    )


def test_limits_an_earlier_version_did_not_write_are_those_of_the_type(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    stale = timedelta(minutes=5)
    assert read_limits(connection) == {
        SHOP: Policy(Basis.CALLS, 800, 2000, 6, stale),
        REDIS: Policy(Basis.PRESENT, 800, 2000, 3, stale),
        HOOK: Policy(Basis.DELIVERIES, 800, 2000, 3, stale),
        CHAT: Policy(Basis.PRESENT, 800, 2000, 2, stale, 99, 80),
    }


def test_a_file_without_settings_goes_by_the_defaults(tmp_path: Path) -> None:
    with read_only(empty_database(tmp_path)) as empty:
        assert read_policy(empty) == default_policy()
        assert (read_routes(empty), read_limits(empty)) == ((), {})
