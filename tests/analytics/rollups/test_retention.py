"""What is deleted, and what never is."""

from datetime import datetime, timedelta

import duckdb
import pytest

from analytics.coverage import coverage, read_state
from analytics.db import Location, read_only, transact
from analytics.ids import uuid7
from analytics.rollups import delete_raw, delete_rollups, mark_late, next_step, roll_up, take
from tests.analytics.rollups.stage import (
    ROLLUPS,
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


def fill(connection: duckdb.DuckDBPyConnection, hours: int = 72) -> None:
    """Of every hour a check, a call, a delivery, a change of a breaker and a heartbeat."""
    moments = [at(hour + 0.5) for hour in range(hours)]
    insert(
        connection,
        [check("shop", moment) for moment in moments],
        [call("shop", moment, quota_used=1.0, quota_limit=4.0) for moment in moments],
        [delivery("shop", moment) for moment in moments],
    )
    connection.execute(
        "INSERT INTO circuit_events SELECT uuid(), unnest($at), 'shop', 'web', 'closed', 'open', NULL",
        {"at": moments},
    )
    connection.execute(
        "INSERT INTO collector_runs SELECT uuid(), uuid(), 1, true, 'x', '1', beat, beat, 60, 1, 1, 0 "
        "FROM (SELECT unnest($at) AS beat) AS beats",
        {"at": moments},
    )


def hours_left(connection: duckdb.DuckDBPyConnection) -> set[tuple[int, int]]:
    """How many hours each of the five tables has, and which is its first."""
    tables = {
        "integration_health_checks": "timestamp",
        "api_metrics": "timestamp",
        "webhook_metrics": "timestamp",
        "circuit_events": "timestamp",
        "collector_runs": "started_at",
    }
    found = set()
    for table, column in tables.items():
        row = connection.execute(f"SELECT count(*), min({column}) FROM {table}").fetchone()
        assert row is not None
        found.add((row[0], int((row[1] - at()).total_seconds() // 3600)))
    return found


def test_old_rows_go_a_few_hours_at_a_time(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection)
    finish(connection, at(72))
    assert delete_raw(connection, at(20.4), most=timedelta(hours=4)) == 4 * 5
    assert read_state(connection).raw_since == at(4)
    calls = [delete_raw(connection, at(20.4), most=timedelta(hours=4)) for _ in range(4)]
    assert calls == [20, 15, 0, 0]
    # Nine hours more than was asked for stay: what holds at 20:24 was said in them.
    assert hours_left(connection) == {(61, 11)}
    assert read_state(connection).raw_since == at(11)


@pytest.mark.parametrize(
    ("rolled_until", "late", "kept"),
    [
        pytest.param(None, [], {(72, 0)}, id="nothing is rolled up"),
        pytest.param(at(30), [], {(51, 21)}, id="and what the next hour needs"),
        pytest.param(at(60), [at(20.2)], {(61, 11)}, id="an hour is to be made anew"),
    ],
)
def test_what_is_not_rolled_up_stays(
    connection: duckdb.DuckDBPyConnection,
    rolled_until: datetime | None,
    late: list[datetime],
    kept: set[tuple[int, int]],
) -> None:
    fill(connection)
    finish(connection, rolled_until)
    mark_late(connection, late)
    while delete_raw(connection, at(500)):
        pass
    assert hours_left(connection) == kept


def test_figures_are_the_same_before_and_after(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection)
    finish(connection, None)
    while step := next_step(connection, at(73)):
        take(connection, step)
    since, until = at(20.4), at(71.3)
    parts = ("check_pieces", "span_pieces", "traffic_pieces", "latency_pieces", "quota_pieces")

    def read() -> list[list[str]]:
        period = coverage(connection, since, until)
        assert (period.since, period.until) == (since, until)
        return [sorted(map(str, pieces(connection, part, period))) for part in parts]

    before, kept = read(), rolled(connection)
    while delete_raw(connection, since):
        pass
    assert hours_left(connection) == {(61, 11)}
    assert read() == before
    assert rolled(connection) == kept


#: A row of each table that began long ago, and was over at $over, if it is over.
STORIES = {
    "integration_incidents": "$id AS id, $began AS created_at, 'api' AS service_type, 'x' AS service_name, "
    "'info' AS severity, 't' AS title, $over AS resolved_at",
    "incident_events": "$id AS id, $id AS incident_id, $began AS timestamp, 'note' AS kind, '' AS message",
    "notifications": "$id AS id, 'c' AS channel, 'trigger' AS action, 'k' AS dedup_key, '{}' AS payload, "
    "if($over IS NULL, 'pending', 'delivered') AS state, coalesce($over, $began) AS created_at",
    "mutes": "$id AS id, $began AS created_at, coalesce($over, 'infinity') AS until, 'a' AS author",
    "maintenance": "$id AS id, 'm' AS name, 'mcp' AS service_type, 'shop' AS service_name, "
    "$began AS starts_at, coalesce($over, 'infinity') AS ends_at",
    "vendor_incidents": "'v' AS vendor, $id AS vendor_id, 'n' AS name, 'minor' AS impact, 's' AS state, "
    "$began AS started_at, $began AS updated_at, $over AS resolved_at, '[]' AS components, '[]' AS services",
    "reports": "$id AS id, 'daily' AS kind, $began AS period_start, $began AS period_end, "
    "coalesce($over, 'infinity') AS made_at, '' AS path",
    "alert_events": "$id AS id, coalesce($over, 'infinity') AS timestamp, 'r' AS rule, 'a' AS service_type, "
    "'x' AS service_name, 'o' AS old_state, 'n' AS new_state, 'info' AS severity, 't' AS title",
}


@pytest.mark.parametrize("table", STORIES)
def test_what_is_over_is_forgotten_and_what_goes_on_is_not(
    connection: duckdb.DuckDBPyConnection, table: str
) -> None:
    for over in (at(1), at(60), None):
        incident = uuid7()
        for name in {table, "integration_incidents"}:
            values = {"id": incident, "began": at(0), "over": over}
            bound = {key: value for key, value in values.items() if f"${key}" in STORIES[name]}
            row = STORIES[name].replace("$over", "CAST($over AS TIMESTAMPTZ)")
            connection.execute(f"INSERT INTO {name} BY NAME SELECT {row}", bound)
    assert delete_rollups(connection, at(36)) == len({table, "integration_incidents"})
    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (2,)


def test_rollups_of_old_hours_are_forgotten(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection)
    roll_up(connection, at(0), at(72))
    delete_rollups(connection, at(36))
    assert [rows[0][0] for rows in rolled(connection).values()] == [at(36)] * len(ROLLUPS)


def test_a_file_and_a_lake_do_the_same(any_database: Location) -> None:
    def bring(connection: duckdb.DuckDBPyConnection) -> None:
        configure(connection, "seldom", 4 * 3600)
        fill(connection, hours=24)
        insert(connection, [check("seldom", at(hour)) for hour in range(0, 24, 4)])

    def next_one(connection: duckdb.DuckDBPyConnection) -> bool:
        step = next_step(connection, at(24.5))
        if step is not None:
            take(connection, step)
        return step is not None

    transact(any_database, bring)
    while transact(any_database, next_one):
        pass
    with read_only(any_database) as connection:
        period = coverage(connection, at(14.5), at(22))
        before = sorted(map(str, pieces(connection, "check_pieces", period)))
        assert sum(row["seconds"] for row in pieces(connection, "check_pieces", period)) == 2 * 7.5 * 3600
    transact(any_database, lambda connection: mark_late(connection, [at(20)]))
    while transact(any_database, next_one):
        pass
    assert transact(any_database, lambda connection: delete_raw(connection, at(14.5))) == 4 * 5 + 1
    with read_only(any_database) as connection:
        assert sorted(map(str, pieces(connection, "check_pieces", period))) == before
        assert read_state(connection).raw_since == at(4)
        times = pieces(connection, "latency_pieces", coverage(connection, at(0), at(24)))
        assert sum(row["requests"] for row in times) == 2 * 24
    assert transact(any_database, lambda connection: delete_rollups(connection, at(12))) >= 12 * 4
