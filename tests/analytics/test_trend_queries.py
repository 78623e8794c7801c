"""How traffic changed against the period before."""

import random
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics.db import Location, read_only
from analytics.latency_queries import latency
from analytics.periods import Period
from analytics.traffic_queries import rates
from analytics.trend_queries import latency_change, rates_change, trends
from tests.analytics.checks_by_hand import at, roll_up_until
from tests.analytics.traffic_by_hand import KEYS, TOOLS, fill, rows_of
from tests.empty_database import empty_database

SINCE, UNTIL = at(hours=5, minutes=20), at(hours=10)
BEFORE = SINCE - (UNTIL - SINCE)


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Eleven hours of traffic, most of them rolled up."""
    made = empty_database(tmp_path_factory.mktemp("trends"))
    fill(made, random.Random(3))
    roll_up_until(made, at(hours=9))
    return made


@pytest.mark.parametrize("by", ["service", "type", "endpoint", "all"])
def test_rates_and_those_before(location: Location, by: str) -> None:
    with read_only(location) as connection:
        changed = rows_of(rates_change(connection, SINCE, UNTIL, by))
        now = rows_of(rates(connection, SINCE, UNTIL, by))
        before = rows_of(rates(connection, BEFORE, SINCE, by))
    assert changed.keys() == now.keys()
    for key, row in changed.items():
        assert {name: row[name] for name in now[key]} == now[key]
        if key not in before:
            assert (
                row["requests_before"] is row["requests_change_percent"] is row["error_change_points"] is None
            )
            continue
        earlier = before[key]
        assert row["requests_before"] == earlier["requests"]
        percent = 100 * (row["requests"] / earlier["requests"] - 1)
        assert row["requests_change_percent"] == pytest.approx(percent)
        for share in ("success", "error", "retry"):
            points = row[f"{share}_percent"] - earlier[f"{share}_percent"]
            assert row[f"{share}_change_points"] == pytest.approx(points)
        if not earlier["retries"]:
            assert row["retries_change_percent"] is None, "no share of nothing"


def test_latency_and_that_before(location: Location) -> None:
    with read_only(location) as connection:
        changed = rows_of(latency_change(connection, SINCE, UNTIL))
        now = rows_of(latency(connection, SINCE, UNTIL))
        before = rows_of(latency(connection, BEFORE, SINCE))
    assert changed.keys() == now.keys() == before.keys()
    for key, row in changed.items():
        for name in ("p50", "p95", "p99", "mean"):
            earlier = before[key][f"{name}_ms"]
            assert row[f"{name}_ms_before"] == earlier
            assert row[f"{name}_change_percent"] == pytest.approx(
                100 * (now[key][f"{name}_ms"] / earlier - 1)
            )


def test_trends_are_both(location: Location) -> None:
    with read_only(location) as connection:
        found = trends(connection, Period("a while", SINCE, UNTIL))
        traffic = rates_change(connection, SINCE, UNTIL)
        times = latency_change(connection, SINCE, UNTIL)
    pd.testing.assert_frame_equal(found[traffic.columns], traffic)
    pd.testing.assert_frame_equal(
        found[[*KEYS, "p95_ms", "p95_change_percent"]], times[[*KEYS, "p95_ms", "p95_change_percent"]]
    )


def test_without_a_period_before_there_is_no_change(location: Location) -> None:
    with read_only(location) as connection:
        found = trends(connection, Period("all", at(hours=-1), at(hours=11)), services=[TOOLS])
    assert found["service_name"].tolist() == ["tools"]
    assert (
        found[["requests_change_percent", "p95_change_percent", "error_change_points"]].isna().all(axis=None)
    )
    assert found["requests"].iloc[0] > 100


def test_of_nothing_there_are_the_columns(tmp_path: Path) -> None:
    with read_only(empty_database(tmp_path)) as connection:
        found = trends(connection, Period("1h", SINCE, SINCE + timedelta(hours=1)))
    assert found.empty
    assert {"requests", "p95_ms", "p95_change_percent", "error_change_points"} <= set(found.columns)
