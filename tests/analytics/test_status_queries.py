"""The status of services over time and now, against what is worked out by hand from the same rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey
from analytics.rollups import delete_raw
from analytics.standing_queries import standing, standings
from analytics.status_queries import status_hours, status_timeline, step_edges
from collector.store import insert_rows
from tests.analytics.checks_by_hand import (
    CHAT,
    GONE,
    NOON,
    REDIS,
    RUN,
    SHOP,
    Held,
    Row,
    at,
    check,
    held,
    roll_up_until,
    service,
    some_checks,
    write,
)
from tests.empty_database import empty_database

SERVICES = [service(SHOP), service(GONE, enabled=False), service(CHAT), service(REDIS)]
PERIOD = (at(hours=3, minutes=17), at(hours=9, minutes=41))
STATUSES = ("healthy", "degraded", "down", "unknown")


@dataclass
class History:
    """A file, and what its checks said."""

    location: Location
    held: list[Held]


@pytest.fixture(scope="module", params=[None, at(hours=9)], ids=["single rows", "rollups"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Eleven hours of three services."""
    random_ = random.Random(2)
    checks = [row for key in (SHOP, CHAT, GONE) for row in some_checks(random_, key, NOON, at(hours=11))]
    location = empty_database(tmp_path_factory.mktemp("statuses"))
    write(location, SERVICES, checks)
    if request.param is not None:
        roll_up_until(location, request.param)
    return History(location, held(checks, []))


def joined(
    found: Sequence[Held], since: datetime, until: datetime
) -> list[tuple[str, str, datetime, datetime]]:
    """The stretches of one service: status, reason, begin and end."""
    stretches: list[tuple[str, str, datetime, datetime]] = []
    for one in found:
        begun, ended = max(one.begun, since), min(one.ended, until)
        if begun >= ended:
            continue
        last = stretches[-1] if stretches else None
        if last is not None and last[:2] == (one.status, one.reason) and begun <= last[3]:
            stretches[-1] = (*last[:3], ended)
        else:
            stretches.append((one.status, one.reason, begun, ended))
    return stretches


def read_timeline(location: Location, *period: datetime, **chosen: Any) -> dict[str, list[Any]]:
    with read_only(location) as connection:
        frame = status_timeline(connection, *period, **chosen)
    found: dict[str, list[Any]] = {}
    for row in frame.to_dict("records"):
        begun, ended = row["begun"].to_pydatetime(), row["ended"].to_pydatetime()
        assert row["seconds"] == pytest.approx((ended - begun).total_seconds(), abs=1e-5)
        found.setdefault(row["service_name"], []).append((row["status"], row["reason"], begun, ended))
    return found


def test_the_stretches_are_joined_over_hours_and_cut_at_both_ends(history: History) -> None:
    found = read_timeline(history.location, *PERIOD)
    assert list(found) == ["shopify", "chatwoot", "gone"], "in configured order, the old one last"
    for key in (SHOP, CHAT, GONE):
        own = [one for one in history.held if one.service == key]
        assert found[key.service_name] == joined(own, *PERIOD)
    across = [begun for *_, begun, ended in found["shopify"] if begun.hour != ended.hour]
    assert across, "at least one goes on over a full hour"


def test_stretches_of_the_chosen_services(history: History) -> None:
    assert list(read_timeline(history.location, *PERIOD, services=[CHAT])) == ["chatwoot"]


