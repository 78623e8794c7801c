"""What is left of quotas, from the answers that told of them."""

import math
import random
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.quota_queries import quota_headroom, quota_history
from analytics.rollups import delete_raw
from collector.store import insert_rows
from tests.analytics.checks_by_hand import Row, at, roll_up_until, write
from tests.analytics.traffic_by_hand import GOOGLE, GOOGLE_TRAFFIC, SERVICES, SHOP, step_of
from tests.empty_database import empty_database

NOW = at(hours=6)


def told(minute: float, used: float | None, **said: Any) -> Row:
    """An answer so many minutes before now; of Shopify's requests of 1000 unless it says otherwise."""
    return {
        "id": uuid7(),
        "timestamp": NOW - timedelta(minutes=minute),
        "api_name": "shopify",
        "origin": "shop",
        "quota_name": "requests",
        "quota_used": used,
        "quota_limit": 1000.0,
        "quota_reset_at": None,
        "status_code": 200,
        **said,
    }


@pytest.fixture(params=[None, NOW - timedelta(hours=1), NOW], ids=["single rows", "rollups", "all rolled up"])
def rolled_until(request: pytest.FixtureRequest) -> datetime | None:
    """Up to when hours are finished."""
    found: datetime | None = request.param
    return found


def fill(location: Location, rows: list[Row], rolled_until: datetime | None = None) -> None:
    write(location, SERVICES, [])

    def work(connection: Any) -> None:
        connection.execute(
            "UPDATE services SET traffic_name = ? WHERE service_name = ?",
            [GOOGLE_TRAFFIC, GOOGLE.service_name],
        )
        insert_rows(connection, "api_metrics", sorted(rows, key=lambda row: row["timestamp"]))

    transact(location, work)
    if rolled_until is not None:
        roll_up_until(location, rolled_until)


def test_the_newest_reading_of_each_quota_and_when_it_is_used_up(
    tmp_path: Path, rolled_until: datetime | None
) -> None:
    location = empty_database(tmp_path)
    soon = {"quota_reset_at": NOW + timedelta(minutes=5)}
    fill(
        location,
        [
            # It was reset half an hour ago, and takes 10 a minute since then.
            *[told(minute, 900) for minute in (50, 40, 31)],
            *[told(minute, 300 - 10 * minute) for minute in (30, 20, 10.5)],
            told(10, 200),
            # Another program has a quota of its own, that is reset before it is used up.
            *[told(minute, 900 - 10 * minute, origin="worker", **soon) for minute in (20, 0.5)],
            # Of this one the newest reading is too old for a pace.
            told(120, 30, api_name=GOOGLE_TRAFFIC, origin=None, quota_limit=40),
            told(0.2, None, quota_limit=None),
            told(60 * 30, 999, quota_name="of yesterday"),
            told(-1, 999, quota_name="of tomorrow"),
        ],
        rolled_until,
    )
    with read_only(location) as connection:
        found = quota_headroom(connection, NOW)
        only = quota_headroom(connection, NOW, services=[GOOGLE])
        longer = quota_headroom(connection, NOW, NOW - timedelta(days=3))
    rows = found.set_index(["service_name", found["client"].fillna("")])
    assert rows.index.tolist() == [("shopify", "worker"), ("google_analytics", ""), ("shopify", "shop")]
    assert rows["used"].tolist() == [895, 30, 200]
    assert rows["limit"].tolist() == [1000, 40, 1000]
    assert rows["used_percent"].tolist() == [89.5, 75, 20]
    assert rows["at"].tolist() == [NOW - timedelta(minutes=ago) for ago in (0.5, 120, 10)]
    assert rows["exhausted_at"].isna().tolist() == [True, True, False]
    assert rows["exhausted_at"].iloc[2] == NOW - timedelta(minutes=10) + timedelta(minutes=80)
    assert rows["resets_at"].iloc[0] == NOW + timedelta(minutes=5)
    assert only["service_name"].tolist() == ["google_analytics"]
    assert "of yesterday" in longer["quota"].tolist()


@pytest.mark.parametrize("step", [timedelta(minutes=20), timedelta(hours=1), timedelta(hours=2)])
def test_history_is_the_fullest_of_each_step(
    tmp_path: Path, rolled_until: datetime | None, step: timedelta
) -> None:
    random_, location = random.Random(1), empty_database(tmp_path)
    clients = ["shop", "worker", None]
    rows = [
        told(random_.uniform(0, 300), random_.randrange(1000), origin=random_.choice(clients))
        for _ in range(300)
    ]
    fill(location, rows, rolled_until)
    since = NOW - timedelta(minutes=200)
    expected: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows:
        if since <= row["timestamp"] < NOW:
            key = (step_of(row["timestamp"], step), "shopify", row["origin"] or "")
            expected[key] = max(expected[key], row["quota_used"] / 10)
    with read_only(location) as connection:
        found = quota_history(connection, since, NOW, step, [SHOP])
        assert quota_history(connection, since, NOW, step, [GOOGLE]).empty
    keys = zip(found["step_start"], found["service_name"], found["client"].fillna(""), strict=True)
    assert dict(zip(keys, found["used_percent"], strict=True)) == pytest.approx(expected)
    assert found["step_start"].is_monotonic_increasing
    assert not math.isnan(found["used_percent"].max())


def test_what_was_told_is_known_when_its_single_rows_are_gone(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, [told(60 * days * 24 - 90, 100 * days) for days in (1, 2, 3)], NOW)
    transact(location, lambda connection: delete_raw(connection, NOW - timedelta(days=1), timedelta(days=9)))
    with read_only(location) as connection:
        found = quota_history(connection, NOW - timedelta(days=4), NOW, timedelta(minutes=5))
        headroom = quota_headroom(connection, NOW, NOW - timedelta(days=4))
        early = quota_headroom(connection, NOW - timedelta(days=1), NOW - timedelta(days=4))
        with pytest.raises(ValueError, match="whole hours"):
            quota_history(connection, NOW - timedelta(days=4), NOW, timedelta(minutes=90))
    assert found["used_percent"].tolist() == [30, 20, 10]
    assert found["step_start"].iloc[0] == NOW - timedelta(hours=71)
    assert (headroom["used"].tolist(), early["used"].tolist()) == ([100], [200])


def test_without_a_quota_there_are_the_columns(tmp_path: Path) -> None:
    with read_only(empty_database(tmp_path)) as connection:
        found = quota_headroom(connection, NOW)
    assert found.empty
    assert found.columns.tolist() == [
        "service_name",
        "client",
        "quota",
        "used",
        "limit",
        "used_percent",
        "at",
        "resets_at",
        "exhausted_at",
    ]
    assert isinstance(found["exhausted_at"].dtype, pd.DatetimeTZDtype)
