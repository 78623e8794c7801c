"""Error budgets against what is worked out by hand from the same checks."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.db import Location, read_only, transact
from analytics.evidence import read_looks
from analytics.ids import uuid7
from analytics.model import ServiceKey
from analytics.rules.error_budget import Ledger, gone_at
from analytics.rules.slo import FAST, SLOW, Share, burn_rate
from analytics.slo_queries import objectives, slo, slo_history
from collector.store import insert_rows
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
    write,
)
from tests.empty_database import empty_database

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SERVICES = [service(key, key != GONE, HOUR) for key in (SHOP, GONE, CHAT, REDIS)]
NOW = at(minutes=35)


@dataclass
class History:
    """A file, and what its checks said."""

    location: Location
    held: list[Held]


@pytest.fixture(scope="module", params=[None, at(hours=-1)], ids=["single rows", "rollups"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> History:
    """70 days of two services that are checked once an hour, and of one that was."""
    random_ = random.Random(3)
    checks: list[Row] = []
    for key, share in ((SHOP, 0.03), (CHAT, 0.001), (GONE, 0.5)):
        for number in range(70 * 24):
            moment = NOW - timedelta(hours=number, minutes=random_.uniform(1, 50))
            status = random_.choices(["healthy", "down", "unknown"], [1 - share, share, 0.05])[0]
            checks.append(check(key, moment, status))
            if status == "down" and random_.random() < 0.5:
                checks.append(check(key, moment + timedelta(seconds=20), status, 2))
    announced = [maintenance(SHOP, NOW - timedelta(days=day), NOW - (day - 1) * DAY) for day in (2, 20)]
    location = empty_database(tmp_path_factory.mktemp("slo"))
    write(location, SERVICES, checks, announced)
    objective = {"rule": "slo_burn", "settings": {"objective": 95}, "author": "ada", "timestamp": NOON}
    place = {"service_type": "api", "service_name": "shopify"}
    transact(
        location,
        lambda connection: insert_rows(
            connection, "alert_rule_changes", [{"id": uuid7(), **objective, **place}]
        ),
    )
    if request.param is not None:
        roll_up_until(location, request.param)
    return History(location, held(checks, announced, HOUR))


def counted(history: History, key: ServiceKey, since: datetime, until: datetime) -> list[Held]:
    """The known checks of a service outside maintenance."""
    return [
        one
        for one in history.held
        if one.service == key
        and one.counts
        and since <= one.at < until
        and one.status != "unknown"
        and not one.in_maintenance
    ]


def whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def bad(checks: Sequence[Held]) -> int:
    return sum(one.status == "down" for one in checks)


def test_what_is_left_of_the_budget(history: History) -> None:
    with read_only(history.location) as connection:
        shop, chat, redis = slo(connection, NOW).to_dict("records")
    for row, key, objective in ((shop, SHOP, 95.0), (chat, CHAT, 99.9)):
        checks = counted(history, key, whole_hour(NOW - 30 * DAY), NOW)
        budget = len(checks) * (100 - objective) / 100
        assert (row["service_name"], row["objective"]) == (key.service_name, objective)
        assert (row["known_checks"], row["bad_checks"]) == (len(checks), bad(checks))
        assert row["availability_percent"] == pytest.approx(100 * (1 - bad(checks) / len(checks)))
        assert row["budget_checks"] == pytest.approx(budget)
        assert row["budget_left_percent"] == pytest.approx(100 * (budget - bad(checks)) / budget)
    # An hour a check, more or less, as the pauses between them are.
    left = shop["budget_checks"] - shop["bad_checks"]
    assert shop["budget_left_minutes"] == pytest.approx(60 * left, rel=0.1)
    assert (redis["known_checks"], redis["budget_checks"]) == (0, 0)
    assert pd.isna(redis["budget_left_percent"])
    assert pd.isna(redis["burn_3d"])


def test_how_fast_it_burns_and_until_when(history: History) -> None:
    with read_only(history.location) as connection:
        rows = slo(connection, NOW, [SHOP, CHAT]).to_dict("records")
    lengths = {"burn_1h": HOUR, "burn_6h": 6 * HOUR, "burn_3d": timedelta(hours=71, minutes=35)}
    for row, key, objective in zip(rows, (SHOP, CHAT), (95.0, 99.9), strict=True):
        for name, length in lengths.items():
            checks = counted(history, key, NOW - length, NOW)
            rate = bad(checks) / len(checks) / (1 - objective / 100) if checks else float("nan")
            assert row[name] == pytest.approx(rate, nan_ok=True)
        hours: dict[datetime, Share] = {}
        for one in counted(history, key, whole_hour(NOW - 30 * DAY), NOW):
            start = whole_hour(one.at)
            last = hours.get(start, Share())
            hours[start] = Share(last.bad + (one.status == "down"), last.known + 1)
        starts = sorted(hours)
        ledger = Ledger(starts, [hours[one].known for one in starts], [hours[one].bad for one in starts])
        gone = gone_at(ledger, objective, NOW)
        assert (None if pd.isna(row["gone_at"]) else row["gone_at"]) == gone


@pytest.mark.parametrize("rolled_until", [None, at(hours=12)], ids=["single rows", "rollups"])
def test_it_burns_as_fast_as_the_alert_rule_says(tmp_path: Path, rolled_until: datetime | None) -> None:
    random_ = random.Random(5)
    checks = []
    for number in range(100):
        # The retry of every sixth one comes in the next hour.
        moment = at(minutes=10 * number) - timedelta(seconds=10)
        status = random_.choice(["healthy", "down", "unknown"])
        checks.append(check(SHOP, moment, status))
        if number != 72 and random_.random() < 0.5:
            checks.append(check(SHOP, moment + timedelta(seconds=20), random_.choice(["down", "healthy"]), 2))
    location = empty_database(tmp_path)
    announced = [maintenance(SHOP, at(hours=6, minutes=20), at(hours=7, minutes=5))]
    write(location, [service(SHOP)], checks, announced)
    if rolled_until is not None:
        roll_up_until(location, rolled_until)
    moments = [at(hours=hour, minutes=35) for hour in (12, 13, 14, 15)]
    moments += [at(hours=12), at(hours=13) - timedelta(seconds=10), at(hours=15)]
    with read_only(location) as connection:
        for now in moments:
            shares = read_looks(connection, now)[SHOP].shares
            (row,) = slo(connection, now).to_dict("records")
            assert shares[FAST.long].bad > 0
            assert row["burn_1h"] == burn_rate(shares[FAST.long], row["objective"])
            assert row["burn_6h"] == burn_rate(shares[SLOW.long], row["objective"])


def test_another_period_has_a_budget_of_its_own(history: History) -> None:
    days = 10 * DAY
    with read_only(history.location) as connection:
        (month,) = slo(connection, NOW, [SHOP]).to_dict("records")
        (row,) = slo(connection, NOW, [SHOP], days).to_dict("records")
        with pytest.raises(ValueError, match="it is 3 days or longer"):
            slo(connection, NOW, [SHOP], 2 * DAY)
    checks = counted(history, SHOP, whole_hour(NOW - days), NOW)
    budget = len(checks) * 0.05
    assert (row["known_checks"], row["bad_checks"]) == (len(checks), bad(checks))
    assert row["budget_left_percent"] == pytest.approx(100 * (budget - bad(checks)) / budget)
    assert [row[name] for name in ("burn_1h", "burn_6h", "burn_3d")] == pytest.approx(
        [month[name] for name in ("burn_1h", "burn_6h", "burn_3d")], nan_ok=True
    )


def test_what_was_left_over_time(history: History) -> None:
    since = at(days=-30)
    with read_only(history.location) as connection:
        rows = slo_history(connection, since, NOON, SHOP, timedelta(hours=7)).to_dict("records")
        empty = slo_history(connection, since, NOON, REDIS)
    assert [row["timestamp"] for row in rows] == [
        *(since + number * timedelta(hours=7) for number in range(103)),
        NOON,
    ]
    for row in rows:
        checks = counted(history, SHOP, row["timestamp"] - 30 * DAY, row["timestamp"])
        assert (row["known_checks"], row["bad_checks"]) == (len(checks), bad(checks))
        budget = len(checks) * 0.05
        assert row["budget_left_percent"] == pytest.approx(100 * (budget - bad(checks)) / budget)
    assert empty["budget_left_percent"].isna().all()
    assert len(empty) == 121


def test_a_step_of_minutes_is_refused(history: History) -> None:
    with read_only(history.location) as connection, pytest.raises(ValueError, match="an hour or longer"):
        slo_history(connection, NOON - DAY, NOON, SHOP, timedelta(minutes=5))


def promised(location: Location, now: datetime = NOW) -> list[float]:
    with read_only(location) as connection:
        return list(objectives(connection, now).values())


def add(location: Location, table: str, **row: Any) -> None:
    transact(location, lambda connection: insert_rows(connection, table, [row]))


def test_the_objective_is_the_one_in_force(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    write(location, SERVICES, [])
    assert promised(location) == [99.9, 99.9, 99.9], "the default of a file that does not say"

    transact(
        location,
        lambda connection: connection.execute(
            "UPDATE services SET objective = 99 WHERE service_name <> 'redis'"
        ),
    )
    assert promised(location) == [99, 99, 99.9]

    change = {"rule": "slo_burn", "author": "ada", "service_type": "webhook", "service_name": "chatwoot"}
    for number, settings in enumerate([{"objective": 98}, {"objective": 97}]):
        moment = at(minutes=10 * number)
        add(
            location,
            "alert_rule_changes",
            id=uuid7(),
            timestamp=moment,
            settings=settings,
            **change,
        )
    assert promised(location) == [99, 97, 99.9]
    assert promised(location, at(minutes=5)) == [99, 98, 99.9]

    add(location, "alert_rules", rule="slo_burn", settings={"objective": 99.5}, updated_at=NOON)
    assert promised(location) == [99.5, 97, 99.5], "the rules of the file say more than the services"


def test_an_empty_file_has_the_columns(tmp_path: Path, history: History) -> None:
    with read_only(history.location) as connection:
        full = slo(connection, NOW)
    with read_only(empty_database(tmp_path)) as connection:
        empty = slo(connection, NOW)
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
