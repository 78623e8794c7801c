"""Each thing that can be wrong with a file, its exact line, and the file untouched by it."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from analytics.db import (
    DatabaseBusy,
    DatabaseError,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseUnusable,
    FileLocation,
    migrate,
    read_only,
    transact,
)
from analytics.db.migrations import newest
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import insert_run, run_ids

NO_DATABASE = "it is not a DuckDB database: name another file, or restore this one from a backup"
NO_PERMISSION = "no permission: this user must be able to read and write the file and its folder"


def read(location: FileLocation) -> None:
    with read_only(location, patience=0.05) as connection:
        connection.execute("SELECT 1")


def write(location: FileLocation) -> None:
    transact(location, insert_run, patience=0.05)


def start(location: FileLocation) -> None:
    migrate(location, patience=0.05)


WAYS = pytest.mark.parametrize("way", [read, write, start])


@pytest.mark.parametrize("way", [read, write])
@pytest.mark.parametrize("folder", ["", "missing/folder"])
def test_no_database_yet(way, folder: str, tmp_path: Path) -> None:
    location = FileLocation(tmp_path / folder / "health.duckdb")
    with pytest.raises(DatabaseMissing) as caught:
        way(location)
    wanted = f"{location}: there is no database yet: start the collector (python -m collector)"
    assert str(caught.value) == wanted
    assert list(tmp_path.rglob("*")) == []


def text(path: Path) -> None:
    path.write_text("no database\n" * 1000)


def empty(path: Path) -> None:
    path.touch()


def sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE checks (id)")
    connection.commit()
    connection.close()


def cut_off(path: Path) -> None:
    migrate(FileLocation(path))
    os.truncate(path, 5000)


@WAYS
@pytest.mark.parametrize("make", [text, empty, sqlite, cut_off])
def test_a_file_that_is_no_database_stays_as_it_is(way, make, tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    make(location.path)
    before = location.path.read_bytes()
    with pytest.raises(DatabaseUnusable) as caught:
        way(location)
    assert str(caught.value) == f"{location}: {NO_DATABASE}"
    assert location.path.read_bytes() == before


@WAYS
def test_a_damaged_file(way, file: FileLocation) -> None:
    contents = bytearray(file.path.read_bytes())
    contents[12_300:12_400] = b"\xff" * 100
    file.path.write_bytes(contents)
    with pytest.raises(DatabaseUnusable) as caught:
        way(file)
    assert str(caught.value) == f"{file}: it is damaged: restore it from a backup"
    assert file.path.read_bytes() == contents


@WAYS
def test_a_folder_instead_of_a_file(way, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        way(FileLocation(tmp_path))
    assert str(caught.value) == f"{tmp_path}: it is a folder: name a file in it"


def test_a_file_where_a_folder_must_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    location = FileLocation(tmp_path / "data" / "health.duckdb")
    with pytest.raises(DatabaseUnusable) as caught:
        migrate(location)
    assert str(caught.value) == f"{location}: its folder does not exist: create it or name another"


@WAYS
def test_tables_of_something_else(way, tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "mine.duckdb")
    with duckdb.connect(str(location)) as connection:
        connection.execute("CREATE TABLE mine (x INTEGER)")
    before = location.path.read_bytes()
    with pytest.raises(DatabaseUnusable) as caught:
        migrate(location)
    wanted = f"{location}: it holds the tables of something else: name a database of its own"
    assert str(caught.value) == wanted
    assert location.path.read_bytes() == before


def test_a_newer_schema_stays_as_it_is(file: FileLocation) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (9000, 'later', now())")
    before, modified = file.path.read_bytes(), file.path.stat().st_mtime_ns
    with pytest.raises(DatabaseNewer) as caught:
        migrate(file)
    wanted = f"{file}: its schema is version 9000, this program knows {newest()}: install the newer one"
    assert str(caught.value) == wanted
    assert (file.path.read_bytes(), file.path.stat().st_mtime_ns) == (before, modified)


@WAYS
def test_a_writer_that_is_not_ours(way, file: FileLocation) -> None:
    before = file.path.read_bytes()
    with Program("foreign_writer", file) as writer:
        assert writer.line() == "writing"
        with pytest.raises(DatabaseBusy) as caught:
            way(file)
        wanted = f"{file}: process {writer.pid} has it open for writing: close it there and try again"
        assert (str(caught.value), caught.value.pid) == (wanted, writer.pid)
        assert writer.ask() == "(0,)"
    assert file.path.read_bytes() == before


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Root may do everything, so root becomes nobody for this test."""
    if os.geteuid() == 0:
        os.setegid(65534)
        os.seteuid(65534)
        yield
        os.seteuid(0)
        os.setegid(0)
    else:
        yield


@pytest.fixture
def readable(tmp_path: Path) -> FileLocation:
    """A file that everybody can reach and read, and only its owner can write."""
    location = FileLocation(tmp_path / "health.duckdb")
    migrate(location)
    (tmp_path / "health.duckdb.writing").unlink(missing_ok=True)
    location.path.chmod(0o444)
    tmp_path.chmod(0o555)
    for folder in [tmp_path, *tmp_path.parents][:4]:
        folder.chmod(folder.stat().st_mode | 0o555)
    return location


def test_a_file_that_may_only_be_read_can_be_read(readable: FileLocation, unprivileged: None) -> None:
    with read_only(readable) as connection:
        assert run_ids(connection) == set()


def test_a_file_that_may_only_be_read_is_not_written(readable: FileLocation, unprivileged: None) -> None:
    before = readable.path.read_bytes()
    with pytest.raises(DatabaseUnusable) as caught:
        write(readable)
    assert str(caught.value) == f"{readable}: {NO_PERMISSION}"
    assert readable.path.read_bytes() == before


def test_a_file_that_may_not_be_written_in_a_folder_that_may(
    readable: FileLocation, tmp_path: Path, unprivileged: None
) -> None:
    os.seteuid(0) if os.getuid() == 0 else None
    tmp_path.chmod(0o777)
    os.seteuid(65534) if os.getuid() == 0 else None
    with pytest.raises(DatabaseUnusable) as caught:
        write(readable)
    assert str(caught.value) == f"{readable}: {NO_PERMISSION}"


def test_a_file_that_may_not_be_read(readable: FileLocation, unprivileged: None) -> None:
    os.seteuid(0) if os.getuid() == 0 else None
    readable.path.chmod(0o000)
    os.seteuid(65534) if os.getuid() == 0 else None
    with pytest.raises(DatabaseUnusable) as caught:
        read(readable)
    assert str(caught.value) == f"{readable}: {NO_PERMISSION}"


def test_an_error_of_a_statement_is_the_callers_own(file: FileLocation) -> None:
    with pytest.raises(duckdb.CatalogException):
        transact(file, lambda connection: connection.execute("SELECT * FROM nothing"))
    with pytest.raises(duckdb.ConstraintException):
        transact(file, lambda connection: connection.execute("INSERT INTO services (probe) VALUES ('x')"))
    with read_only(file) as connection, pytest.raises(duckdb.IOException, match="no-such-file"):
        connection.execute("SELECT * FROM read_csv('/no-such-file.csv')")


def test_an_error_of_the_block_is_not_taken_for_one_of_the_database(file: FileLocation) -> None:
    with pytest.raises(FileNotFoundError), read_only(file):
        Path("/no-such-file").read_text()


def test_every_error_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "two\nlines"
    folder.mkdir()
    with pytest.raises(DatabaseError) as caught:
        read(FileLocation(folder / "health.duckdb"))
    assert "\n" not in str(caught.value)
