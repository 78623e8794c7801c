"""Checks and the time they held, against what is worked out row by row, wherever period and rollups end."""

import random
from datetime import datetime, timedelta
from itertools import product

import duckdb
import pytest

from analytics.coverage import Coverage, coverage, hour_of
from analytics.rollups import roll_up
from tests.analytics.rollups.by_hand import Key, check_figures
from tests.analytics.rollups.stage import HOUR, Row, at, check, configure, finish, insert, maintenance, pieces

#: Of each service the configured interval and how it is really asked, in seconds.
RHYTHMS = {
    "minutely": (60.0, 60),
    "hourly": (3600.0, 3600),
    "seldom": (7200.0, 7200),
    "slower": (60.0, 420),
    "from cron": (60.0, 600),
    "once an hour": (60.0, 3700),
    "imported": (None, 600),
    "forgotten": (None, 20),
}
INTERVALS = {name: configured for name, (configured, _) in RHYTHMS.items() if configured is not None}
HOURS = 30


def random_checks(chance: random.Random) -> list[Row]:
    """Thirty hours of attempts: repeats, stops, late cycles, several statuses."""
    rows = []
    for name, (_, interval) in RHYTHMS.items():
        moment = at(seconds=chance.uniform(0, interval))
        moment += timedelta(hours=HOURS - 8) if name == "forgotten" else timedelta(0)
        while moment < at(HOURS):
            status, reason = chance.choice(
                [("healthy", "ok")] * 3 + [("degraded", "slow"), ("unknown", "no_data")]
            )
            rows.append(check(name, moment, status, reason))
            if chance.random() < 0.1:
                for attempt in range(2, chance.choice([2, 3]) + 1):
                    moment += timedelta(seconds=5)
                    rows.append(check(name, moment, "down", "connect", attempt=attempt))
            moment += timedelta(seconds=interval * chance.choice([1] * 12 + [1.001, 1.02, 2.5, 2.6, 5, 9]))
            if chance.random() < 0.002:
                moment += timedelta(hours=chance.uniform(0.5, 5))
    return rows


def figures(
    connection: duckdb.DuckDBPyConnection, period: Coverage
) -> tuple[dict[Key, int], dict[Key, float]]:
    counts: dict[Key, int] = {}
    lasted: dict[Key, float] = {}
    for row in pieces(connection, "check_pieces", period):
        key = (row["hour"], row["service_name"], row["status"], row["reason"], row["in_maintenance"])
        if row["checks"]:
            counts[key] = counts.get(key, 0) + row["checks"]
        if row["seconds"]:
            lasted[key] = lasted.get(key, 0.0) + row["seconds"]
    return counts, lasted


def random_period(chance: random.Random) -> tuple[datetime, datetime]:
    since = at(chance.choice([chance.uniform(-1, HOURS), chance.randrange(HOURS)]))
    lasts = timedelta(
        hours=chance.choice([chance.uniform(0, 3), chance.uniform(0, HOURS), chance.randrange(9)])
    )
    return since, since + lasts


@pytest.mark.parametrize("seed", range(3))
def test_checks_and_seconds_are_those_worked_out_by_hand(
    connection: duckdb.DuckDBPyConnection, seed: int
) -> None:
    chance = random.Random(seed)
    checks = random_checks(chance)
    announced = [
        maintenance(name, start, start + timedelta(hours=chance.uniform(0, 2)))
        for name in RHYTHMS
        for start in [at(chance.uniform(0, HOURS)) for _ in range(3)]
    ]
    for name, interval in INTERVALS.items():
        configure(connection, name, interval)
    insert(connection, checks, announced=announced)
    roll_up(connection, at(-1), at(HOURS + 1))
    for _ in range(10):
        since, until = random_period(chance)
        finish(connection, at(chance.randrange(HOURS + 1)))
        period = coverage(connection, since, until)
        counts, lasted = figures(connection, period)
        wanted_counts, wanted_seconds = check_figures(checks, announced, INTERVALS, since, until)
        assert counts == wanted_counts
        assert lasted == pytest.approx(wanted_seconds, abs=1e-5)
        assert_spans_last_as_long(connection, period, wanted_seconds)


