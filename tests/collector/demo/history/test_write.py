"""When the demo's past is written anew, and what it never touches."""

from datetime import timedelta
from pathlib import Path

import pytest

from analytics.db import Connection, DatabaseUnusable, Location, locate, migrate, read_only, transact
from analytics.ids import uuid7
from collector.demo import history_needed, write_history
from collector.store import insert_rows
from tests.collector.demo.history.conftest import NOW, SEED, History


def _silent(_share: float, _label: str) -> None:
    pass


@pytest.fixture
def location(tmp_path: Path) -> Location:
    return locate(tmp_path / "demo.duckdb")


def _run_row(collector: str) -> dict:
    return {
        "id": uuid7(),
        "cycle_id": uuid7(),
        "part": 1,
        "complete": True,
        "collector": collector,
        "version": "1",
        "started_at": NOW,
        "finished_at": NOW,
        "interval_seconds": 60.0,
        "services": 0,
        "checks": 0,
        "failures": 0,
    }


def _count(location: Location, table: str) -> int:
    with read_only(location) as connection:
        [count] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return count


def test_without_a_database_a_past_is_needed(location: Location):
    assert history_needed(location, NOW)


def test_an_empty_database_needs_one(location: Location):
    migrate(location)
    assert history_needed(location, NOW)


@pytest.mark.parametrize(
    ("later", "needed"),
    [
        (timedelta(0), False),
        (timedelta(hours=23), False),
        (timedelta(days=1, minutes=1), True),
        (timedelta(hours=-2), True),
    ],
)
def test_a_past_of_today_is_kept_and_one_of_yesterday_or_tomorrow_is_not(history: History, later, needed):
    assert history_needed(history.location, NOW + later) is needed


def test_a_second_time_replaces_the_first(location: Location):
    write_history(location, NOW, 1, SEED, _silent)
    before = {table: _count(location, table) for table in ("api_metrics", "collector_runs")}
    transact(location, lambda connection: insert_rows(connection, "collector_runs", [_run_row("live")]))
    write_history(location, NOW, 1, SEED, _silent)
    assert {table: _count(location, table) for table in before} == before


def test_what_an_earlier_demo_left_of_alerting_is_gone(location: Location):
    migrate(location)
    left = {
        "mutes": {"id": uuid7(), "created_at": NOW, "until": NOW, "author": "Mara"},
        "alert_rule_changes": {"id": uuid7(), "timestamp": NOW, "rule": "slo_burn", "author": "Mara"},
        "vendor_feeds": {"vendor": "fly", "url": "http://127.0.0.1:1", "services": [], "checked_at": NOW},
    }

    def leave(connection: Connection) -> None:
        for table, row in left.items():
            insert_rows(connection, table, [row])

    transact(location, leave)
    write_history(location, NOW, 1, SEED, _silent)
    assert {table: _count(location, table) for table in left} == dict.fromkeys(left, 0)


def test_the_history_of_a_real_collector_is_left_as_it_is(location: Location):
    migrate(location)
    transact(location, lambda connection: insert_rows(connection, "collector_runs", [_run_row("host:1")]))
    with pytest.raises(
        DatabaseUnusable, match="holds the history of a real collector; the demo needs a data"
    ):
        write_history(location, NOW, 1, SEED, _silent)
    assert _count(location, "collector_runs") == 1
    assert _count(location, "integration_health_checks") == 0


def test_when_it_cannot_be_finished_nothing_of_it_is_there(location: Location):
    class Interrupted(Exception):
        pass

    def progress(_share: float, label: str) -> None:
        if label == "writing":
            raise Interrupted

    with pytest.raises(Interrupted):
        write_history(location, NOW, 1, SEED, progress)
    assert _count(location, "collector_runs") == 0
    assert history_needed(location, NOW)
