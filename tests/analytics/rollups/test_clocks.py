"""Clocks that are ahead or behind, and come back: no hour is finished before it is over for good."""

from datetime import datetime, timedelta

import duckdb
import pytest

from analytics.coverage import coverage, read_state
from analytics.rollups import Kind, Step, mark_late, next_step, proven_now, roll_up, take
from tests.analytics.rollups.stage import HOUR, at, call, check, finish, insert, pieces, rolled
from tests.analytics.rollups.test_steps import late, mark, work_off


def run_ended(connection: duckdb.DuckDBPyConnection, *moments: datetime) -> None:
    connection.execute(
        "INSERT INTO collector_runs SELECT uuid(), uuid(), 1, true, 'x', '1', beat, beat, 60, 1, 1, 0 "
        "FROM (SELECT unnest($at) AS beat) AS beats",
        {"at": list(moments)},
    )


def write(connection: duckdb.DuckDBPyConnection, first: datetime, minutes: int) -> None:
    """A check and a call a minute, every ten minutes written together."""
    for begun in range(0, minutes, 10):
        moments = [first + timedelta(minutes=minute) for minute in range(begun, min(begun + 10, minutes))]
        checks, calls = (
            [check("shop", moment) for moment in moments],
            [call("shop", moment) for moment in moments],
        )
        insert(connection, checks, calls)
        mark(connection, checks + calls, moments[-1])


@pytest.mark.parametrize(
    "ahead", [timedelta(minutes=8), timedelta(minutes=50), timedelta(days=2)], ids=["8 min", "50 min", "2 d"]
)
def test_a_clock_that_was_ahead_loses_nothing(
    connection: duckdb.DuckDBPyConnection, ahead: timedelta
) -> None:
    write(connection, at(0), 115)
    work_off(connection, 1.9)
    wrong = at(minutes=115) + ahead
    write(connection, wrong, 3)
    work_off(connection, (wrong - at()) / HOUR + 0.05)
    for minutes in range(116, 280, 40):
        write(connection, at(minutes=minutes), 40)
        work_off(connection, (minutes + 40) / 60)
    found = rolled(connection)
    state = read_state(connection)
    assert (state.rolled_until, late(connection)) == (at(5), [])
    roll_up(connection, at(), at(5))
    assert found == rolled(connection)
    calls = pieces(connection, "traffic_pieces", coverage(connection, at(), at(5)))
    kept = connection.execute("SELECT count(*) FROM api_metrics WHERE timestamp < $at", {"at": at(5)})
    assert (sum(row["requests"] for row in calls if row["service_type"] == "api"),) == kept.fetchone()


def test_hours_that_are_not_over_are_taken_back(connection: duckdb.DuckDBPyConnection) -> None:
    write(connection, at(0), 10)
    finish(connection, at(50))
    roll_up(connection, at(0), at(50))
    assert next_step(connection, at(1.1)) == Step(Kind.BACK, at(1), at(50))
    assert next_step(connection, at(50)) is None, "an hour that has just ended may stay finished"
    insert(connection, [check("shop", at(40))])
    roll_up(connection, at(0), at(50))
    (step,) = work_off(connection, 1.1)
    take(connection, step)
    assert read_state(connection).rolled_until == at(1)
    assert {rows[-1][0] for rows in rolled(connection).values() if rows} == {at(0)}


def test_what_cannot_be_finished_again_stays_finished(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, at(50), raw_since=at(20))
    assert next_step(connection, at(-1000)) == Step(Kind.BACK, at(29), at(50))
    finish(connection, at(25), raw_since=at(20))
    assert next_step(connection, at(-1000)) is None


def test_a_clock_behind_everybody_elses_takes_nothing_back(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, at(50))
    run_ended(connection, at(-100), at(48), at(49))
    assert next_step(connection, at(-99)) is None
    run_ended(connection, at(-99.5))
    assert next_step(connection, at(-99)) == Step(Kind.BACK, at(-100), at(50))


def test_rows_of_the_hour_at_hand_are_late_when_it_is_finished(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    finish(connection, at(3))
    mark_late(connection, [at(1.5), at(2.5), at(3.5)], at(1.6))
    assert late(connection) == [at(1), at(2)]


@pytest.mark.parametrize(
    ("runs", "proven"),
    [
        pytest.param([], None, id="no run at all"),
        pytest.param([at(-5)], None, id="none long enough ago"),
        pytest.param([at(-12), at(-5)], at(0), id="half a day ago"),
        pytest.param([at(-40), at(-5)], at(-16), id="off for a day and a half, and on again"),
        pytest.param([at(-13), at(900)], at(0), id="one that was ahead"),
    ],
)
def test_deleting_goes_by_what_the_file_proves(
    connection: duckdb.DuckDBPyConnection, runs: list[datetime], proven: datetime | None
) -> None:
    if runs:
        run_ended(connection, *runs)
    assert proven_now(connection, at(0)) == proven