def assert_spans_last_as_long(
    connection: duckdb.DuckDBPyConnection, period: Coverage, wanted: dict[Key, float]
) -> None:
    """The spans of an hour add up to the seconds of its checks, lie in it, and two that touch differ."""
    lasted: dict[Key, float] = {}
    ends: dict[Key, datetime] = {}
    for row in sorted(pieces(connection, "span_pieces", period), key=lambda row: row["begun"]):
        assert max(row["hour"], period.since) <= row["begun"] < row["ended"]
        assert row["ended"] <= min(row["hour"] + HOUR, period.until)
        key = (row["hour"], row["service_name"], row["status"], row["reason"])
        assert ends.get(key) != row["begun"], "two spans of the same status and reason that are one"
        ends[key] = row["ended"]
        lasted[key] = lasted.get(key, 0.0) + (row["ended"] - row["begun"]).total_seconds()
    by_status: dict[Key, float] = {}
    for (*key, _), seconds in wanted.items():
        by_status[tuple(key)] = by_status.get(tuple(key), 0.0) + seconds
    assert lasted == pytest.approx(by_status, abs=1e-5)


def test_a_stop_is_a_gap_and_a_late_cycle_is_none(connection: duckdb.DuckDBPyConnection) -> None:
    configure(connection, "shop", 60)
    insert(connection, [check("shop", at(minutes=minute)) for minute in (9, 10, 11, 16, 17, 18, 40)])
    (row,) = pieces(connection, "check_pieces", coverage(connection, at(), at(1)))
    assert (row["checks"], row["seconds"]) == (7, (18 - 9 + 1 + 1) * 60)


def test_one_that_nobody_configured_is_known_by_its_rhythm(connection: duckdb.DuckDBPyConnection) -> None:
    insert(connection, [check("shop", at(minutes=minutes)) for minutes in (0, 8, 16, 24, 44)])
    (row,) = pieces(connection, "check_pieces", coverage(connection, at(), at(1)))
    # Three pauses say what it is: the fourth one holds to the next, though that is late, the fifth for eight.
    assert (row["checks"], row["seconds"]) == (5, 3 * 60 + 20 * 60 + 8 * 60)


@pytest.mark.parametrize("rolled_until", [0, 5, 12])
def test_an_outage_is_no_gap_when_cron_asks_more_seldom_than_the_interval_says(
    connection: duckdb.DuckDBPyConnection, rolled_until: float
) -> None:
    configure(connection, "shop", 60)
    for round_at in (at(minutes=minutes) for minutes in range(0, 12 * 60, 10)):
        asked = 3 if at(4) <= round_at < at(8) else 1
        statuses = ["degraded", "degraded", "down"] if asked == 3 else ["healthy"]
        insert(
            connection,
            [
                check("shop", round_at + timedelta(seconds=5 * number), status, attempt=number + 1)
                for number, status in enumerate(statuses)
            ],
        )
    roll_up(connection, at(0), at(12))
    finish(connection, at(rolled_until))
    _, lasted = figures(connection, coverage(connection, at(1), at(11.5)))
    down = sum(seconds for (_, _, status, *_), seconds in lasted.items() if status == "down")
    assert down == 4 * 3600 - 24 * 10
    assert sum(lasted.values()) == 10.5 * 3600


def test_what_holds_over_the_hour_is_cut_there(connection: duckdb.DuckDBPyConnection) -> None:
    configure(connection, "shop", 60)
    insert(connection, [check("shop", at(minutes=59)), check("shop", at(minutes=61), "down", "connect")])
    roll_up(connection, at(), at(2))
    found = connection.execute(
        "SELECT hour, status, checks, seconds FROM check_hours ORDER BY ALL"
    ).fetchall()
    assert found == [(at(), "healthy", 1, 60), (at(1), "down", 1, 60), (at(1), "healthy", 0, 60)]


@pytest.mark.parametrize(
    ("interval", "hours"),
    [
        pytest.param(3600, [0, 2.4, 4.8], id="hourly"),
        pytest.param(4 * 3600, [-5, 4.8], id="every four hours"),
        pytest.param(None, [-0.9, 0.1, 1.2, 2.1, 4.4], id="a rhythm of an hour"),
    ],
)
def test_what_was_said_long_before_the_period_holds_in_it(
    connection: duckdb.DuckDBPyConnection, interval: float | None, hours: list[float]
) -> None:
    intervals = {} if interval is None else {"shop": float(interval)}
    for name, seconds in intervals.items():
        configure(connection, name, seconds)
    checks = [check("shop", at(hour)) for hour in hours]
    insert(connection, checks)
    roll_up(connection, at(-6), at(6))
    for rolled_until, since, until in product((0, 4, 6), (2.2, 2.9, 4.3), (4.5, 6)):
        finish(connection, at(rolled_until))
        found = figures(connection, coverage(connection, at(since), at(until)))
        wanted = check_figures(checks, [], intervals, at(since), at(until))
        assert found == (wanted[0], pytest.approx(wanted[1]))
        assert any(hour_of(at(since)) == hour for hour, *_ in found[1]), "nothing held when it began"
