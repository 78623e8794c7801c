"""Availability against what is worked out by hand from the same rows."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from analytics.availability_queries import availability, availability_change, reasons
from analytics.db import Location, read_only
from analytics.model import ServiceKey
from tests.analytics.checks_by_hand import (
    CHAT,
    GONE,
    NOON,
    REDIS,
    SHOP,
    Held,
    Row,
    at,
    check,
    held,
    maintenance,
    roll_up_until,
    service,
    some_checks,
    write,
)
from tests.empty_database import empty_database

SERVICES = [service(SHOP), service(GONE, enabled=False), service(CHAT), service(REDIS)]
#: Both ends lie within an hour, and hours of rollups between them.
PERIOD = (at(hours=3, minutes=17), at(hours=9, minutes=41))
UNTIL = at(hours=11)


@dataclass
class History:
    """A file, and what its checks said."""

    location: Location
    held: list[Held]


@pytest.fixture(scope="module", params=[None, at(hours=9)], ids=["single rows", "rollups"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Eleven hours of three services."""
    random_ = random.Random(1)
    checks = [row for key in (SHOP, CHAT, GONE) for row in some_checks(random_, key, NOON, UNTIL)]
    announced = [
        maintenance(key, start, start + timedelta(minutes=random_.uniform(5, 50)))
        for key in (SHOP, CHAT)
        for start in [at(minutes=random_.uniform(0, 600)) for _ in range(4)]
    ]
    location = empty_database(tmp_path_factory.mktemp("availability"))
    write(location, SERVICES, checks, announced)
    if request.param is not None:
        roll_up_until(location, request.param)
    return History(location, held(checks, announced))


def percent(found: Iterable[Held]) -> float | None:
    known = [one.status for one in found if one.status != "unknown"]
    return 100 * sum(status != "down" for status in known) / len(known) if known else None


def by_hand(found: Sequence[Held], services: int, since: datetime, until: datetime) -> Row:
    """What `availability` says of `found`, the attempts of so many services."""
    checks = [one for one in found if one.counts and since <= one.at < until]
    seconds = {
        status: sum(one.seconds(since, until) for one in found if one.status == status)
        for status in ("healthy", "degraded", "down", "unknown")
    }
    return {
        "services": services,
        "checks": len(checks),
        **{status: sum(one.status == status for one in checks) for status in seconds},
        "in_maintenance": sum(one.in_maintenance for one in checks),
        "uptime_percent": percent(checks),
        "uptime_percent_without_maintenance": percent(one for one in checks if not one.in_maintenance),
        "up_seconds": seconds["healthy"] + seconds["degraded"],
        "degraded_seconds": seconds["degraded"],
        "down_seconds": seconds["down"],
        "unknown_seconds": seconds["unknown"],
        "gap_seconds": services * (until - since).total_seconds() - sum(seconds.values()),
    }


def same(row: Row, expected: Row) -> None:
    wanted = {name: float("nan") if value is None else value for name, value in expected.items()}
    assert {name: row[name] for name in wanted} == pytest.approx(wanted, abs=1e-3, nan_ok=True)


def test_a_service_a_row(history: History) -> None:
    with read_only(history.location) as connection:
        rows = availability(connection, *PERIOD).to_dict("records")
    assert [(row["service_name"], row["monitored"]) for row in rows] == [
        ("shopify", True),
        ("chatwoot", True),
        ("redis", True),
        ("gone", False),
    ]
    for row, key in zip(rows, (SHOP, CHAT, REDIS, GONE), strict=True):
        assert row["service_type"] == key.service_type
        same(row, by_hand([one for one in history.held if one.service == key], 1, *PERIOD))
    assert min(rows[0]["in_maintenance"], rows[0]["gap_seconds"]) > 0


def test_a_type_a_row_and_all_in_one(history: History) -> None:
    with read_only(history.location) as connection:
        types = availability(connection, *PERIOD, by="type").to_dict("records")
        everything = availability(connection, *PERIOD, by="all").to_dict("records")
    assert [row["service_type"] for row in types] == ["api", "webhook", "infrastructure"]
    assert pd.isna(types[0]["service_name"])
    for row, count in zip(types, (2, 1, 1), strict=True):
        of_type = [one for one in history.held if one.service.service_type == row["service_type"]]
        same(row, by_hand(of_type, count, *PERIOD))
    assert len(everything) == 1
    same(everything[0], by_hand(history.held, 4, *PERIOD))


