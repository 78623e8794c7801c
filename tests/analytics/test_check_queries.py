"""The single checks of one service: the newest ones, their phases, and the tools of an MCP server."""

from datetime import timedelta

import pytest

from analytics import check_queries
from analytics.db import Location, read_only
from analytics.model import ServiceKey, ServiceType, Status
from tests.analytics.checks_by_hand import CHAT, MINUTE, SHOP, Row, at, check, service, write

TOOLS = ServiceKey(ServiceType.MCP, "tools")
SINCE, UNTIL = at(), at(hours=1)


def fill(location: Location, *rows: Row) -> None:
    write(location, [service(key) for key in (SHOP, CHAT, TOOLS)], rows)


def test_the_newest_attempts_come_first_page_by_page(any_database: Location) -> None:
    down = [check(SHOP, at(minutes=10 * number), "down", reason="timeout") for number in (1, 2)]
    good = [check(SHOP, at(minutes=number), details={"n": number}) for number in (5, 15, 25)]
    outside = [check(SHOP, SINCE - MINUTE), check(SHOP, UNTIL), check(CHAT, at(minutes=30), "down")]
    fill(any_database, *down, *good, *outside)
    with read_only(any_database) as connection:
        bounds = (connection, SINCE, UNTIL, SHOP)
        first = check_queries.service_checks(*bounds, count=2)
        second = check_queries.service_checks(*bounds, count=2, skipped=2)
        failed = check_queries.service_checks(*bounds, status=Status.DOWN)
        counts = check_queries.service_check_counts(*bounds)
    assert first["timestamp"].tolist() == [at(minutes=25), at(minutes=20)]
    assert first["details"].iloc[0] == '{"n":25}', "as it was stored"
    assert second["timestamp"].tolist() == [at(minutes=15), at(minutes=10)]
    assert failed["reason"].tolist() == ["timeout", "timeout"]
    assert counts == {Status.DOWN: 2, Status.HEALTHY: 3}


def test_the_phases_of_a_step_add_up_to_its_mean_check(any_database: Location) -> None:
    fill(
        any_database,
        check(SHOP, at(minutes=1), details={"steps_ms": {"connect": 10, "transfer": 30}}),
        check(SHOP, at(minutes=2), details={"steps_ms": {"connect": 20}}),
        check(SHOP, at(minutes=3), "down", details={"steps_ms": {"connect": 9000}}),
        check(SHOP, at(minutes=4), details={"other": 1}),
        check(SHOP, at(minutes=7), details={"steps_ms": {"connect": 5}}),
    )
    with read_only(any_database) as connection:
        found = check_queries.service_phases(connection, SINCE, UNTIL, SHOP, 5 * MINUTE, MINUTE)
    rows = list(found.itertuples(index=False, name=None))
    assert rows == [
        (at(), "connect", 15.0, 2),
        (at(), "transfer", 15.0, 2),
        (at(minutes=5), "connect", 5.0, 1),
    ]


def test_of_a_long_period_only_some_checks_are_looked_at(any_database: Location) -> None:
    rows = [check(SHOP, at(seconds=10 * n), details={"steps_ms": {"connect": 7}}) for n in range(300)]
    fill(any_database, *rows)
    with read_only(any_database) as connection:
        every = check_queries.service_phases(connection, SINCE, UNTIL, SHOP, UNTIL - SINCE, MINUTE)
        some = check_queries.service_phases(
            connection, SINCE, UNTIL, SHOP, UNTIL - SINCE, timedelta(milliseconds=100)
        )
    assert every["checks"].tolist() == [300]
    assert 0 < some["checks"].iloc[0] < 150
    assert some["mean_ms"].tolist() == [7.0]


@pytest.mark.parametrize(("step", "interval"), [(timedelta(0), MINUTE), (MINUTE, timedelta(0))])
def test_a_step_that_is_no_time_is_refused(
    any_database: Location, step: timedelta, interval: timedelta
) -> None:
    with read_only(any_database) as connection, pytest.raises(ValueError, match="above zero"):
        check_queries.service_phases(connection, SINCE, UNTIL, SHOP, step, interval)


def test_the_tools_are_those_of_the_newest_list_and_every_change_is_told(any_database: Location) -> None:
    fill(
        any_database,
        check(TOOLS, at(minutes=1), details={"tools": {"old": "1"}}),
        check(
            TOOLS,
            at(minutes=2),
            "degraded",
            reason="schema_changed",
            message="the tool list changed",
            details={
                "tools": {"new": "2"},
                "tools_added": ["new"],
                "tools_removed": ["old"],
                "tools_missing": 3,
            },
        ),
        check(TOOLS, at(minutes=3), "down", details={}),
        check(SHOP, at(minutes=4), "degraded", reason="schema_changed", details={"tools": {"other": "3"}}),
    )
    with read_only(any_database) as connection:
        newest = check_queries.newest_tools(connection, SINCE, UNTIL, TOOLS)
        before = check_queries.newest_tools(connection, SINCE, at(minutes=1), TOOLS)
        (change,) = check_queries.tool_changes(connection, SINCE, UNTIL, TOOLS).to_dict("records")
        none = check_queries.tool_changes(connection, SINCE, at(minutes=1), TOOLS)
    assert newest is not None
    assert (newest[0], newest[1]["tools"]) == (at(minutes=2), {"new": "2"})
    assert before is None
    assert (change["timestamp"], change["message"]) == (at(minutes=2), "the tool list changed")
    assert (change["added"], change["removed"], change["changed"], change["missing"]) == (
        ("new",),
        ("old",),
        (),
        (),
    )
    assert none.empty
    assert "added" in none.columns
