"""What was changed, and the maintenance that is on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.change_queries import changes, maintenance_now
from analytics.db import Location, read_only, transact
from analytics.frames import records
from analytics.ids import uuid7
from collector.store import insert_rows
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=24)
MINUTE = timedelta(minutes=1)
Row = dict[str, Any]


@pytest.fixture
def location(tmp_path: Path) -> Location:
    """An empty database file."""
    return empty_database(tmp_path)


def insert(location: Location, table: str, rows: Sequence[Row]) -> None:
    def work(connection: duckdb.DuckDBPyConnection) -> None:
        insert_rows(connection, table, rows)

    transact(location, work)


def cycle(started: datetime, collector: str = "host:1", version: str = "1.0.0") -> Row:
    run = uuid7()
    return {
        "id": run,
        "cycle_id": run,
        "part": 1,
        "complete": True,
        "collector": collector,
        "version": version,
        "started_at": started,
        "finished_at": started + timedelta(seconds=1),
        "interval_seconds": 60,
        "services": 1,
        "checks": 1,
        "failures": 0,
    }


def tools(moment: datetime, title: str = "Fly.io changed its tools", **said: Any) -> Row:
    return {
        "id": uuid7(),
        "timestamp": moment,
        "rule": "tools_changed",
        "service_type": "mcp",
        "service_name": "fly",
        "old_state": "inactive",
        "new_state": "firing",
        "severity": "info",
        "title": title,
        **said,
    }


def found(location: Location) -> list[Row]:
    with read_only(location) as connection:
        return list(records(changes(connection, SINCE, NOW)))


def test_a_collector_that_runs_on_is_no_change(location: Location) -> None:
    insert(location, "collector_runs", [cycle(SINCE + number * MINUTE) for number in range(-3, 5)])

    assert found(location) == []


def test_a_restart_and_another_version_are_changes(location: Location) -> None:
    restarted, updated = SINCE + 60 * MINUTE, SINCE + 90 * MINUTE
    rows = [cycle(SINCE - MINUTE)]
    rows += [cycle(restarted + number * MINUTE, "host:2") for number in range(3)]
    rows += [cycle(updated + number * MINUTE, "host:3", "1.1.0") for number in range(3)]
    insert(location, "collector_runs", rows)

    said = [(row["changed_at"], row["kind"], row["subject"]) for row in found(location)]

    assert said == [(updated, "collector", "1.1.0"), (restarted, "collector", "1.0.0")]


def test_a_changed_rule_says_who_and_for_what(location: Location) -> None:
    place = {"service_type": "api", "service_name": "shopify"}
    change = {"id": uuid7(), "rule": "slow_response", "settings": {"for": 60}, "author": "Ann"}
    insert(
        location,
        "alert_rule_changes",
        [
            {**change, "timestamp": NOW, **place},
            {**change, "timestamp": NOW - MINUTE, "author": "Ben"},
            {**change, "timestamp": SINCE},
            {**change, "timestamp": NOW + MINUTE},
        ],
    )

    said = [(row["subject"], row["service_name"], row["author"]) for row in found(location)]

    assert said == [("slow_response", "shopify", "Ann"), ("slow_response", None, "Ben")]


def test_only_an_alert_about_tools_that_fires_is_a_change(location: Location) -> None:
    insert(
        location,
        "alert_events",
        [
            tools(NOW - 3 * MINUTE),
            tools(NOW - 2 * MINUTE, "over", new_state="resolved"),
            tools(NOW - MINUTE, "another rule", rule="slow_response"),
        ],
    )

    assert [(row["kind"], row["subject"]) for row in found(location)] == [
        ("tools", "Fly.io changed its tools")
    ]


def test_many_of_a_kind_leave_room_for_others(location: Location) -> None:
    insert(location, "alert_events", [tools(NOW - number * MINUTE, str(number)) for number in range(30)])
    insert(location, "collector_runs", [cycle(SINCE + MINUTE)])

    said = [row["subject"] for row in found(location)]

    assert said == [*map(str, range(20)), "1.0.0"]


def test_maintenance_that_is_on(location: Location) -> None:
    def window(name: str, starts: int, ends: int) -> Row:
        moments = {"starts_at": NOW + starts * MINUTE, "ends_at": NOW + ends * MINUTE}
        return {"id": uuid7(), "name": name, "service_type": "api", "service_name": "shopify", **moments}

    rows = [window("over", -60, 0), window("short", 0, 5), window("long", -60, 60), window("later", 1, 60)]
    insert(location, "maintenance", rows)

    with read_only(location) as connection:
        on = maintenance_now(connection, NOW)

    assert on["name"].tolist() == ["long", "short"]
