"""Mutes and changed rules in a real database, a file and a lake."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from analytics.alert_settings import read_changes
from analytics.alerting import AlertRule, Mute
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from analytics.rules.rule_changes import RuleChange
from collector.store_actions import end_mute, insert_changes, insert_mute, read_mutes
from tests.empty_database import empty_database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOP = ServiceKey(ServiceType.API, "shopify")


def at(**span: float) -> datetime:
    return NOON + timedelta(**span)


def test_mutes_hold_until_their_end_and_are_never_deleted(any_database: Location) -> None:
    all_of_shop = Mute(uuid7(), SHOP, None, at(hours=1), "ada", "")
    one_rule = Mute(uuid7(), None, AlertRule.SLO_BURN, at(hours=3), "ben", "for the migration; it's known")

    def mute(connection: duckdb.DuckDBPyConnection) -> None:
        insert_mute(connection, all_of_shop, NOON)
        insert_mute(connection, one_rule, at(seconds=1))

    transact(any_database, mute)
    with read_only(any_database) as connection:
        assert read_mutes(connection, at(minutes=1)) == (all_of_shop, one_rule)
        assert read_mutes(connection, at(hours=1)) == (one_rule,), "just at its end it is over"

    transact(any_database, lambda connection: end_mute(connection, one_rule.id, "cleo", at(hours=2)))
    transact(any_database, lambda connection: end_mute(connection, all_of_shop.id, "cleo", at(hours=2)))
    with read_only(any_database) as connection:
        assert read_mutes(connection, at(hours=2)) == ()
        kept = connection.execute("SELECT author, note, until FROM mutes ORDER BY created_at").fetchall()
    assert kept == [
        ("ada", "", at(hours=1)),
        ("ben", "for the migration; it's known · ended by cleo", at(hours=2)),
    ], "what was over is not ended again"


def test_of_a_rule_the_newest_change_counts(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    first = RuleChange(AlertRule.SERVICE_DOWN, None, {"checks": 5}, NOON, "ada", "too loud")
    own = RuleChange(AlertRule.SERVICE_DOWN, SHOP, {"checks": 7}, NOON, "ada")
    second = RuleChange(AlertRule.SERVICE_DOWN, None, {"checks": 4}, at(minutes=1), "ben")
    back = RuleChange(AlertRule.SERVICE_DOWN, SHOP, {}, at(minutes=2), "ben", "as before")
    transact(location, lambda connection: insert_changes(connection, [first, own]))
    with read_only(location) as connection:
        assert read_changes(connection) == (first, own)
    transact(location, lambda connection: insert_changes(connection, [second, back]))
    with read_only(location) as connection:
        assert read_changes(connection) == (second, back)
        assert connection.execute("SELECT count(*) FROM alert_rule_changes").fetchone() == (4,)


def test_rows_this_version_does_not_know_silence_and_change_nothing(tmp_path: Path) -> None:
    location = empty_database(tmp_path)

    def write(connection: duckdb.DuckDBPyConnection) -> None:
        for service_type, name, rule in [
            ("api", "shopify", "of_a_later_version"),
            ("of_a_later_version", "x", None),
            ("api", None, None),
            (None, "shopify", None),
        ]:
            connection.execute(
                "INSERT INTO mutes VALUES (uuid(), $now, $type, $name, $rule, $until, 'ada', NULL)",
                {"now": NOON, "type": service_type, "name": name, "rule": rule, "until": at(days=1)},
            )
            connection.execute(
                "INSERT INTO alert_rule_changes VALUES (uuid(), $now, $rule, $type, $name, '[1]', 'ada', '')",
                {"now": NOON, "type": service_type, "name": name, "rule": rule or "service_down"},
            )

    transact(location, write)
    with read_only(location) as connection:
        assert read_mutes(connection, NOON) == ()
        assert read_changes(connection) == ()
