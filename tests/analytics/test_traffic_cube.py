"""One reading of traffic against the figures that are read for each grouping of its own."""

import random
from datetime import timedelta

import pandas as pd
import pytest

from analytics.availability_queries import availability, availability_steps
from analytics.db import Location, read_only
from analytics.latency_queries import latency, latency_steps
from analytics.traffic_cube import By, traffic_cube
from analytics.traffic_queries import rates, rates_steps
from tests.analytics.checks_by_hand import CHAT, NOON, REDIS, at, check, roll_up_until, service, write
from tests.analytics.traffic_by_hand import HOOKS, SHOP, TOOLS, fill
from tests.empty_database import empty_database

SINCE, UNTIL = at(hours=2, minutes=20), at(hours=10, minutes=41)
STEP = timedelta(hours=2)
KEYS = {"service": ["service_type", "service_name"], "type": ["service_type"], "all": []}


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Eleven hours of traffic, most of them rolled up."""
    made = empty_database(tmp_path_factory.mktemp("cube"))
    fill(made, random.Random(5))
    roll_up_until(made, at(hours=9))
    return made


def same(found: pd.DataFrame, counted: pd.DataFrame, timed: pd.DataFrame, keys: list[str]) -> None:
    """`found` is `counted` with the percentiles of `timed`."""
    columns = [*keys, "requests", "errors", "retries", "error_percent", "retry_percent"]
    times = ["p50_ms", "p95_ms", "p99_ms"]
    expected = counted[columns]
    if keys:
        expected = expected.merge(timed[[*keys, *times]], on=keys, how="left").sort_values(keys)
    else:
        expected = pd.concat([expected, timed[times]], axis=1)
    found = found[expected.columns].sort_values(keys) if keys else found[expected.columns]
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), expected.reset_index(drop=True), check_dtype=False
    )


@pytest.mark.parametrize("by", ["service", "type", "all"])
@pytest.mark.parametrize("services", [None, [SHOP, TOOLS]], ids=["all", "two"])
def test_the_whole_period(location: Location, by: By, services: list[object] | None) -> None:
    with read_only(location) as connection:
        found = traffic_cube(connection, SINCE, UNTIL, STEP, services).figures(by)
        counted = rates(connection, SINCE, UNTIL, by, services)
        timed = latency(connection, SINCE, UNTIL, by, services)
    same(found, counted, timed, KEYS[by])


@pytest.mark.parametrize("by", ["service", "type", "all"])
def test_each_step(location: Location, by: By) -> None:
    with read_only(location) as connection:
        found = traffic_cube(connection, SINCE, UNTIL, STEP).figures(by, stepped=True)
        counted = rates_steps(connection, SINCE, UNTIL, STEP, by)
        timed = latency_steps(connection, SINCE, UNTIL, STEP, by)
    same(found, counted, timed, ["step_start", *KEYS[by]])
    assert found["step_start"].nunique() == 5


def test_a_lake_tells_the_same(any_database: Location) -> None:
    fill(any_database, random.Random(5), each=40)
    with read_only(any_database) as connection:
        cube = traffic_cube(connection, SINCE, UNTIL, STEP)
        counted, timed = rates(connection, SINCE, UNTIL), latency(connection, SINCE, UNTIL)
        steps = availability_steps(connection, SINCE, UNTIL, STEP)
        whole = availability(connection, SINCE, UNTIL)
    same(cube.figures("service"), counted, timed, KEYS["service"])
    assert steps["checks"].sum() == whole["checks"].sum() > 0


def test_nothing_happened(location: Location) -> None:
    with read_only(location) as connection:
        cube = traffic_cube(connection, at(days=9), at(days=10), STEP, [HOOKS])
    assert cube.figures("service").empty
    assert cube.figures("type", stepped=True).empty
    assert cube.figures("all").empty


@pytest.mark.parametrize("step", [timedelta(minutes=5), timedelta(minutes=90)])
def test_a_step_is_whole_hours(location: Location, step: timedelta) -> None:
    with read_only(location) as connection:
        with pytest.raises(ValueError, match="it is whole hours"):
            traffic_cube(connection, SINCE, UNTIL, step)
        with pytest.raises(ValueError, match="it is whole hours"):
            availability_steps(connection, SINCE, UNTIL, step)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Six hours of two services, one of them down and degraded for a time."""
    made = empty_database(tmp_path_factory.mktemp("steps"))
    down, degraded = range(70, 90), range(200, 230)
    rows = [check(CHAT, NOON + timedelta(minutes=number)) for number in range(360)]
    for number in range(360):
        status = "down" if number in down else "degraded" if number in degraded else "healthy"
        rows.append(check(REDIS, NOON + timedelta(minutes=number), status))
    write(made, [service(CHAT), service(REDIS)], rows)
    roll_up_until(made, at(hours=4))
    return made


def test_checks_by_step_of_time(checked: Location) -> None:
    with read_only(checked) as connection:
        found = availability_steps(connection, NOON, at(hours=6), STEP, [REDIS])
    assert found["step_start"].tolist() == [at(hours=hours) for hours in (0, 2, 4)]
    assert found["checks"].tolist() == [120, 120, 120]
    assert found["up"].tolist() == [100, 120, 120]
    assert found["down"].tolist() == [20, 0, 0]
    assert found["down_seconds"].tolist() == pytest.approx([1200, 0, 0])
    assert found["degraded_seconds"].tolist() == pytest.approx([0, 1800, 0])


def test_the_steps_add_up_to_the_period(checked: Location) -> None:
    since, until = at(minutes=75), at(hours=5, minutes=13)
    with read_only(checked) as connection:
        steps = availability_steps(connection, since, until, STEP)
        whole = availability(connection, since, until)
    summed = steps.groupby("service_name")[["checks", "up", "down", "down_seconds", "degraded_seconds"]].sum()
    for row in whole.itertuples(index=False):
        found = summed.loc[row.service_name]
        assert found["checks"] == row.checks
        assert found["up"] == row.healthy + row.degraded
        assert found["down"] == row.down
        assert found["down_seconds"] == pytest.approx(row.down_seconds)
        assert found["degraded_seconds"] == pytest.approx(row.degraded_seconds)
