"""What is made anew, and what is left alone: the past is not rewritten by what `services` says today."""

import duckdb
import pytest

from analytics.coverage import coverage
from analytics.rollups import Kind, Step, delete_raw, next_step, take
from tests.analytics.rollups.stage import (
    HOUR,
    Row,
    at,
    call,
    check,
    configure,
    finish,
    insert,
    pieces,
    rolled,
)
from tests.analytics.rollups.test_steps import late, mark, work_off


def came_late(connection: duckdb.DuckDBPyConnection, row: Row) -> None:
    insert(connection, *([row], []) if "run_id" in row else ([], [row]))
    mark(connection, [row])


def held(connection: duckdb.DuckDBPyConnection, name: str) -> float:
    rows = pieces(connection, "check_pieces", coverage(connection, at(24), at(48)))
    return sum(row["seconds"] for row in rows if row["service_name"] == name)


@pytest.fixture
def three_days(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Three days of a backup every two hours and a shop every ten minutes, neither of them configured now."""
    configure(connection, "backup", 7200)
    configure(connection, "shop", 600)
    insert(
        connection,
        [check("backup", at(2 * number)) for number in range(36)]
        + [check("shop", at(minutes=10 * number)) for number in range(72 * 6)],
        [call("shop", at(minutes=30 * number)) for number in range(144)],
    )
    work_off(connection, 72.1)
    connection.execute("DELETE FROM services")
    return connection


def test_late_traffic_leaves_checks_alone(three_days: duckdb.DuckDBPyConnection) -> None:
    before = rolled(three_days)
    came_late(three_days, call("shop", at(36.6)))
    assert work_off(three_days, 72.1) == [Step(Kind.AGAIN, at(36), at(37))]
    after = rolled(three_days)
    assert (after["check_hours"], after["status_spans"]) == (before["check_hours"], before["status_spans"])
    assert sum(row[6] for row in after["traffic_hours"]) == sum(row[6] for row in before["traffic_hours"]) + 1


def test_late_checks_leave_other_services_alone(three_days: duckdb.DuckDBPyConnection) -> None:
    assert held(three_days, "backup") == 24 * 3600
    came_late(three_days, check("shop", at(36.6), "down", "connect"))
    work_off(three_days, 72.1)
    assert held(three_days, "backup") == 24 * 3600
    assert held(three_days, "shop") == 24 * 3600
    found = pieces(three_days, "check_pieces", coverage(three_days, at(36), at(37)))
    assert {(row["status"], row["checks"]) for row in found if row["service_name"] == "shop"} == {
        ("healthy", 6),
        ("down", 1),
    }
    probes = pieces(three_days, "traffic_pieces", coverage(three_days, at(36), at(37)))
    assert sum(row["requests"] for row in probes if row["service_type"] == "mcp") == 1 + 7


def test_new_hours_leave_what_is_not_configured_alone(three_days: duckdb.DuckDBPyConnection) -> None:
    insert(three_days, [check("backup", at(72.5)), check("shop", at(72.5))])
    before = rolled(three_days)["check_hours"]
    work_off(three_days, 73.1)
    assert [row for row in rolled(three_days)["check_hours"] if row[0] < at(72)] == before


def test_who_is_asked_seldom_is_known_when_the_next_answer_comes(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    configure(connection, "daily", 24 * 3600)
    configure(connection, "shop", 60)
    finish(connection, None)
    insert(connection, [check("daily", at(0.5)), check("shop", at(1.97))])
    for hour in range(3, 31, 3):
        work_off(connection, hour + 0.1)
    # Both come later than one interval after the one before, and soon enough to end what it said.
    insert(connection, [check("daily", at(30.5)), check("shop", at(30.98))])
    work_off(connection, 31.1)
    insert(connection, [check("shop", at(31.04))])
    work_off(connection, 32.1)
    stepped = rolled(connection)
    rows = pieces(connection, "check_pieces", coverage(connection, at(0), at(32)))
    assert sum(row["seconds"] for row in rows if row["service_name"] == "daily") == 31.5 * 3600
    finish(connection, at(0))
    raw = pieces(connection, "check_pieces", coverage(connection, at(0), at(32)))
    assert sorted(map(str, raw)) == sorted(map(str, rows))
    assert len(stepped["check_hours"]) == len(raw)


def test_late_hours_near_each_other_go_in_one_step(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, at(96))
    for hour in range(0, 72, 5):
        came_late(connection, call("shop", at(hour + 0.5)))
    steps = work_off(connection, 96.1)
    assert steps == [
        Step(Kind.AGAIN, at(0), at(21)),
        Step(Kind.AGAIN, at(25), at(46)),
        Step(Kind.AGAIN, at(50), at(71)),
    ]
    assert late(connection) == []
    assert [row[6] for row in rolled(connection)["traffic_hours"]] == [1] * 15


def test_late_hours_whose_single_rows_are_gone_go_in_one_step(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, at(96))
    insert(connection, [check("shop", at(0.5)), check("shop", at(90))])
    while delete_raw(connection, at(90), most=100 * HOUR):
        pass
    for hour in range(0, 60, 5):
        came_late(connection, call("shop", at(hour + 0.5)))
    step = next_step(connection, at(96.1))
    assert step == Step(Kind.ADD, at(0), at(56))
    take(connection, step)
    assert late(connection) == []
    assert connection.execute("SELECT count(*), sum(requests) FROM traffic_hours").fetchone() == (12, 12)
    assert connection.execute("SELECT count(*) FROM api_metrics").fetchone() == (0,)


def test_the_pause_before_the_hour_is_bridged_when_the_next_check_comes(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    configure(connection, "shop", 60)
    finish(connection, at(0))
    insert(connection, [check("shop", at(minutes=minute)) for minute in (54, 55, 56, 57)])
    work_off(connection, 1.1)
    assert [row[7] for row in rolled(connection)["check_hours"]] == [4 * 60]
    insert(connection, [check("shop", at(minutes=62))])
    work_off(connection, 2.1)
    lasted = {row[0]: row[7] for row in rolled(connection)["check_hours"]}
    assert lasted == {at(0): 6 * 60, at(1): 3 * 60}
