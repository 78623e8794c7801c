"""What went to and came from each service, against what is counted row by row, wherever periods end."""

import random
from collections import Counter, defaultdict
from datetime import datetime

import duckdb
import pytest

from analytics.coverage import coverage, hour_of
from analytics.rollups import roll_up
from tests.analytics.rollups.by_hand import Key
from tests.analytics.rollups.stage import Row, at, call, check, configure, delivery, finish, insert, pieces

HOURS = 6
SUMS = ("requests", "errors", "retries", "unverified", "unprocessed")
#: What the calls and deliveries of some services are recorded under.
NAMES = {"shop-api": "shop", "hooks": "sender"}


def random_rows(chance: random.Random) -> tuple[list[Row], list[Row], list[Row]]:
    def moment() -> datetime:
        return at(chance.uniform(0, HOURS))

    calls = [
        call(
            chance.choice(["shop-api", "stranger", "quiet"]),
            moment(),
            chance.choice([None, 40, 404, 5003]),
            endpoint=chance.choice(["/a", "/b", None]),
            method=chance.choice(["GET", "POST"]),
            status_code=chance.choice([200] * 6 + [302, 500, 404, 403, 429, 101, None]),
            reason=chance.choice([None] * 5 + ["timeout", "auth"]),
            origin=chance.choice(["web", "probe", None]),
            retries=chance.choice([0, 0, 2, None]),
        )
        for _ in range(600)
    ]
    # An API that is called in some hours only is known by its checks in the others.
    calls = [row for row in calls if row["api_name"] != "quiet" or row["timestamp"].hour % 2 == 0]
    deliveries = [
        delivery(
            chance.choice(["hooks", "other"]),
            moment(),
            event_type=chance.choice(["paid", None]),
            verified=chance.choice([True, True, False, None]),
            processed=chance.choice([True, True, False, None]),
            reason=chance.choice([None, "repeated", "bad_signature"]),
            processing_time_ms=chance.choice([None, 7]),
        )
        for _ in range(300)
    ]
    checks = [
        check(
            name,
            moment(),
            chance.choice(["healthy", "down", "unknown"]),
            chance.choice(["ok", "connect", "slow"]),
            service_type=kind,
            error_count=chance.choice([0, 0, 3, None]),
            attempt=chance.choice([1, 1, 2]),
            response_time_ms=chance.choice([None, 1234]),
        )
        for kind, name in [("mcp", "tools"), ("api", "quiet"), ("api", "shop"), ("webhook", "hooks")]
        for _ in range(100)
    ]
    return checks, calls, deliveries


def requests(
    checks: list[Row], calls: list[Row], deliveries: list[Row]
) -> list[tuple[datetime, Key, list[int], int | None]]:
    """Every request: when, what it is counted under, what it adds to each sum, and its time if it has one."""
    found: list[tuple[datetime, Key, list[int], int | None]] = []
    called = {(hour_of(row["timestamp"]), NAMES.get(row["api_name"], row["api_name"])) for row in calls}
    for row in calls:
        status, word = row["status_code"], row["reason"]
        if row["origin"] == "probe" and (word == "auth" or status in (401, 403)):
            continue
        failed = word is not None or status is None or not 200 <= status < 400
        reason = (word or by_status(status)) if failed else None
        key = ("api", NAMES.get(row["api_name"], row["api_name"]), row["method"], row["endpoint"], reason)
        time = None if failed else row["response_time_ms"]
        found.append((row["timestamp"], key, [1, failed, row["retries"] or 0, 0, 0], time))
    for row in deliveries:
        forged = row["verified"] is False
        dropped = row["verified"] is True and row["processed"] is False
        key = ("webhook", NAMES.get(row["source"], row["source"]), None, row["event_type"], row["reason"])
        time = None if forged or dropped else row["processing_time_ms"]
        found.append((row["timestamp"], key, [1, forged or dropped, 0, forged, dropped], time))
    for row in checks:
        kind, name, moment = row["service_type"], row["service_name"], row["timestamp"]
        if (
            kind == "webhook"
            or row["status"] == "unknown"
            or (kind == "api" and (hour_of(moment), name) in called)
        ):
            continue
        failed = (row["error_count"] or 0) > 0
        key = (kind, name, None, None, None if row["reason"] == "ok" else row["reason"])
        found.append(
            (moment, key, [1, failed, row["attempt"] > 1, 0, 0], None if failed else row["response_time_ms"])
        )
    return found


