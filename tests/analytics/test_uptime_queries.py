"""Uptime with and without maintenance, against what is worked out by hand from the same rows."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import Basis, Policy, ServiceInfo, ServiceKey, ServiceType
from analytics.uptime_queries import uptime
from collector.store import insert_rows, replace_services
from tests.empty_database import empty_database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STALE = timedelta(minutes=5)
RUN = uuid7()
Row = dict[str, Any]


@pytest.fixture
def location(tmp_path: Path) -> Location:
    """An empty database file."""
    return empty_database(tmp_path)


def at(**span: float) -> datetime:
    return NOON + timedelta(**span)


def service(name: str, enabled: bool = True) -> ServiceInfo:
    key = ServiceKey(ServiceType.API, name)
    policy = Policy(Basis.CALLS, 1000, 3000, 6, STALE)
    return ServiceInfo(key, "http", f"https://{name}.example", timedelta(minutes=1), policy, enabled)


def check(name: str, moment: datetime, status: str = "healthy", attempt: int = 1) -> Row:
    return {
        "id": uuid7(),
        "timestamp": moment,
        "service_type": "api",
        "service_name": name,
        "status": status,
        "reason": "ok",
        "attempt": attempt,
        "run_id": RUN,
    }


def maintenance(name: str, starts_at: datetime, ends_at: datetime) -> Row:
    row = {"service_type": "api", "service_name": name, "starts_at": starts_at, "ends_at": ends_at}
    return {"id": uuid7(), "name": "move", **row}


def read(
    location: Location,
    services: list[ServiceInfo],
    checks: list[Row],
    announced: list[Row],
    period: tuple[datetime, datetime],
) -> dict[str, Row]:
    def work(connection: Any) -> None:
        replace_services(connection, services, NOON)
        insert_rows(connection, "integration_health_checks", checks)
        insert_rows(connection, "maintenance", announced)

    transact(location, work)
    with read_only(location) as connection:
        frame = uptime(connection, *period)
    assert frame["service_name"].tolist() == [one.service.service_name for one in services if one.enabled]
    return {row["service_name"]: row for row in frame.to_dict("records")}


def test_down_is_not_up_degraded_is_and_unknown_is_neither(any_database: Location) -> None:
    states = ["healthy", "healthy", "degraded", "down", "unknown", "down", "healthy", "healthy"]
    checks = [check("shopify", at(minutes=minute), state) for minute, state in enumerate(states)]
    checks += [check("gone", NOON), check("shopify", at(minutes=8))]
    announced = [
        maintenance("shopify", at(minutes=5), at(minutes=7)),
        maintenance("shopify", at(minutes=6), at(minutes=7)),
        maintenance("chatwoot", NOON, at(days=1)),
    ]
    services = [service("shopify"), service("chatwoot"), service("off", enabled=False)]
    rows = read(any_database, services, checks, announced, (NOON, at(minutes=8)))

    shop = rows["shopify"]
    counts = [shop[name] for name in ("checks", "healthy", "degraded", "down", "unknown", "in_maintenance")]
    assert counts == [8, 4, 1, 2, 1, 2]
    assert shop["uptime_percent"] == pytest.approx(100 * 5 / 7)
    assert shop["uptime_percent_without_maintenance"] == pytest.approx(100 * 4 / 5)
    assert [shop["up_seconds"], shop["down_seconds"], shop["unknown_seconds"]] == [300, 120, 60]

    chat = rows["chatwoot"]
    assert (chat["checks"], chat["unknown_seconds"]) == (0, 480)
    assert pd.isna(chat["uptime_percent"])
    assert pd.isna(chat["uptime_percent_without_maintenance"])


def test_a_check_of_several_attempts_counts_once_and_a_stop_is_unknown(location: Location) -> None:
    checks = [
        check("shopify", at(minutes=-1)),
        check("shopify", at(seconds=30), "degraded"),
        check("shopify", at(seconds=31), "degraded", 2),
        check("shopify", at(seconds=36), "down", 3),
        # The collector stopped here for half an hour.
        check("shopify", at(minutes=30), "healthy"),
    ]
    row = read(location, [service("shopify")], checks, [], (NOON, at(hours=1)))["shopify"]
    assert (row["checks"], row["down"], row["degraded"], row["uptime_percent"]) == (2, 1, 0, 50)
    assert row["up_seconds"] == 36 + 300, (
        "the look before the period holds into it, each at most five minutes"
    )
    assert row["down_seconds"] == 300
    assert row["unknown_seconds"] == 3600 - 336 - 300


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_those_worked_out_by_hand(location: Location, seed: int) -> None:
    random_ = random.Random(seed)
    names = ["shopify", "chatwoot"]
    checks: list[Row] = []
    for name in names:
        moment = at(minutes=-20)
        while moment < at(minutes=80):
            states = random_.choices(["healthy", "degraded", "down", "unknown"], [6, 1, 2, 1])
            checks.append(check(name, moment, states[0]))
            moment += timedelta(seconds=random_.choice([20, 60, 60, 200, 700]))
    announced = [
        maintenance(name, start, start + timedelta(minutes=random_.uniform(1, 9)))
        for name in names
        for start in [at(minutes=random_.uniform(-10, 70)) for _ in range(3)]
    ]
    period = (NOON, at(hours=1))
    rows = read(location, [service(name) for name in names], checks, announced, period)
    for name in names:
        expected = by_hand([row for row in checks if row["service_name"] == name], announced, name, period)
        assert {key: rows[name][key] for key in expected} == pytest.approx(expected, abs=1e-4)


def by_hand(checks: list[Row], announced: list[Row], name: str, period: tuple[datetime, datetime]) -> Row:
    since, until = period
    seconds = {"healthy": 0.0, "degraded": 0.0, "down": 0.0, "unknown": 0.0}
    for row, following in zip(checks, [*checks[1:], None], strict=True):
        end = min(row["timestamp"] + STALE, until, following["timestamp"] if following else until)
        seconds[row["status"]] += max(0.0, (end - max(row["timestamp"], since)).total_seconds())

    def outside(row: Row) -> bool:
        return not any(
            one["service_name"] == name and one["starts_at"] <= row["timestamp"] < one["ends_at"]
            for one in announced
        )

    def share(rows: list[Row]) -> float:
        known = [row for row in rows if row["status"] != "unknown"]
        return 100 * sum(row["status"] != "down" for row in known) / len(known)

    inside = [row for row in checks if since <= row["timestamp"] < until]
    up, down = seconds["healthy"] + seconds["degraded"], seconds["down"]
    return {
        "checks": len(inside),
        "in_maintenance": sum(not outside(row) for row in inside),
        "uptime_percent": share(inside),
        "uptime_percent_without_maintenance": share([row for row in inside if outside(row)]),
        "up_seconds": up,
        "down_seconds": down,
        "unknown_seconds": (until - since).total_seconds() - up - down,
    }
