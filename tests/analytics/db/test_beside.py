"""Work that runs beside a connection sees the same tables, on a file of ours and on any other."""

import threading
from pathlib import Path

import duckdb
import pytest

from analytics.db import Connection, FileLocation, beside, read_only


def count(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM services").fetchone()
    assert row is not None
    return int(row[0])


def test_the_tables_of_a_file(file: FileLocation) -> None:
    with read_only(file) as connection, beside(connection, 2) as threads:
        asked = [threads.start(count) for _ in range(5)]
        assert count(connection) == 0
    assert [one.result() for one in asked] == [0] * 5


def test_at_the_same_time(file: FileLocation) -> None:
    meeting = threading.Barrier(3, timeout=30)
    with read_only(file) as connection, beside(connection, 2) as threads:
        asked = [threads.start(lambda _: meeting.wait()) for _ in range(2)]
        mine = meeting.wait()
    assert {mine, *(one.result() for one in asked)} == {0, 1, 2}


def test_a_schema_with_any_name(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / 'od"d na.me.duckdb')) as connection:
        connection.execute('CREATE SCHEMA "an""other"; USE "an""other"; CREATE TABLE services (name TEXT)')
        connection.execute("INSERT INTO services VALUES ('one')")
        with beside(connection, 1) as threads:
            asked = threads.start(count)
        assert asked.result() == 1


def test_an_error_is_that_of_the_work(file: FileLocation) -> None:
    with read_only(file) as connection, beside(connection, 1) as threads:
        wrong = threads.start(lambda own: own.execute("SELECT * FROM nothing_of_the_kind").fetchall())
        right = threads.start(count)
    with pytest.raises(duckdb.CatalogException, match="nothing_of_the_kind"):
        wrong.result()
    assert right.result() == 0
