"""Rolling up step by step: the same in the end as at once, whatever comes when."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb
import pytest

from analytics.coverage import coverage, read_state
from analytics.model import ServiceKey, ServiceType
from analytics.rollups import Kind, Step, delete_raw, mark_late, next_step, roll_up, take
from tests.analytics.rollups.stage import (
    HOUR,
    Row,
    at,
    call,
    check,
    configure,
    delivery,
    finish,
    insert,
    pieces,
    rolled,
)


def work_off(connection: duckdb.DuckDBPyConnection, hours: float, **more: timedelta) -> list[Step]:
    """All steps that are to be done `hours` after midnight."""
    steps = []
    while step := next_step(connection, at(hours), **more):
        take(connection, step)
        steps.append(step)
    return steps


def late(connection: duckdb.DuckDBPyConnection) -> list[object]:
    return [hour for (hour,) in connection.execute("SELECT hour FROM late_hours ORDER BY hour").fetchall()]


def test_an_empty_database_has_nothing_but_its_beginning(connection: duckdb.DuckDBPyConnection) -> None:
    assert [step.kind for step in work_off(connection, 5)] == [Kind.BEGIN]
    state = read_state(connection)
    assert (state.begun, state.rolled_until, state.raw_since) == (True, None, None)


def test_an_hour_is_finished_when_it_has_settled(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, None)
    insert(connection, [check("shop", at(0.7)), check("shop", at(1.1))])
    assert next_step(connection, at(1)) is None
    assert next_step(connection, at(1) + timedelta(seconds=119)) is None
    assert next_step(connection, at(1) + timedelta(minutes=2)) == Step(Kind.FINISH, at(), at(1))
    assert next_step(connection, at(1), settle=timedelta(0)) == Step(Kind.FINISH, at(), at(1))


def test_a_long_way_is_gone_in_pieces_and_empty_time_at_once(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, None)
    months_ago, now = -24 * 100, 30.5
    insert(
        connection, [check("shop", at(hours)) for hours in (months_ago, months_ago + 25, 0.5, 29.5, 10_000)]
    )
    assert work_off(connection, now) == [
        Step(Kind.FINISH, at(months_ago), at(months_ago + 24)),
        Step(Kind.FINISH, at(months_ago + 24), at(months_ago + 48)),
        Step(Kind.FINISH, at(), at(24)),
        Step(Kind.FINISH, at(24), at(30)),
    ]
    assert connection.execute("SELECT sum(checks) FROM check_hours").fetchone() == (4,)


def test_rows_of_the_future_wait_for_their_hour(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, None)
    insert(connection, calls=[call("shop", at(500))])
    assert next_step(connection, at(5)) is None
    assert next_step(connection, at(502)) == Step(Kind.FINISH, at(500), at(501))


def test_hours_without_a_row_in_which_something_holds_are_not_passed_over(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    configure(connection, "seldom", 8 * 3600)
    finish(connection, None)
    insert(connection, [check("seldom", at(0.5)), check("seldom", at(8.5))])
    work_off(connection, 20, most=4 * HOUR)
    lasted = connection.execute("SELECT sum(seconds), count(*) FROM check_hours").fetchone()
    assert lasted == (16 * 3600, 17)


def test_step_by_step_is_the_same_as_at_once(connection: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(1)
    for name, interval in (("shop", 60), ("seldom", 5400)):
        configure(connection, name, interval)
    rows = random_rows(chance)
    finish(connection, None)
    waiting = [(chance.choice([0, 0, 0, 0.2, 3]), row) for row in rows]
    for half in range(1, 2 * 10 + 1):
        now = half / 2 + 0.1
        arrived = [row for delay, row in waiting if row["timestamp"] + timedelta(hours=delay) <= at(now)]
        waiting = [one for one in waiting if one[1] not in arrived]
        insert_kinds(connection, arrived)
        mark(connection, arrived)
        work_off(connection, now)
    stepped = rolled(connection)
    roll_up(connection, at(-1), at(10))
    at_once = rolled(connection)
    assert late(connection) == []
    assert len(at_once["check_hours"]) > 20
    assert stepped == at_once
    roll_up(connection, at(-1), at(10))
    assert rolled(connection) == at_once, "done again it is the same"


def mark(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row], now: datetime | None = None) -> None:
    """What the collector does when it writes `rows` at `now`."""
    checks = [row for row in rows if "run_id" in row]
    keys = [ServiceKey(ServiceType(row["service_type"]), row["service_name"]) for row in checks]
    times = [row["timestamp"] for row in checks]
    mark_late(
        connection,
        [row["timestamp"] for row in rows if "run_id" not in row],
        now,
        checks=zip(keys, times, strict=True),
    )


def random_rows(chance: random.Random) -> list[Row]:
    rows: list[Row] = []
    for name, interval in (("shop", 300), ("seldom", 5400), ("unknown", 900)):
        moment = at(seconds=chance.uniform(0, interval))
        while moment < at(8):
            rows.append(check(name, moment, chance.choice(["healthy", "down"])))
            moment += timedelta(seconds=interval * chance.choice([1, 1, 1, 1.1, 4]))
    rows += [call("shop", at(chance.uniform(0, 8)), chance.randrange(900)) for _ in range(40)]
    rows += [delivery("shop", at(chance.uniform(0, 8))) for _ in range(20)]
    return rows


def insert_kinds(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    kinds = ("run_id", "api_name", "source")
    insert(connection, *([row for row in rows if kind in row] for kind in kinds))


def test_only_finished_hours_are_late(connection: duckdb.DuckDBPyConnection) -> None:
    mark_late(connection, [at(1)])
    assert late(connection) == [], "nothing is finished yet"
    finish(connection, at(3))
    mark_late(connection, [at(1.5), at(1.2), at(2), at(3), at(9)])
    mark_late(connection, [at(1.9), at(0)])
    mark_late(connection, [])
    assert late(connection) == [at(0), at(1), at(1), at(2)]
    steps = work_off(connection, 3)
    assert steps == [Step(Kind.AGAIN, at(0), at(3))]
    assert late(connection) == []


def test_an_hour_that_is_over_waits_to_be_finished(connection: duckdb.DuckDBPyConnection) -> None:
    finish(connection, at(1))
    insert(connection, calls=[call("shop", at(1.9)), call("shop", at(2.1))])
    mark_late(connection, [at(1.9), at(2.1)], at(2.2))
    assert late(connection) == [at(1)]
    assert next_step(connection, at(1.5)) is None, "whose clock is behind has nothing to make anew yet"
    assert work_off(connection, 2.5) == [Step(Kind.FINISH, at(1), at(2))]
    assert late(connection) == [], "what was finished with the row is not made again"


@pytest.mark.parametrize("finished", [at(0), at(1)], ids=["finished", "made anew"])
def test_a_row_that_comes_while_its_hour_is_rolled_up_is_in_the_sums(
    connection: duckdb.DuckDBPyConnection, finished: datetime
) -> None:
    finish(connection, finished)
    insert(connection, calls=[call("shop", at(0.1))])
    mark_late(connection, [at(0.1)], at(1.5))
    writer, roller = connection.cursor(), connection.cursor()
    writer.execute("BEGIN")
    insert(writer, calls=[call("shop", at(0.2))])
    mark_late(writer, [at(0.2)], at(1.5))
    roller.execute("BEGIN")
    step = next_step(roller, at(1.5))
    assert step is not None
    take(roller, step)
    roller.execute("COMMIT")
    writer.execute("COMMIT")
    assert connection.execute("SELECT sum(requests) FROM traffic_hours").fetchone() == (1,)
    assert work_off(connection, 1.5) == [Step(Kind.AGAIN, at(0), at(1))]
    assert connection.execute("SELECT sum(requests) FROM traffic_hours").fetchone() == (2,)
    assert late(connection) == []


def test_late_rows_of_hours_whose_single_rows_are_gone_are_added(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    finish(connection, None)
    old = [check("shop", at(minutes=minute)) for minute in range(240)]
    insert(connection, old, [call("shop", at(1.5))])
    insert(connection, [check("shop", at(46.5))])
    work_off(connection, 48)
    while delete_raw(connection, at(40)):
        pass
    assert read_state(connection).raw_since == at(6)
    before = connection.execute("SELECT sum(checks), sum(seconds) FROM check_hours").fetchone()
    assert before == (241, 241 * 60)

    came = [check("other", at(minutes=59)), check("other", at(minutes=60)), check("other", at(minutes=61))]
    insert(connection, came, [call("shop", at(1.5), 300)])
    mark_late(connection, [at(0), at(1)])
    assert delete_raw(connection, at(40)) == 0, "what is not added yet is not deleted"
    step = next_step(connection, at(48))
    assert step == Step(Kind.ADD, at(0), at(2))
    take(connection, step)
    take(connection, step)
    after = connection.execute("SELECT sum(checks), sum(seconds) FROM check_hours").fetchone()
    assert after == (244, 244 * 60)
    requests = connection.execute(
        "SELECT sum(requests) FROM traffic_hours WHERE service_type = 'api'"
    ).fetchone()
    assert requests == (2,)
    times = pieces(connection, "latency_pieces", coverage(connection, at(1), at(2)))
    assert sorted(row["latency_ms"] for row in times if row["service_name"] == "shop") == [100, 300]
    left = connection.execute(
        "SELECT count(*) FROM integration_health_checks WHERE timestamp < $at", {"at": at(6)}
    )
    assert left.fetchone() == (0,)
    assert next_step(connection, at(48)) is None