def by_status(status: int | None) -> str:
    if status is None:
        return "connect"
    known = {403: "auth", 429: "rate_limited", 500: "http_5xx", 404: "http_4xx"}
    return known.get(status, "protocol")


@pytest.mark.parametrize("seed", range(2))
def test_requests_are_those_counted_by_hand(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    chance = random.Random(seed)
    rows = random_rows(chance)
    configure(connection, "shop", service_type="api", traffic_name="shop-api")
    configure(connection, "quiet", service_type="api")
    configure(connection, "sender", service_type="webhook", traffic_name="hooks")
    insert(connection, *rows)
    roll_up(connection, at(), at(HOURS))
    everything = requests(*rows)
    scale = {None: None, 40: 40, 404: 404, 5003: 5000, 7: 7, 1234: 1240}
    for _ in range(8):
        since = at(chance.uniform(-0.5, HOURS))
        until = since + chance.choice([0.2, 1, 3]) * (at(chance.uniform(0, 1)) - at())
        finish(connection, at(chance.randrange(HOURS + 1)))
        period = coverage(connection, since, until)
        wanted: defaultdict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMS))
        times: Counter[Key] = Counter()
        moments: dict[Key, tuple[datetime, datetime]] = {}
        for moment, key, sums, time in everything:
            if since <= moment < until:
                total = wanted[(hour_of(moment), *key)]
                wanted[(hour_of(moment), *key)] = [a + b for a, b in zip(total, sums, strict=True)]
                first, last = moments.get((hour_of(moment), *key), (moment, moment))
                moments[(hour_of(moment), *key)] = (min(first, moment), max(last, moment))
                if time is not None:
                    times[(hour_of(moment), *key[:-1], scale[time])] += 1
        rows_found = pieces(connection, "traffic_pieces", period)
        assert traffic(rows_found) == wanted
        assert first_and_last(rows_found) == moments
        found: Counter[Key] = Counter()
        for row in pieces(connection, "latency_pieces", period):
            found[(*identity(row), row["latency_ms"])] += row["requests"]
        assert found == times


def identity(row: Row) -> Key:
    return tuple(row[name] for name in ("hour", "service_type", "service_name", "method", "endpoint"))


def traffic(rows: list[Row]) -> dict[Key, list[int]]:
    found: defaultdict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for row in rows:
        key = (*identity(row), row["reason"])
        found[key] = [total + row[name] for total, name in zip(found[key], SUMS, strict=True)]
    return found


def first_and_last(rows: list[Row]) -> dict[Key, tuple[datetime, datetime]]:
    assert len({(*identity(row), row["reason"]) for row in rows}) == len(rows)
    return {(*identity(row), row["reason"]): (row["first_at"], row["last_at"]) for row in rows}


def test_an_api_that_was_called_in_an_hour_is_not_known_by_its_checks_in_a_part_of_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    checks = [check("shop", at(hours), service_type="api") for hours in (0.6, 1.4)]
    insert(connection, checks, [call("shop", at(0.1)), call("shop", at(1.9))])
    finish(connection, at(1))
    assert pieces(connection, "traffic_pieces", coverage(connection, at(0.5), at(0.7))) == []
    assert pieces(connection, "traffic_pieces", coverage(connection, at(0.5), at(1.5))) == []
    (row,) = pieces(connection, "traffic_pieces", coverage(connection, at(0.5), at(1.95)))
    assert row["requests"] == 1
    roll_up(connection, at(1), at(2))
    finish(connection, at(2))
    (row,) = pieces(connection, "traffic_pieces", coverage(connection, at(0.5), at(2)))
    assert (row["hour"], row["requests"]) == (at(1), 1)


def test_traffic_belongs_to_the_service_that_is_checked(connection: duckdb.DuckDBPyConnection) -> None:
    configure(connection, "old shop", service_type="api", traffic_name="shop", enabled=False)
    configure(connection, "the shop", service_type="api", traffic_name="shop")
    configure(connection, "zoo", service_type="api", traffic_name="shop")
    insert(connection, calls=[call("shop", at(0.1))])
    (row,) = pieces(connection, "traffic_pieces", coverage(connection, at(0), at(1)))
    assert row["service_name"] == "the shop"
