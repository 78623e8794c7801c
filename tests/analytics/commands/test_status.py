"""`status`: what is healthy, what its exit code says, and that it fits the screen."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from analytics.db import Location, transact
from analytics.ids import uuid7
from collector.store import insert_rows
from tests.analytics.checks_by_hand import CHAT, REDIS, SHOP, service, write
from tests.analytics.commands.saying import MINUTE, NOW, SECOND, Say, stand


def test_all_healthy_is_0(location: Location, say: Say) -> None:
    said = say("status", db=stand(location, {SHOP: "healthy", CHAT: "healthy"}))
    assert said.code == 0
    assert said.lines[0].startswith("Health score 100.00 % · last check 10 s ago")
    assert said.lines[1] == "The collector is running, heartbeat 5 s ago."
    assert said.err == ""


@pytest.mark.parametrize("status", ["degraded", "down", "unknown"])
def test_anything_else_is_1_and_says_why(location: Location, say: Say, status: str) -> None:
    said = say("status", db=stand(location, {SHOP: status, CHAT: "healthy"}, message="who knows"))
    assert said.code == 1
    assert any(line.split()[1:3] == [status, "shopify"] for line in said.lines)
    assert any(f"{status} for " in line and "who knows" in line for line in said.lines)


def test_unknown_can_be_ignored(location: Location, say: Say) -> None:
    path = stand(location, {SHOP: "unknown", CHAT: "healthy"})
    assert say("status", "--ignore-unknown", db=path).code == 0
    assert say("status", db=path).code == 1


@pytest.mark.parametrize(
    ("statuses", "age", "running"),
    [
        ({SHOP: "healthy", CHAT: "healthy"}, timedelta(hours=1), True),
        ({SHOP: "healthy", CHAT: "healthy"}, 10 * SECOND, False),
        ({SHOP: None, CHAT: "healthy"}, 10 * SECOND, True),
        ({SHOP: "down", CHAT: "healthy"}, 10 * SECOND, True),
        ({}, 10 * SECOND, True),
    ],
    ids=["stale", "no collector", "never checked", "down", "nothing monitored"],
)
def test_what_nobody_looks_at_is_not_healthy(
    location: Location, say: Say, statuses: dict, age: timedelta, running: bool
) -> None:
    path = stand(location, statuses, age, running)
    assert say("status", "--ignore-unknown", db=path).code == 1
    assert say("status", "--json", db=path).document["healthy"] is False


def test_an_empty_database_is_not_healthy(location: Location, say: Say) -> None:
    said = say("status", db=location)
    assert said.code == 1
    assert "The collector has never run" in said.out
    assert "Nothing is monitored yet" in said.out


def test_the_worst_of_a_group_is_first(location: Location, say: Say) -> None:
    keys = [type(SHOP)(SHOP.service_type, name) for name in "abcd"]
    statuses = dict(zip(keys, ["healthy", "unknown", "down", "degraded"], strict=True))
    said = say("status", db=stand(location, statuses))
    shown = [line.split()[2] for line in said.lines if line.startswith((" ●", " ✖", " ▲", " ?"))]
    assert shown == ["c", "d", "b", "a"]
    assert "1/4 healthy" in said.out


@pytest.mark.parametrize(
    ("age", "reason", "shown"),
    [
        (302 * SECOND, "collector_offline", "not checked for 5 min"),
        (20 * MINUTE, "no_data", "not checked lately"),
    ],
)
def test_a_stale_check_says_so_and_not_what_it_said(
    location: Location, say: Say, age: timedelta, reason: str, shown: str
) -> None:
    path = stand(location, {SHOP: "down"}, age)
    row = say("status", "--json", db=path).document["services"][0]
    assert (row["status"], row["reason"], row["stale"], row["since"]) == (
        "unknown",
        reason,
        True,
        None,
    )
    assert shown in say("status", db=path).out


def test_an_incident_says_who_is_on_it(location: Location, say: Say) -> None:
    path = stand(location, {SHOP: "down", REDIS: "down"})
    row = {
        "id": uuid7(),
        "service_type": "api",
        "service_name": "shopify",
        "severity": "critical",
        "title": "Shopify API down",
        "description": "no answer",
        "status": "open",
        "rule": "service_down",
        "reason": "timeout",
        "began_at": NOW - 5 * MINUTE,
        "created_at": NOW - 4 * MINUTE,
        "relapses": 0,
    }
    known = {**row, "id": uuid7(), "service_type": "infrastructure", "service_name": "redis"}
    known |= {"status": "investigating", "acknowledged_at": NOW - 3 * MINUTE, "acknowledged_by": "Mara"}
    transact(location, lambda connection: insert_rows(connection, "integration_incidents", [row, known]))
    out = say("status", db=path, width=120).out
    assert f"critical incident {str(row['id'])[:13]}: nobody is on it yet; Shopify API down" in out
    assert "Mara is on it" in out


@pytest.mark.parametrize("width", [80, 100, 120])
def test_sixteen_services_fit_the_screen(demo: Path, say: Say, width: int) -> None:
    said = say("status", db=demo, width=width)
    assert len(said.lines) <= 40
    assert max(cell_len(line) for line in said.lines) <= width
    names = [line.split()[2] for line in said.lines if line.startswith((" ●", " ✖", " ▲", " ?"))]
    assert len(names) == 16
    assert not any("…" in name for name in names)


def test_the_days_of_a_service_are_thirty_cells(demo: Path, say: Say) -> None:
    said = say("status", db=demo)
    bars = [line.split()[-1] for line in said.lines if line.startswith(" ●")]
    assert {len(bar) for bar in bars} == {30}
    assert {bar[:27] for bar in bars} == {"·" * 27}
    row = say("status", "--json", db=demo).document["services"][0]
    assert len(row["days"]) == 30
    assert row["days"][0] == {"down": None, "degraded": None}


def test_the_document_has_times_and_numbers(demo: Path, say: Say) -> None:
    document = say("status", "--json", db=demo).document
    assert document["at"] == "2026-11-24T12:00:00.000000Z"
    assert len(document["services"]) == 16
    for row in document["services"]:
        assert row["last_check"].endswith("Z")
        assert isinstance(row["uptime_30d_percent"], float)
        assert isinstance(row["response_time_ms"], int | float)


def test_watching_is_for_terminals(location: Location, say: Say) -> None:
    write(location, [service(SHOP)], [])
    said = say("status", "--watch", db=location)
    assert said.code == 2
    assert said.err.startswith("--watch is for a terminal")
    assert say("status", "--watch", "0", db=location).code == 2
