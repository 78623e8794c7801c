"""Since when something is known, and that nothing is compared with a time that is known in part."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from analytics.availability_queries import availability_change
from analytics.beginnings import data_since, known_at, services_since, single_since
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.periods import Period
from analytics.trend_queries import latency_change, rates_change, trends
from collector.store import insert_rows
from tests.analytics.checks_by_hand import (
    CHAT,
    GONE,
    NOON,
    REDIS,
    SHOP,
    Row,
    at,
    check,
    roll_up_until,
    service,
    write,
)
from tests.analytics.traffic_by_hand import TOOLS
from tests.empty_database import empty_database

#: Redis is asked from the beginning, the tools from here on.
ADDED = at(hours=3, minutes=25)
UNTIL = at(hours=9)


@pytest.fixture(scope="module", params=[None, at(hours=8)], ids=["single rows", "rollups"])
def location(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Nine hours, a check every five minutes; calls of Shopify and deliveries of Chatwoot in some of them."""
    made = empty_database(tmp_path_factory.mktemp("beginnings"))
    checks = [
        check(key, moment, "healthy", response_time_ms=20, error_count=0)
        for key, since in ((REDIS, NOON), (TOOLS, ADDED))
        for moment in every_five_minutes(since)
    ]
    write(made, [service(key) for key in (REDIS, TOOLS, SHOP, CHAT)], checks)

    def traffic(connection) -> None:
        connection.execute("UPDATE services SET traffic_name = 'shop-live' WHERE service_name = 'shopify'")
        insert_rows(connection, "api_metrics", [call(at(minutes=130)), call(at(hours=8, minutes=50))])
        insert_rows(connection, "webhook_metrics", [delivery(at(hours=8, minutes=30))])

    transact(made, traffic)
    if request.param is not None:
        roll_up_until(made, request.param)
    return made


def every_five_minutes(since: datetime) -> list[datetime]:
    return [
        since + timedelta(minutes=5 * number) for number in range((UNTIL - since) // timedelta(minutes=5))
    ]


def call(moment: datetime) -> Row:
    said = {"endpoint": "/orders", "method": "GET", "status_code": 200, "response_time_ms": 10, "retries": 0}
    return {"id": uuid7(), "timestamp": moment, "api_name": "shop-live", **said}


def delivery(moment: datetime) -> Row:
    said = {"event_type": "message", "verified": True, "processed": True, "processing_time_ms": 3}
    return {"id": uuid7(), "timestamp": moment, "source": "chatwoot", **said}


def changes(connection, since: datetime, until: datetime, **chosen) -> dict[str, Row]:
    """A row a service: what all functions that compare say."""
    checked = availability_change(connection, since, until, **chosen)
    rates = rates_change(connection, since, until, **chosen)
    times = latency_change(connection, since, until, **chosen)
    found = checked.merge(rates, on=["service_type", "service_name"]).merge(
        times, on=["service_type", "service_name"], suffixes=("", "_times")
    )
    return {row["service_name"]: row for row in found.to_dict("records")}


CHANGES = ["uptime_change", "requests_change_percent", "error_change_points", "p95_change_percent"]
BEFORE = ["uptime_percent_before", "requests_before", "error_percent_before", "p95_ms_before"]


def test_a_service_that_was_added_later_did_not_grow(location: Location) -> None:
    with read_only(location) as connection:
        found = changes(connection, at(hours=6), UNTIL)
    assert [found["redis"][name] for name in CHANGES] == [0, 0, 0, 0]
    assert [found["redis"][name] for name in BEFORE] == [100, 36, 0, 20]
    assert all(pd.isna(found["tools"][name]) for name in CHANGES + BEFORE)
    assert found["tools"]["requests"] == 36


def test_where_the_whole_period_before_is_known_there_is_a_change(location: Location) -> None:
    since = ADDED + (UNTIL - ADDED) / 2
    with read_only(location) as connection:
        whole = changes(connection, since, UNTIL)["tools"]
        longer = changes(connection, since - timedelta(seconds=1), UNTIL)["tools"]
    assert whole["requests_before"] == pytest.approx(34, abs=1)
    assert not any(pd.isna(whole[name]) for name in CHANGES)
    assert all(pd.isna(longer[name]) for name in CHANGES)


def test_several_are_known_since_the_first_of_those_that_are_meant(location: Location) -> None:
    with read_only(location) as connection:
        every = trends(connection, Period("3h", at(hours=6), UNTIL), by="all").iloc[0]
        types = trends(connection, Period("3h", at(hours=6), UNTIL), by="type").set_index("service_type")
        chosen = trends(connection, Period("3h", at(hours=6), UNTIL), by="all", services=[TOOLS]).iloc[0]
        checked = availability_change(connection, at(hours=6), UNTIL, by="all", services=[TOOLS]).iloc[0]
    assert every["requests_before"] > 36
    assert types.loc["infrastructure", "requests_before"] == 36
    assert pd.isna(types.loc["mcp", "requests_before"])
    assert pd.isna(chosen["requests_change_percent"])
    assert pd.isna(checked["uptime_change"])


@pytest.mark.parametrize(
    ("moment", "checked", "asked"),
    [
        (NOON - timedelta(seconds=1), [], []),
        (NOON, ["redis"], ["redis"]),
        (ADDED, ["redis", "tools"], ["redis", "shopify", "tools"]),
        (at(hours=8, minutes=30), ["redis", "tools"], ["chatwoot", "redis", "shopify", "tools"]),
    ],
)
def test_what_is_known_at_a_moment(
    location: Location, moment: datetime, checked: list[str], asked: list[str]
) -> None:
    keys = [(key.service_type.value, key.service_name) for key in (CHAT, REDIS, SHOP, TOOLS)]
    with read_only(location) as connection:
        found = [known_at(connection, of, moment, keys) for of in ("checks", "traffic")]
        nothing = known_at(connection, "checks", moment, [])
    names = [[name for (_, name), known in zip(keys, one, strict=True) if known] for one in found]
    assert names == [checked, asked]
    assert nothing == []


def test_the_first_of_all(location: Location) -> None:
    with read_only(location) as connection:
        assert data_since(connection) == NOON
        assert single_since(connection) == NOON


def test_the_first_of_each_service(location: Location) -> None:
    with read_only(location) as connection:
        found = services_since(connection, [REDIS, TOOLS, SHOP, CHAT, GONE])
    assert found == {
        REDIS: NOON,
        TOOLS: ADDED,
        SHOP: at(minutes=130),
        CHAT: at(hours=8, minutes=30),
    }


def test_of_an_empty_database_nothing_is_known(any_database: Location) -> None:
    with read_only(any_database) as connection:
        assert (data_since(connection), single_since(connection)) == (None, None)
        assert services_since(connection, [SHOP]) == {}
        assert known_at(connection, "traffic", NOON, [(None, None)]) == [False]
