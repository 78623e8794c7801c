"""What every database of ours does alike, on a file and on a lake."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from analytics.db import FileLocation, Location, read_only, repair, transact
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import insert_run, run_counts, run_ids


def runs(location: Location) -> set[str]:
    with read_only(location) as connection:
        return run_ids(connection)


def where(location: Location) -> str:
    """How the other programs of these tests are told."""
    if isinstance(location, FileLocation):
        return str(location)
    return json.dumps([location.connection, location.data_path])


def test_what_was_committed_is_read_back_as_it_was(location: Location) -> None:
    run = transact(location, insert_run)
    with read_only(location) as connection:
        rows = connection.execute(
            """
            SELECT timestamp, service_name, response_time_ms, success_rate::DOUBLE, details, run_id::VARCHAR
            FROM integration_health_checks ORDER BY response_time_ms LIMIT 2
            """
        ).fetchall()
    moment = datetime(2026, 1, 1, 12, 0, 0, 123456, UTC)
    assert [(*row[:4], json.loads(row[4]), row[5]) for row in rows] == [
        (moment, "service-0", 100, 99.5, {"number": 0}, run),
        (moment, "service-1", 101, 99.5, {"number": 1}, run),
    ]
    assert rows[0][0].utcoffset() == timedelta(0)


def test_what_work_returns_comes_back(location: Location) -> None:
    assert transact(location, lambda connection: connection.execute("SELECT 42").fetchone()) == (42,)


def test_a_transaction_that_raises_leaves_nothing(location: Location) -> None:
    def fails(connection: duckdb.DuckDBPyConnection) -> None:
        insert_run(connection)
        raise KeyError("in the middle")

    written = transact(location, insert_run)
    with pytest.raises(KeyError, match="in the middle"):
        transact(location, fails)
    assert runs(location) == {written}
    assert runs(location) | {transact(location, insert_run)} == runs(location)


def test_a_statement_that_is_wrong_leaves_nothing_and_is_the_callers_own(location: Location) -> None:
    def fails(connection: duckdb.DuckDBPyConnection) -> None:
        insert_run(connection)
        connection.execute("INSERT INTO collector_runs (id) VALUES ('not a uuid')")

    with pytest.raises(duckdb.ConversionException):
        transact(location, fails)
    assert runs(location) == set()


@pytest.mark.parametrize(
    "statement", ["DELETE FROM services", "CREATE TABLE mine (x INTEGER)", "DROP TABLE services"]
)
def test_a_reader_cannot_change_anything(location: Location, statement: str) -> None:
    with read_only(location) as connection, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        connection.execute(statement)


def test_a_reader_sees_what_was_committed_before_it_began(location: Location) -> None:
    for count in range(1, 4):
        transact(location, insert_run)
        assert len(runs(location)) == count


def test_updates_and_deletes(location: Location) -> None:
    first, second = (transact(location, insert_run) for _ in range(2))
    transact(location, lambda c: c.execute("DELETE FROM collector_runs WHERE id = $id", {"id": first}))
    transact(location, lambda c: c.execute("UPDATE collector_runs SET failures = 7"))
    with read_only(location) as connection:
        rows = connection.execute("SELECT id::VARCHAR, failures FROM collector_runs").fetchall()
    assert rows == [(second, 7)]


def test_times_are_shown_in_utc_whatever_the_machine_is_set_to(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    with read_only(location) as connection:
        shown = connection.execute("SELECT (TIMESTAMPTZ '2026-01-01 00:00:00+05:45')::VARCHAR").fetchone()
    assert shown == ("2025-12-31 18:15:00+00",)


def test_nothing_is_downloaded(location: Location) -> None:
    with read_only(location) as connection:
        settings = connection.execute(
            """
            SELECT name, value FROM duckdb_settings()
            WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions') ORDER BY name
            """
        ).fetchall()
    wanted = [("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false")]
    assert settings == wanted


def test_many_threads_read(location: Location) -> None:
    written = {transact(location, insert_run) for _ in range(3)}
    with ThreadPoolExecutor(8) as threads:
        for found in threads.map(lambda _: runs(location), range(40)):
            assert found == written


def test_three_writers_at_once_lose_nothing(location: Location) -> None:
    writers = [Program("commits", where(location), 30, 30) for _ in range(3)]
    try:
        said = [[json.loads(line)[0] for line in writer.rest()] for writer in writers]
        assert [writer.process.wait() for writer in writers] == [0, 0, 0]
    finally:
        for writer in writers:
            writer.__exit__()
    assert [len(committed) for committed in said] == [30, 30, 30]
    assert runs(location) == {run for committed in said for run in committed}
    with read_only(location) as connection:
        assert set(run_counts(connection)) == {(16, 16)}


def test_a_killed_writer_leaves_whole_runs(location: Location) -> None:
    with Program("writer", where(location)) as writer:
        assert writer.line() == "ready"
        writer.say()
        said = {writer.line() for _ in range(5)}
        writer.kill()
        said |= {run for run in writer.rest() if len(run) == 36}
    repair(location)
    assert said <= runs(location)
    with read_only(location) as connection:
        assert set(run_counts(connection)) == {(16, 16)}
    transact(location, insert_run)


def test_a_reader_that_fails_leaves_the_database_usable(location: Location) -> None:
    with pytest.raises(duckdb.CatalogException), read_only(location) as connection:
        connection.execute("SELECT * FROM nothing")
    assert runs(location) == set()