def test_a_period_is_cut_where_single_rows_are_gone(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    checks = [check(SHOP, at(minutes=minute)) for minute in range(0, 24 * 60, 4)]
    write(location, SERVICES, checks)
    roll_up_until(location, at(hours=23))
    transact(location, lambda connection: delete_raw(connection, at(hours=20)))
    period = at(hours=1, minutes=10), at(hours=2, minutes=20)
    assert read_timeline(location, *period)["shopify"] == [("healthy", "ok", *period)]
    with read_only(location) as connection:
        hours = status_hours(connection, *period, timedelta(hours=1), [SHOP])
    assert hours["healthy_seconds"].tolist() == [3600, 600]
    assert hours["gap_seconds"].tolist() == [0, 0]


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=3), timedelta(days=1)])
def test_the_seconds_of_each_step(history: History, step: timedelta) -> None:
    with read_only(history.location) as connection:
        rows = status_hours(connection, *PERIOD, step).to_dict("records")
    edges = [PERIOD[0]]
    while edges[-1] < PERIOD[1]:
        edges.append(min(edges[-1] + step, PERIOD[1]))
    keys = (SHOP, CHAT, REDIS, GONE)
    steps = [(key, *ends) for key in keys for ends in pairwise(edges)]
    assert [(row["service_name"], row["begun"], row["ended"]) for row in rows] == [
        (key.service_name, *ends) for key, *ends in steps
    ]
    for row, (key, begun, ended) in zip(rows, steps, strict=True):
        own = [one for one in history.held if one.service == key]
        seconds = {
            status: sum(one.seconds(begun, ended) for one in own if one.status == status)
            for status in STATUSES
        }
        gap = (ended - begun).total_seconds() - sum(seconds.values())
        expected = [*(seconds[status] for status in STATUSES), gap]
        assert [row[f"{name}_seconds"] for name in (*STATUSES, "gap")] == pytest.approx(expected, abs=1e-3)
        good, down = seconds["healthy"] + seconds["degraded"], seconds["down"]
        uptime = 100 * good / (good + down) if good + down else float("nan")
        assert row["uptime_percent"] == pytest.approx(uptime, nan_ok=True)


def test_days_begin_at_the_same_time_of_the_clock() -> None:
    # The clocks of Berlin go back on 2026-10-25.
    begun = datetime(2026, 10, 23, 22, tzinfo=UTC)
    edges = step_edges(begun, begun + timedelta(days=3), timedelta(days=1), "Europe/Berlin")
    assert [edge.isoformat() for edge in edges] == [
        "2026-10-23T22:00:00+00:00",
        "2026-10-24T22:00:00+00:00",
        "2026-10-25T23:00:00+00:00",
        "2026-10-26T22:00:00+00:00",
    ]
    assert step_edges(begun, begun, timedelta(days=1)) == [begun]


