"""`trends` and `slo`: the figures of the query functions, as they are."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from analytics.commands.documents import records
from analytics.db import Location, locate, read_only, transact
from analytics.periods import parse_period
from analytics.slo_queries import slo
from analytics.trend_queries import trends
from tests.analytics.checks_by_hand import REDIS, SHOP, check, service, write
from tests.analytics.commands.saying import NOW, Say


def test_trends_are_those_of_the_queries_in_configured_order(demo: Path, say: Say) -> None:
    document = say("trends", "24h", "--json", db=demo).document
    with read_only(locate(demo)) as connection:
        expected = records(trends(connection, parse_period("24h", NOW)))
    found = {(row["service_type"], row["service_name"]): row for row in document["rows"]}
    assert len(found) == 16
    for row in expected:
        shown = found[row["service_type"], row["service_name"]]
        assert {name: shown[name] for name in row} == row
        assert 90 < shown["uptime_percent"] <= 100
    assert [row["service_type"] for row in document["rows"]][:8] == ["mcp"] * 7 + ["api"]
    assert document["before"]["until"] == document["period"]["since"] == "2026-11-23T12:00:00.000000Z"


@pytest.mark.parametrize(("by", "rows"), [("type", 4), ("all", 1)])
def test_trends_by_other_things(demo: Path, say: Say, by: str, rows: int) -> None:
    document = say("trends", "--by", by, "--json", db=demo).document
    assert len(document["rows"]) == rows
    assert all(row["uptime_percent"] > 90 and row["requests"] > 0 for row in document["rows"])


def test_endpoints_have_no_uptime(demo: Path, say: Say) -> None:
    said = say("trends", "--by", "endpoint", "--service", "api/openai", db=demo, width=120)
    assert "Uptime" not in said.out
    assert "openai POST /v1/" in said.out
    assert "shopify" not in said.out


def test_paths_of_endpoints_have_the_room_before_more_figures(demo: Path, say: Say) -> None:
    words = ["trends", "--by", "endpoint", "--service", "api/chatwoot"]
    path = "/api/v1/accounts/{account}/conversations/{conversation}/messages"
    for width, whole in ((80, False), (120, True), (160, True)):
        said = say(*words, db=demo, width=width)
        assert (path in said.out, "P95 by time" in said.out) == (whole, width == 160)
        assert all(name in said.lines[1] for name in ("Requests", "Errors %", "P95 ms"))
        assert max(cell_len(line) for line in said.lines) <= width
    narrow = say(*words, db=demo, width=50).out
    assert "chatwoot GET /api/v1/" in narrow, "half of the width is for names"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("words", [["trends"], ["slo"]])
def test_tables_fit(demo: Path, say: Say, width: int, words: list[str]) -> None:
    said = say(*words, db=demo, width=width)
    assert said.code == 0
    assert max(cell_len(line) for line in said.lines) <= width
    assert sum("shopify" in line for line in said.lines) == 3


@pytest.mark.parametrize("width", [40, 60, 80])
def test_names_are_whole_on_any_terminal(demo: Path, say: Say, width: int) -> None:
    names = {
        f"{row['service_type']}/{row['service_name']}"
        for row in say("trends", "--json", db=demo).document["rows"]
    }
    said = say("trends", db=demo, width=width)
    assert names <= {line.split()[0] for line in said.lines if line}
    assert "Uptime %" in said.out
    assert max(cell_len(line) for line in said.lines) <= width


def test_who_is_not_monitored_any_more_has_no_objective(location: Location, say: Say) -> None:
    write(location, [service(REDIS, enabled=False)], [check(REDIS, NOW, "healthy")])
    said = say("slo", "--service", "infrastructure/redis", db=location)
    assert said.code == 0
    assert "infrastructure/redis is not monitored" in said.out
    assert "Nothing is monitored yet" not in said.out
    assert "Nothing is monitored yet" in say("slo", db=location).out


def test_every_figure_is_there_where_there_is_room(demo: Path, say: Say) -> None:
    heading = say("trends", db=demo, width=140).lines[1]
    for name in ("Uptime %", "Requests", "Errors %", "Retries %", "P50 ms", "P95 ms", "P99 ms"):
        assert name in heading


def test_slo_is_that_of_the_query(demo: Path, say: Say) -> None:
    document = say("slo", "--json", db=demo).document
    with read_only(locate(demo)) as connection:
        expected = records(slo(connection, NOW))
    assert len(document["services"]) == 16
    for shown, row in zip(document["services"], expected, strict=True):
        assert shown["burn_3d"] == row["burn_3d"]
        assert shown["budget_left_percent"] == row["budget_left_percent"]


def test_slo_of_other_days(demo: Path, say: Say) -> None:
    document = say("slo", "--days", "7", "--json", db=demo).document
    with read_only(locate(demo)) as connection:
        expected = records(slo(connection, NOW, period=timedelta(days=7)))
    assert document["days"] == 7
    assert [row["known_checks"] for row in document["services"]] == [row["known_checks"] for row in expected]
    said = say("slo", "--days", "7", db=demo)
    assert said.lines[0] == "Objectives of the last 7 days"
    assert re.search(r"Burn 1h +6h +3d", said.lines[2])
    assert re.search(r"Burn 1h +Burn 6h +Burn 3d", say("slo", db=demo, width=120).lines[2])


def test_used_up_budgets_say_so(demo: Path, say: Say) -> None:
    left = {
        f"{row['service_type']}/{row['service_name']}": row["budget_left_percent"]
        for row in say("slo", "--json", db=demo).document["services"]
    }
    gone = {name for name, percent in left.items() if percent <= 0}
    assert 0 < len(gone) < 16
    shown = {line.split()[0] for line in say("slo", db=demo, width=120).lines if "used up" in line}
    assert shown == gone


@pytest.mark.parametrize("words", [["trends"], ["slo"], ["incidents"], ["replay", "--since", "1d"]])
def test_an_empty_database_has_nothing_to_tell(location: Location, say: Say, words: list[str]) -> None:
    said = say(*words, db=location)
    assert (said.code, said.err) == (0, "")
    assert said.out
    assert say(*words, "--json", db=location).document["at"] == "2026-11-24T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["trends", "7x"], "period '7x' is not understood; write a length such as \"90m\""),
        (["slo", "--service", "shopify"], '"shopify" names no service; write TYPE/NAME'),
        (["slo", "--service", "api/shopfy"], "did you mean api/shopify?"),
    ],
)
def test_faults_are_one_clear_line(demo: Path, say: Say, words: list[str], fault: str) -> None:
    said = say(*words, db=demo)
    assert (said.code, said.out) == (2, "")
    assert fault in said.err
    assert said.err.count("\n") == 1


@pytest.fixture
def young(location: Location) -> Location:
    """A service with an objective of 100 %, looked at for ten hours; at 11:10 it was down."""
    rows = [
        check(REDIS, NOW - timedelta(minutes=minute), "down" if minute == 50 else "healthy", error_count=0)
        for minute in range(10, 601, 10)
    ]
    write(location, [service(REDIS)], rows)
    transact(location, lambda connection: connection.execute("UPDATE services SET objective = 100.0"))
    return location


def test_what_is_known_in_part_is_no_change(young: Location, say: Say) -> None:
    said, document = say("trends", "6h", db=young), say("trends", "6h", "--json", db=young).document
    (row,) = document["rows"]
    assert (row["requests"], row["requests_before"], row["requests_change_percent"]) == (36, None, None)
    assert (row["uptime_percent_before"], row["uptime_change"]) == (None, None)
    line = next(line for line in said.lines if "redis" in line)
    assert re.search(r"97\.22 – +36 – ", line)
    assert "▲" not in said.out
    assert "data begin" not in said.out, "those that were asked for are all there"
    whole = say("trends", "5h", db=young)
    assert re.search(r"96\.66 ▼3\.33 +30  ", next(line for line in whole.lines if "redis" in line))


@pytest.mark.parametrize("words", [["trends", "30d"], ["slo"]])
def test_it_is_said_since_when_there_are_data(young: Location, say: Say, words: list[str]) -> None:
    said = say(*words, db=young)
    assert said.lines[1] == "data begin at 2026-11-24 02:00 UTC, nothing is known of the time before"
    assert say(*words, "--json", db=young).document["data_since"] == "2026-11-24T02:00:00.000000Z"


def test_who_has_no_figure_is_told_since_when_there_are_any(young: Location, say: Say) -> None:
    write(young, [service(REDIS), service(SHOP)], [])
    both = ["--service", "infrastructure/redis", "--service", "api/shopify"]
    never = "api/shopify: nothing was ever asked of it, and it was never checked"
    assert never in say("trends", *both, db=young, width=120).lines
    assert "nothing is known of this time" not in say("trends", *both, db=young).out
    before = say("trends", "2026-11-20/2026-11-21", *both, db=young, width=120).lines
    assert before[2:4] == [
        "infrastructure/redis: nothing is known of this time, data begin at 2026-11-24 02:00 UTC",
        never,
    ]
    together = say("trends", "6h", "--by", "all", *both, db=young)
    assert never not in together.out
    assert never in say("trends", "2026-11-20/2026-11-21", "--by", "all", *both, db=young, width=120).lines


def test_without_any_budget_a_bad_check_burns_infinitely_fast(young: Location, say: Say) -> None:
    (row,) = say("slo", "--json", db=young).document["services"]
    assert (row["burn_1h"], row["burn_6h"], row["budget_left_percent"]) == (
        "Infinity",
        "Infinity",
        "-Infinity",
    )
    assert say("slo", db=young).out.count("∞") >= 2
