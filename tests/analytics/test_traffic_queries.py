"""Rates, latencies and failures against what is worked out by hand from the same requests."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.db import Location, read_only, transact
from analytics.grouping import By
from analytics.latency_queries import latency, latency_steps
from analytics.model import ServiceKey
from analytics.traffic_queries import failures, rates, rates_steps
from tests.analytics.checks_by_hand import NOON, at, roll_up_until
from tests.analytics.traffic_by_hand import (
    GOOGLE,
    HOOKS,
    KEYS,
    SHOP,
    STRAY,
    TOOLS,
    Request,
    expected,
    fill,
    latency_by_hand,
    rates_by_hand,
    rows_of,
)
from tests.empty_database import empty_database

EVERY_BY: list[By] = ["service", "type", "endpoint", "all"]
#: Ends within an hour, on the hour, within one hour alone, after all that is rolled up, and nothing.
PERIODS = [
    (at(hours=3, minutes=17), at(hours=9, minutes=41)),
    (at(hours=2), at(hours=8)),
    (at(hours=4, minutes=10), at(hours=4, minutes=50)),
    (at(hours=1, minutes=59), at(hours=11)),
    (at(hours=20), at(hours=21)),
]


@dataclass
class History:
    """A file, and the requests in it."""

    location: Location
    requests: list[Request]

    def within(
        self, since: datetime, until: datetime, services: Sequence[ServiceKey] | None = None
    ) -> list[Request]:
        return [
            one
            for one in self.requests
            if since <= one.at < until and (services is None or one.service in services)
        ]


@pytest.fixture(scope="module", params=[None, at(hours=9)], ids=["single rows", "rollups"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Eleven hours of traffic."""
    location = empty_database(tmp_path_factory.mktemp("traffic"))
    made = History(location, fill(location, random.Random(5)))
    if request.param is not None:
        roll_up_until(location, request.param)
    return made


def near(rows: dict[tuple[Any, ...], dict[str, Any]], tolerance: float) -> dict[tuple[Any, ...], Any]:
    return {key: pytest.approx(row, rel=tolerance, abs=1e-9) for key, row in rows.items()}


@pytest.mark.parametrize("by", EVERY_BY)
def test_rates_are_counts(history: History, by: By) -> None:
    with read_only(history.location) as connection:
        for period in PERIODS:
            found = rows_of(rates(connection, *period, by))
            assert found == near(expected(history.within(*period), by, rates_by_hand), 1e-9)


@pytest.mark.parametrize("by", EVERY_BY)
def test_percentiles_are_within_a_hundredth_of_the_exact_ones(history: History, by: By) -> None:
    with read_only(history.location) as connection:
        for period in PERIODS:
            found = rows_of(latency(connection, *period, by))
            assert found == near(expected(history.within(*period), by, latency_by_hand), 0.01)


@pytest.mark.parametrize("services", [[], [SHOP], [GOOGLE, TOOLS], [HOOKS, STRAY]])
def test_only_the_services_that_are_asked_for(history: History, services: list[ServiceKey]) -> None:
    requests = history.within(*PERIODS[0], services)
    with read_only(history.location) as connection:
        for by in EVERY_BY:
            found = rows_of(rates(connection, *PERIODS[0], by, services))
            assert found == near(expected(requests, by, rates_by_hand), 1e-9)
            found = rows_of(latency(connection, *PERIODS[0], by, services))
            assert found == near(expected(requests, by, latency_by_hand), 0.01)


@pytest.mark.parametrize("minutes", [5, 60, 180, 7 * 60, 24 * 60])
def test_steps(history: History, minutes: int) -> None:
    period, step, keys = PERIODS[0], timedelta(minutes=minutes), ["step_start", *KEYS]
    with read_only(history.location) as connection:
        for by, services in (("service", None), ("endpoint", [SHOP]), ("all", None)):
            requests = history.within(*period, services)
            counted = rates_steps(connection, *period, step, by, services)
            assert rows_of(counted, keys) == near(expected(requests, by, rates_by_hand, step), 1e-9)
            assert counted["step_start"].is_monotonic_increasing
            timed = latency_steps(connection, *period, step, by, services)
            tolerance = 0.01 if minutes >= 60 else 1e-9
            assert rows_of(timed, keys) == near(expected(requests, by, latency_by_hand, step), tolerance)


def test_failures(history: History) -> None:
    period, services = PERIODS[0], [SHOP, HOOKS, GOOGLE]
    failed = [one for one in history.within(*period, services) if one.failed]
    with read_only(history.location) as connection:
        found = failures(connection, *period, services)
    assert found["errors"].is_monotonic_decreasing
    expected_rows = {}
    for one in failed:
        same = [other for other in failed if other.service == one.service]
        alike = [o for o in same if (o.key("endpoint"), o.reason) == (one.key("endpoint"), one.reason)]
        share = {"errors": len(alike), "share_percent": 100 * len(alike) / len(same)}
        expected_rows[(*one.key("endpoint"), one.reason)] = share
    assert rows_of(found, [*KEYS, "reason"]) == near(expected_rows, 1e-9)


@pytest.mark.parametrize("step", [timedelta(0), timedelta(minutes=-5), timedelta(minutes=90)])
def test_a_step_is_less_than_an_hour_or_whole_hours(history: History, step: timedelta) -> None:
    with read_only(history.location) as connection, pytest.raises(ValueError, match="whole hours"):
        rates_steps(connection, *PERIODS[0], step)


def test_steps_are_of_an_hour_where_single_rows_are_gone(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    requests = fill(location, random.Random(7), 40)
    roll_up_until(location, at(hours=11))

    def forget(connection: Any) -> None:
        for table in ("api_metrics", "webhook_metrics", "integration_health_checks"):
            connection.execute(f"DELETE FROM {table} WHERE timestamp < $before", {"before": at(hours=5)})
        connection.execute("UPDATE rollup_state SET raw_since = $since", {"since": at(hours=5)})

    transact(location, forget)
    step, keys = timedelta(minutes=5), ["step_start", *KEYS]
    with read_only(location) as connection:
        old = rates_steps(connection, at(hours=2), at(hours=4), step)
        new = rates_steps(connection, at(hours=6), at(hours=8), step)
    within = [one for one in requests if at(hours=2) <= one.at < at(hours=4)]
    hour = timedelta(hours=1)
    assert rows_of(old, keys) == near(expected(within, "service", rates_by_hand, hour), 1e-9)
    within = [one for one in requests if at(hours=6) <= one.at < at(hours=8)]
    assert rows_of(new, keys) == near(expected(within, "service", rates_by_hand, step), 1e-9)


def test_nothing_has_no_rows_and_every_column(tmp_path: Path) -> None:
    period = (NOON, at(hours=2))
    with read_only(empty_database(tmp_path)) as connection:
        found = [
            rates(connection, *period),
            latency(connection, *period),
            rates_steps(connection, *period, timedelta(minutes=5)),
            latency_steps(connection, *period, timedelta(hours=1)),
        ]
        assert failures(connection, *period).columns.tolist() == [*KEYS, "reason", "errors", "share_percent"]
    assert all(frame.empty for frame in found)
    assert [frame["requests"].dtype for frame in found] == ["int64"] * 4
    assert found[1]["p95_ms"].dtype == "float64"
    assert str(found[2]["step_start"].dtype).startswith("datetime64")