def test_only_the_chosen_services(history: History) -> None:
    def names(services: list[ServiceKey]) -> list[str]:
        with read_only(history.location) as connection:
            return list(availability(connection, *PERIOD, services=services)["service_name"])

    assert names([CHAT, GONE]) == ["chatwoot", "gone"]
    assert names([ServiceKey(CHAT.service_type, "shopify")]) == [], "a name alone is no service"
    assert names([]) == []


def test_nothing_but_service_type_and_all(history: History) -> None:
    with (
        read_only(history.location) as connection,
        pytest.raises(ValueError, match="'day': it is by service, type or all"),
    ):
        availability(connection, *PERIOD, by="day")  # type: ignore[arg-type]


def test_the_change_is_that_of_two_periods(history: History) -> None:
    since, until = at(hours=6), PERIOD[1]
    before = (since - (until - since), since)
    with read_only(history.location) as connection:
        found = availability_change(connection, since, until)
        alone = availability(connection, since, until)
        everything = availability_change(connection, since, until, by="all")
    pd.testing.assert_frame_equal(found[list(alone.columns)], alone)
    for row in found.to_dict("records"):
        of_service = [one for one in history.held if one.service.service_name == row["service_name"]]
        now, then = by_hand(of_service, 1, since, until), by_hand(of_service, 1, *before)
        assert row["checks_before"] == then["checks"]
        for name, change in (
            ("uptime_percent", "uptime_change"),
            ("uptime_percent_without_maintenance", "uptime_change_without_maintenance"),
        ):
            if now[name] is None or then[name] is None:
                assert pd.isna(row[change])
            else:
                assert (row[f"{name}_before"], row[change]) == pytest.approx(
                    (then[name], now[name] - then[name])
                )
    assert everything["checks_before"].tolist() == [by_hand(history.held, 4, *before)["checks"]]


def test_reasons_hold_as_long_as_their_checks(history: History) -> None:
    with read_only(history.location) as connection:
        rows = reasons(connection, *PERIOD).to_dict("records")
    expected: dict[tuple[str, str, str], list[float]] = {}
    for one in history.held:
        counts = one.counts and PERIOD[0] <= one.at < PERIOD[1]
        if counts or one.seconds(*PERIOD):
            sums = expected.setdefault((one.service.service_name, one.status, one.reason), [0, 0])
            sums[0] += counts
            sums[1] += one.seconds(*PERIOD)
    found = {
        (row["service_name"], row["status"], row["reason"]): [row["checks"], row["seconds"]] for row in rows
    }
    assert set(found) == set(expected)
    for key, sums in expected.items():
        assert found[key] == pytest.approx(sums, abs=1e-3)
    assert list(dict.fromkeys(row["service_name"] for row in rows)) == ["shopify", "chatwoot", "gone"]
    shop = [row["seconds"] for row in rows if row["service_name"] == "shopify"]
    assert shop == sorted(shop, reverse=True)


def test_down_is_not_up_degraded_is_and_unknown_is_neither(any_database: Location) -> None:
    states = ["healthy", "healthy", "degraded", "down", "unknown", "down", "healthy", "healthy", "healthy"]
    checks = [check(SHOP, at(minutes=minute), state) for minute, state in enumerate(states)]
    announced = [
        maintenance(SHOP, at(minutes=5), at(minutes=7)),
        maintenance(SHOP, at(minutes=6), at(minutes=7)),
    ]
    write(any_database, SERVICES, checks, announced)
    with read_only(any_database) as connection:
        shop, chat, _ = availability(connection, NOON, at(minutes=8)).to_dict("records")
    counts = [shop[name] for name in ("checks", "healthy", "degraded", "down", "unknown", "in_maintenance")]
    assert counts == [8, 4, 1, 2, 1, 2]
    assert shop["uptime_percent"] == pytest.approx(100 * 5 / 7)
    assert shop["uptime_percent_without_maintenance"] == pytest.approx(100 * 4 / 5)
    assert [shop["up_seconds"], shop["down_seconds"], shop["unknown_seconds"]] == [300, 120, 60]
    assert (chat["checks"], chat["gap_seconds"]) == (0, 480)
    assert pd.isna(chat["uptime_percent"])
    assert pd.isna(chat["uptime_percent_without_maintenance"])


def test_an_empty_file_has_the_same_columns(tmp_path: Any, history: History) -> None:
    with read_only(history.location) as connection:
        full = availability(connection, *PERIOD).dtypes
    with read_only(empty_database(tmp_path)) as connection:
        empty = availability(connection, *PERIOD)
        assert reasons(connection, *PERIOD).empty
        assert availability_change(connection, *PERIOD).empty
    assert empty.empty
    numbers = [name for name in full.index if name not in ("service_type", "service_name")]
    assert empty.dtypes[numbers].to_dict() == full[numbers].to_dict()
