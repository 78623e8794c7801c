"""Days of services against what is worked out by hand from the same checks."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.day_queries import days, last_days
from analytics.db import Location, close, read_only
from analytics.frames import records
from tests.analytics.checks_by_hand import (
    CHAT,
    GONE,
    NOON,
    REDIS,
    SHOP,
    Held,
    at,
    held,
    roll_up_until,
    service,
    some_checks,
    write,
)
from tests.empty_database import empty_database
from tests.plugins.databases import migrated_lake
from tests.plugins.postgres_server import PostgresServer

SERVICES = [service(CHAT), service(GONE, enabled=False), service(SHOP), service(REDIS)]
#: Short days, so that few checks are enough; the last one is not over.
EDGES = [at(hours=hour) for hour in (2, 5, 8)] + [at(hours=9, minutes=41)]


def checks() -> list[dict[str, Any]]:
    """Eleven hours of three services; REDIS was never checked."""
    random_ = random.Random(3)
    return [row for key in (SHOP, CHAT, GONE) for row in some_checks(random_, key, NOON, at(hours=11))]


@dataclass
class History:
    """A file, and what its checks said."""

    location: Location
    held: list[Held]


@pytest.fixture(scope="module", params=[None, at(hours=9)], ids=["single rows", "rollups"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> History:
    location, rows = empty_database(tmp_path_factory.mktemp("days")), checks()
    write(location, SERVICES, rows)
    if request.param is not None:
        roll_up_until(location, request.param)
    return History(location, held(rows, []))


def by_hand(found: list[Held], since: datetime, until: datetime) -> dict[str, float]:
    counted = [one.status for one in found if one.counts and since <= one.at < until]
    seconds = {
        f"{status}_seconds": sum(one.seconds(since, until) for one in found if one.status == status)
        for status in ("healthy", "degraded", "down", "unknown")
    }
    known = sum(status != "unknown" for status in counted)
    return {"checks": len(counted), "known_checks": known, "down_checks": counted.count("down"), **seconds}


def test_each_day_is_what_its_checks_say(history: History) -> None:
    with read_only(history.location) as connection:
        found = list(records(days(connection, EDGES)))

    assert [(row["service_name"], row["begun"]) for row in found] == [
        (key.service_name, begun) for key in (CHAT, SHOP) for begun in EDGES[:-1]
    ], "in configured order, without what is not monitored or was not checked"
    ends = dict(pairwise(EDGES))
    for row in found:
        of_it = [one for one in history.held if one.service.service_name == row["service_name"]]
        expected = by_hand(of_it, row["begun"], ends[row["begun"]])
        assert {name: row[name] for name in expected} == pytest.approx(expected)
        assert row["down_checks"] <= row["known_checks"] <= row["checks"]


def test_only_the_services_asked_for(history: History) -> None:
    with read_only(history.location) as connection:
        found = days(connection, EDGES, [SHOP])

    assert set(found["service_name"]) == {"shopify"}
    assert len(found) == 3


def test_days_that_begin_at_half_past_lose_no_check(history: History) -> None:
    """An hour counts for the day in which most of it lies: of halves, for the later day, also the first."""
    edges = [at(hours=2, minutes=30), at(hours=5, minutes=30), at(hours=8)]
    with read_only(history.location) as connection:
        found = days(connection, edges, [SHOP])

    counted = [one.at for one in history.held if one.service == SHOP and one.counts]
    parts = [(at(hours=2), at(hours=5)), (at(hours=5), edges[2])]
    assert found["checks"].tolist() == [sum(a <= one < b for one in counted) for a, b in parts]
    seconds = found[["healthy_seconds", "degraded_seconds", "down_seconds", "unknown_seconds"]].sum(axis=1)
    held = [one for one in history.held if one.service == SHOP]
    assert seconds.tolist() == pytest.approx([sum(one.seconds(a, b) for one in held) for a, b in parts])


def test_a_day_has_two_edges(history: History) -> None:
    with read_only(history.location) as connection, pytest.raises(ValueError, match="a day has two"):
        days(connection, EDGES[:1])


def test_days_are_those_of_the_wall_clock() -> None:
    """In Berlin the summer ends on 25 October: that day has 25 hours."""
    edges = last_days(datetime(2026, 10, 26, 12, tzinfo=UTC), 3, "Europe/Berlin")

    assert edges == [
        datetime(2026, 10, 23, 22, tzinfo=UTC),
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
        datetime(2026, 10, 26, 12, tzinfo=UTC),
    ]


def test_at_midnight_the_new_day_has_not_begun() -> None:
    edges = last_days(datetime(2026, 11, 24, tzinfo=UTC), 2)

    assert edges == [datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)]


def test_a_lake_says_the_same(
    history: History, postgres_server: PostgresServer, lake_template: str, tmp_path: Path
) -> None:
    lake = migrated_lake(postgres_server, lake_template, tmp_path)
    try:
        write(lake, SERVICES, checks())
        with read_only(lake) as connection:
            in_lake = days(connection, EDGES)
    finally:
        close(lake)

    with read_only(history.location) as connection:
        pd.testing.assert_frame_equal(in_lake, days(connection, EDGES), rtol=1e-9)
