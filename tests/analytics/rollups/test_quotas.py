"""What was told of quotas, by hour, against what is read row by row, wherever periods end."""

import random
from datetime import datetime
from typing import Any

import duckdb

from analytics.coverage import coverage, hour_of
from analytics.rollups import roll_up
from tests.analytics.rollups.stage import Row, at, call, configure, finish, insert, pieces

HOURS = 5
#: The services of two names that calls come under.
NAMES = {"shop-api": "shop", "stranger": "stranger"}


def random_call(chance: random.Random) -> Row:
    return call(
        chance.choice(list(NAMES)),
        at(chance.uniform(0, HOURS)),
        origin=chance.choice(["web", None]),
        quota_name=chance.choice(["requests", None]),
        quota_used=chance.choice([None, chance.uniform(0, 90)]),
        quota_limit=chance.choice([None, 0.0, 40.0, 80.0]),
        quota_reset_at=chance.choice([None, at(9)]),
        status_code=chance.choice([200, 429]),
    )


def by_hand(rows: list[Row], since: datetime, until: datetime) -> dict[tuple[Any, ...], Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: row["timestamp"]):
        if since <= row["timestamp"] < until and row["quota_used"] is not None and row["quota_limit"]:
            name = NAMES[row["api_name"]]
            key = (hour_of(row["timestamp"]), name, row["origin"], row["quota_name"])
            percent = 100.0 * row["quota_used"] / row["quota_limit"]
            found[key] = {
                "used": row["quota_used"],
                "quota_limit": row["quota_limit"],
                "resets_at": row["quota_reset_at"],
                "used_percent": max(percent, found[key]["used_percent"] if key in found else 0),
                "told_at": row["timestamp"],
            }
    return found


def test_each_hour_keeps_its_newest_reading_and_its_fullest(connection: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(4)
    rows = [random_call(chance) for _ in range(600)]
    configure(connection, "shop", service_type="api", traffic_name="shop-api")
    insert(connection, calls=rows)
    roll_up(connection, at(), at(HOURS))
    for _ in range(6):
        since = at(chance.uniform(-0.5, HOURS))
        until = since + chance.choice([0.2, 1, 3]) * (at(chance.uniform(0, 1)) - at())
        finish(connection, at(chance.randrange(HOURS + 1)))
        found = {}
        for row in pieces(connection, "quota_pieces", coverage(connection, since, until)):
            key = tuple(row.pop(name) for name in ("hour", "service_name", "client", "quota"))
            assert key not in found
            found[key] = row
        assert found == by_hand(rows, since, until)


def test_without_a_quota_there_is_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    insert(connection, calls=[call("shop", at(0.5))])
    roll_up(connection, at(), at(1))
    assert connection.execute("SELECT count(*) FROM quota_hours").fetchone() == (0,)
