"""Imports that are repeated, stopped or come together: nothing twice and nothing half."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from analytics import imports, rollups
from analytics.db import Location, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from collector.store import insert_rows
from tests.analytics.imports.bringing import (
    HOUR,
    MINUTE,
    NOW,
    answer,
    bring,
    counted,
    everything,
    minutely,
    sums,
)
from tests.analytics.imports.other_monitors import KUMA, KUMA_SUMS, beat, fill, sqlite_file
from tests.empty_database import empty_database

SHOP = ServiceKey(ServiceType.INFRASTRUCTURE, "shop")


def test_a_second_run_adds_nothing(location: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", minutely(NOW - timedelta(days=40), 90) + minutely(NOW - HOUR, 50, down=[7]))
    fill(kuma, "stat_hourly", [sums((NOW - timedelta(days=35)).replace(minute=0), 55, 5)])
    first = bring(location, kuma)
    before = everything(location)

    second = bring(location, kuma, NOW + MINUTE)

    assert (first.checks, first.skipped) == (200, 0)
    assert (second.checks, second.services[0].skipped.already) == (0, 200)
    assert everything(location) == before


def test_a_second_run_adds_nothing_when_single_rows_were_deleted(location: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", minutely(NOW - timedelta(days=20), 300))
    bring(location, kuma)
    before = counted(location)
    later = NOW + timedelta(days=30)
    while transact(location, lambda connection: rollups.delete_raw(connection, later - timedelta(days=1))):
        pass
    assert answer(location, "SELECT count(*) FROM integration_health_checks") == [(0,)]

    assert bring(location, kuma, later).checks == 0

    assert counted(location) == before


def test_a_later_run_adds_the_rest(location: Location, kuma: Path, tmp_path: Path) -> None:
    since = (NOW - timedelta(days=2)).replace(minute=0)
    rows = minutely(since, 240, down=[100, 101, 102])
    fill(kuma, "heartbeat", rows[:95])
    fill(kuma, "stat_hourly", [sums(since, 60, 0), sums(since + HOUR, 35, 0)])
    assert bring(location, kuma).checks == 95

    thinned = sqlite_file(tmp_path / "later.db", KUMA, KUMA_SUMS)
    fill(thinned, "monitor", [{"id": 1, "name": "Shop", "interval": 60}])
    fill(thinned, "heartbeat", [rows[0], rows[100], rows[103], *rows[180:]])
    hours = [sums(since, 60, 0), sums(since + HOUR, 57, 3), sums(since + HOUR * 2, 60, 0)]
    fill(thinned, "stat_hourly", [*hours, sums(since + HOUR * 3, 60, 0)])
    assert bring(location, thinned, NOW + MINUTE).checks == 145

    assert counted(location) == {"healthy": 237, "down": 3}


@pytest.mark.parametrize("calls", [3, 6])
def test_a_crash_leaves_whole_days_and_the_next_run_the_rest(
    location: Location, kuma: Path, tmp_path: Path, calls: int
) -> None:
    rows = [row for days in (33, 32, 31, 3, 2) for row in minutely(NOW - timedelta(days=days), 40, down=[5])]
    fill(kuma, "heartbeat", rows)
    told: list[str] = []

    def crash(sentence: str, share: float) -> None:
        told.append(sentence)
        if len([one for one in told if one.startswith("writing")]) == calls - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(location, kuma, progress=crash, rows_at_once=1)
    half = answer(location, "SELECT sum(checks) FROM imports")[0][0] or 0
    assert half == 40 * (calls - 2)

    assert bring(location, kuma).checks == 200 - half

    other = empty_database(tmp_path / "other") if (tmp_path / "other").mkdir() is None else location
    bring(other, kuma)
    assert everything(location) == everything(other)


def test_where_the_collector_looked_itself_its_word_counts(location: Location, kuma: Path) -> None:
    since = (NOW - timedelta(hours=5)).replace(minute=0)
    fill(kuma, "heartbeat", minutely(since, 120))
    own = {
        "id": uuid7(),
        "timestamp": since + HOUR,
        "service_type": "infrastructure",
        "service_name": "shop",
        "status": "down",
        "reason": "timeout",
        "attempt": 1,
        "run_id": uuid7(),
    }
    transact(location, lambda connection: insert_rows(connection, "integration_health_checks", [own]))

    done = bring(location, kuma, mapping={"Shop": SHOP})

    assert (done.checks, done.services[0].skipped.own) == (60, 60)
    assert counted(location) == {"healthy": 60, "down": 1}


def test_what_an_imported_check_holds_into_the_next_hour_is_no_check_of_our_own(
    location: Location, kuma: Path
) -> None:
    since = (NOW - timedelta(days=3)).replace(minute=0)
    rows = minutely(since + MINUTE / 2, 240)
    fill(kuma, "heartbeat", rows[:120])
    assert bring(location, kuma).checks == 120
    held = f"SELECT count(*) FROM check_hours WHERE checks = 0 AND hour = '{(since + HOUR * 2).isoformat()}'"
    assert answer(location, held) == [(1,)]
    fill(kuma, "heartbeat", rows[120:])

    done = bring(location, kuma, NOW + MINUTE)

    assert (done.checks, done.services[0].skipped.own) == (120, 0)
    assert counted(location) == {"healthy": 240}


def test_an_hour_that_comes_in_four_pieces_is_whole(location: Location, kuma: Path) -> None:
    since = (NOW - timedelta(days=2)).replace(minute=0)
    rows = minutely(since, 90)
    for until in (10, 25, 40, 90):
        with closing(sqlite3.connect(kuma)) as writer:
            writer.execute("DELETE FROM heartbeat")
            writer.execute("DELETE FROM stat_hourly")
            writer.commit()
        fill(kuma, "heartbeat", rows[max(until - 5, 0) : until])
        fill(kuma, "stat_hourly", [sums(since, min(until, 60), 0), sums(since + HOUR, max(until - 60, 0), 0)])
        bring(location, kuma)
        assert bring(location, kuma).checks == 0

    assert counted(location) == {"healthy": 90}


@pytest.mark.parametrize("age", [3, 60])
def test_a_sum_of_a_day_goes_on_where_an_import_ended(location: Location, kuma: Path, age: int) -> None:
    day = (NOW - timedelta(days=age)).replace(hour=0, minute=0)
    ended = day + HOUR * 10 + MINUTE * 29
    fill(kuma, "heartbeat", [beat(1, day - HOUR), beat(1, ended)])
    fill(kuma, "stat_hourly", [sums(day + HOUR * hour, 60 if hour < 10 else 30, 0) for hour in range(11)])
    assert bring(location, kuma).checks == 631
    with closing(sqlite3.connect(kuma)) as writer:
        writer.execute("DELETE FROM stat_hourly")
        writer.commit()
    fill(kuma, "stat_daily", [sums(day, 1416, 24)])
    fill(kuma, "heartbeat", [beat(1, day + timedelta(days=1))])

    bring(location, kuma, NOW + MINUTE)

    assert bring(location, kuma, NOW + MINUTE * 2).checks == 0
    by_hour = answer(
        location,
        f"SELECT sum(checks) FROM check_hours WHERE hour >= '{day.isoformat()}' AND checks > 0 "
        f"AND hour < '{(day + timedelta(days=1)).isoformat()}' GROUP BY hour",
    )
    assert len(by_hour) == 24
    assert all(59 <= checks <= 61 for (checks,) in by_hour)


def test_two_imports_at_once_do_not_double(location: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", minutely(NOW - timedelta(days=3), 20))
    plan = imports.plan(location, kuma)

    def somebody_else(sentence: str, share: float) -> None:
        if sentence.startswith("writing"):
            imports.run(location, plan, NOW)

    with pytest.raises(imports.ImportProblem, match="infrastructure/shop: another import into it is running"):
        imports.run(location, plan, NOW, somebody_else)

    assert counted(location) == {"healthy": 20}


def test_a_file_and_a_lake_do_the_same(any_database: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", minutely(NOW - timedelta(days=40), 60, down=[5]) + minutely(NOW - HOUR * 2, 30))
    fill(kuma, "stat_hourly", [sums((NOW - timedelta(days=38)).replace(minute=0), 55, 5, 10)])

    assert bring(any_database, kuma).checks == 160
    assert bring(any_database, kuma).checks == 0

    assert counted(any_database) == {"healthy": 144, "down": 6, "unknown": 10}