@pytest.mark.parametrize(
    ("step", "timezone", "said"),
    [
        (timedelta(minutes=30), "UTC", "whole hours or days"),
        (timedelta(minutes=90), "UTC", "whole hours or days"),
        (timedelta(0), "UTC", "whole hours or days"),
        (timedelta(days=1), "Berlin", "a name like Europe/Berlin"),
        (timedelta(days=1), "../../etc/passwd", "a name like Europe/Berlin"),
    ],
)
def test_steps_that_cannot_be(step: timedelta, timezone: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        step_edges(NOON, at(hours=5), step, timezone)


def incident(key: ServiceKey, created: datetime, **said: Any) -> Row:
    row = {"id": uuid7(), "service_type": key.service_type.value, "service_name": key.service_name}
    words = {"severity": "critical", "title": "down", "status": "open", "created_at": created}
    return {**row, **words, "began_at": created - timedelta(minutes=1), **said}


def heartbeat(moment: datetime) -> Row:
    words = {"part": 1, "complete": True, "collector": "here", "version": "1", "interval_seconds": 60}
    counts = {"services": 3, "checks": 3, "failures": 0}
    return {"id": RUN, "cycle_id": RUN, "started_at": moment, "finished_at": moment, **words, **counts}


def add(location: Location, **tables: list[Row]) -> None:
    def work(connection: Any) -> None:
        for table, rows in tables.items():
            insert_rows(connection, table, rows)

    transact(location, work)


def test_how_services_stand(any_database: Location) -> None:
    now = at(hours=3)
    states = {SHOP: [(0, "healthy"), (130, "down"), (170, "down"), (180, "down")], CHAT: [(0, "healthy")]}
    checks = [
        check(key, at(minutes=minute), status, message=f"at {minute}", success_rate=99.5, response_time_ms=7)
        for key, changes in states.items()
        for minute in range(181)
        for status in [[name for since, name in changes if since <= minute][-1]]
        # Nobody looked at the one for a while, and not at the other lately.
        if not (key == SHOP and 140 < minute < 150) and not (key == CHAT and minute > 100)
    ]
    write(any_database, SERVICES, checks)
    acknowledged = {"acknowledged_at": at(hours=2, minutes=50), "acknowledged_by": "ada"}
    incidents = [
        incident(SHOP, at(hours=1), resolved_at=at(hours=2)),
        incident(SHOP, at(hours=2), severity="info"),
        incident(SHOP, at(hours=2, minutes=30), title="Shop down", **acknowledged),
        incident(SHOP, at(hours=4)),
        incident(CHAT, at(hours=2), acknowledged_at=at(hours=4), acknowledged_by="bob"),
    ]
    add(any_database, integration_incidents=incidents, collector_runs=[heartbeat(now)])
    with read_only(any_database) as connection:
        shop, chat, redis = standing(connection, now).to_dict("records")
        later = standing(connection, now + timedelta(minutes=6)).to_dict("records")[0]

    assert (shop["status"], shop["reason"], shop["message"]) == ("down", "timeout", "at 180")
    assert (shop["last_check"], shop["since"], shop["stale"]) == (now, at(minutes=150), False)
    assert (shop["success_rate"], shop["response_time_ms"]) == (99.5, 7)
    assert (shop["incident_title"], shop["incident_severity"]) == ("Shop down", "critical")
    assert (shop["incident_id"], shop["acknowledged_by"]) == (str(incidents[2]["id"]), "ada")
    assert (later["stale"], later["since"]) == (True, at(minutes=150))

    assert pd.isna(chat["status"]), "an hour ago is too long ago"
    assert chat["stale"]
    assert pd.isna(chat["acknowledged_by"]), "that is still to come"
    assert redis["stale"]
    assert pd.isna(redis["incident_id"])


def test_a_status_found_in_this_very_moment_has_held_since(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    write(location, SERVICES, [check(SHOP, NOON), check(SHOP, at(minutes=1), "down")])
    with read_only(location) as connection:
        shop = standing(connection, at(minutes=1)).to_dict("records")[0]
    assert (shop["status"], shop["since"]) == ("down", at(minutes=1))


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    with read_only(empty_database(tmp_path)) as connection:
        assert standing(connection, NOON).empty
        assert status_timeline(connection, *PERIOD).empty
        assert list(status_hours(connection, *PERIOD, timedelta(hours=1)).columns)[:4] == [
            "service_type",
            "service_name",
            "begun",
            "ended",
        ]


def test_what_was_known_before_is_taken_over_only_while_checks_go_on_with_it(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    steady = [check(CHAT, at(minutes=minute)) for minute in range(60)]
    turned = [check(SHOP, at(minutes=minute), "healthy" if minute < 57 else "down") for minute in range(60)]
    write(location, SERVICES, [*steady, *turned])
    with read_only(location) as connection:
        before = standings(standing(connection, at(minutes=55, seconds=30)))
        # What is handed in is believed: a beginning that nobody can read in the file shows who was looked up.
        told = {place: replace(known, since=at(minutes=-90)) for place, known in before.items()}
        found = standing(connection, at(minutes=59, seconds=30), told).to_dict("records")
        late = standing(connection, at(minutes=61), told).to_dict("records")

    since = {row["service_name"]: row["since"] for row in found}
    assert since[CHAT.service_name] == at(minutes=-90)
    assert since[SHOP.service_name] == at(minutes=57)
    assert {row["service_name"]: row["since"] for row in late}[CHAT.service_name] == at(minutes=-90)


def test_after_a_pause_a_status_is_not_taken_over(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    minutes = [*range(30), *range(45, 50)]
    write(location, SERVICES, [check(CHAT, at(minutes=minute)) for minute in minutes])
    with read_only(location) as connection:
        before = standings(standing(connection, at(minutes=29, seconds=30)))
        found = standing(connection, at(minutes=49, seconds=30), before).to_dict("records")
    assert {row["service_name"]: row["since"] for row in found}[CHAT.service_name] == at(minutes=45)
