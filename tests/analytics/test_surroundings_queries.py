"""What surrounds one service: vendors, announced work, mutes, and what depends on what."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from analytics import surroundings_queries as queries
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from collector.store import insert_rows
from tests.analytics.checks_by_hand import CHAT, REDIS, SHOP, Row, at, maintenance, service, write

NOW = at(hours=6)


def add(location: Location, **tables: list[Row]) -> None:
    def work(connection: Any) -> None:
        for table, rows in tables.items():
            insert_rows(connection, table, rows)

    transact(location, work)


def report(name: str, started_at: datetime, resolved_at: datetime | None, *services: str) -> Row:
    """An incident of the vendor of `services`."""
    return {
        "vendor": "shopify",
        "vendor_id": name,
        "name": name,
        "impact": "major",
        "state": "identified",
        "started_at": started_at,
        "updated_at": started_at,
        "resolved_at": resolved_at,
        "url": "https://status.example/1",
        "components": [],
        "services": list(services),
    }


def test_what_goes_on_at_a_vendor_stands_first(any_database: Location) -> None:
    both = ("api/shopify", "webhook/shopify")
    add(
        any_database,
        vendor_incidents=[
            report("old", at(hours=-9), at(hours=-8), *both),
            report("over", at(hours=3), at(hours=4), *both),
            report("going on", at(hours=1), None, "api/shopify"),
            report("of others", at(hours=2), None, "api/shopify-plus"),
        ],
        vendor_feeds=[
            {
                "vendor": "shopify",
                "url": "https://x",
                "services": list(both),
                "checked_at": NOW,
                "read_at": NOW,
            },
            {"vendor": "fly", "url": "https://y", "services": [], "checked_at": NOW},
        ],
    )
    with read_only(any_database) as connection:
        reports = queries.vendor_reports(connection, at(), SHOP)
        feeds = queries.vendor_feeds(connection, SHOP)
    assert reports["name"].tolist() == ["going on", "over"]
    assert reports["resolved_at"].isna().tolist() == [True, False]
    assert feeds["vendor"].tolist() == ["shopify"]


def test_work_is_that_of_the_service_in_the_period(any_database: Location) -> None:
    rows = [
        maintenance(SHOP, at(hours=1), at(hours=2)),
        maintenance(SHOP, at(hours=5), at(hours=7)),
        maintenance(SHOP, at(hours=-2), at()),
        maintenance(CHAT, at(hours=1), at(hours=2)),
    ]
    add(any_database, maintenance=rows)
    with read_only(any_database) as connection:
        found = queries.maintenance(connection, at(), NOW, SHOP)
    assert found["starts_at"].tolist() == [at(hours=5), at(hours=1)]


def test_mutes_are_those_that_hold_for_the_service(any_database: Location) -> None:
    def mute(until: datetime, service: str | None, rule: str | None = None, **said: Any) -> Row:
        place = {"service_type": "api", "service_name": service} if service else {}
        made = {"created_at": at(), "author": "Ann"}
        return {"id": uuid7(), "until": until, "rule": rule, **place, **made, **said}

    rows = [
        mute(at(hours=7), "shopify", "service_down", note="known"),
        mute(at(hours=8), None),
        mute(at(hours=9), "openai"),
        mute(NOW, "shopify"),
        mute(at(hours=9), "shopify", created_at=at(hours=7)),
    ]
    add(any_database, mutes=rows)
    with read_only(any_database) as connection:
        found = queries.mutes(connection, NOW, SHOP)
    assert found["until"].tolist() == [at(hours=8), at(hours=7)]
    assert found["note"].tolist() == ["", "known"]


def test_dependencies_are_known_both_ways(any_database: Location) -> None:
    services = [
        replace(service(SHOP), depends_on=(REDIS,)),
        replace(service(CHAT), depends_on=(REDIS, SHOP)),
        service(REDIS),
    ]
    write(any_database, services, [])
    with read_only(any_database) as connection:
        found = {key: queries.dependencies(connection, key) for key in (SHOP, CHAT, REDIS)}
    assert found[SHOP] == ((REDIS,), (CHAT,))
    assert found[CHAT] == ((SHOP, REDIS), ())
    assert found[REDIS] == ((), (SHOP, CHAT))
