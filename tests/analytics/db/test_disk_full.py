"""No room on the disk: one clear line, and the database as it was. On a real, small file system."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.db import DatabaseUnusable, FileLocation, migrate, transact
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import insert_run, whole_runs

SIZE = 8 * 1024 * 1024
BESIDE_BALLAST = {"ballast", "health.duckdb", "health.duckdb.undo", "health.duckdb.writing"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 8 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("to mount a small file system one must be root on Linux")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def file_on_it(small_disk: Path) -> FileLocation:
    """A migrated file with 20 runs on the small disk."""
    location = FileLocation(small_disk / "health.duckdb")
    migrate(location)
    for _ in range(20):
        transact(location, insert_run)
    return location


def leave(folder: Path, room: int) -> Path:
    """Fill the disk up to `room` bytes; what fills it."""
    ballast = folder / "ballast"
    about = os.statvfs(folder)
    ballast.write_bytes(b"x" * (about.f_bavail * about.f_frsize - room))
    return ballast


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("room", [0, 4096, 40_000, 100_000])
def test_a_write_that_finds_no_room_changes_nothing(
    file_on_it: FileLocation, small_disk: Path, room: int
) -> None:
    before = whole_runs(file_on_it)
    ballast = leave(small_disk, room)

    def until_full() -> None:
        while True:
            before.add(transact(file_on_it, lambda connection: insert_run(connection, 200)))

    with pytest.raises(DatabaseUnusable) as caught:
        until_full()
    assert str(caught.value) == f"{file_on_it}: there is no room on the disk: make room"
    assert whole_runs(file_on_it) == before
    ballast.unlink()
    before.add(transact(file_on_it, insert_run))
    assert whole_runs(file_on_it) == before
    assert names(small_disk) == BESIDE_BALLAST - {"ballast"}


@pytest.mark.parametrize("room", [0, 100_000])
def test_a_copy_that_finds_no_room_is_removed(file_on_it: FileLocation, small_disk: Path, room: int) -> None:
    before = whole_runs(file_on_it)
    ballast = leave(small_disk, room)
    contents, about = file_on_it.path.read_bytes(), file_on_it.path.stat()
    with Program("camper", file_on_it) as camper:
        assert camper.line() == "camping"
        with pytest.raises(DatabaseUnusable) as caught:
            transact(file_on_it, insert_run, patience=0.05)
        assert str(caught.value) == f"{file_on_it}: there is no room on the disk: make room"
        assert names(small_disk) == BESIDE_BALLAST
        assert file_on_it.path.read_bytes() == contents
        assert file_on_it.path.stat().st_ino == about.st_ino
        ballast.unlink()
        before.add(transact(file_on_it, insert_run, patience=0.05))
    assert whole_runs(file_on_it) == before


def test_a_transaction_too_large_for_the_disk_in_a_copy(file_on_it: FileLocation, small_disk: Path) -> None:
    before = whole_runs(file_on_it)
    leave(small_disk, file_on_it.path.stat().st_size + 300_000)
    with Program("camper", file_on_it) as camper:
        assert camper.line() == "camping"
        with pytest.raises(DatabaseUnusable):
            transact(file_on_it, lambda connection: insert_run(connection, 20_000), patience=0.05)
    assert names(small_disk) == BESIDE_BALLAST
    assert whole_runs(file_on_it) == before


def test_no_room_for_a_new_file(small_disk: Path) -> None:
    leave(small_disk, 30_000)
    location = FileLocation(small_disk / "health.duckdb")
    with pytest.raises(DatabaseUnusable) as caught:
        migrate(location)
    assert str(caught.value) == f"{location}: there is no room on the disk: make room"
    assert names(small_disk) == {"ballast", "health.duckdb.writing"}


def test_no_room_by_a_limit_of_the_process(file: FileLocation) -> None:
    """The same without being root: the system lets a process write files up to a size only."""
    before = whole_runs(file)
    limit = file.path.stat().st_size // 2
    with Program("limited_writer", file, limit) as writer:
        said = writer.line()
    assert said == f"DatabaseUnusable: {file}: there is no room on the disk: make room"
    assert whole_runs(file) == before
