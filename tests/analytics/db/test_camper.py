"""Somebody keeps the file open: nothing stops, nothing is lost, and the file is copied once."""

import json
import os
import shutil
import stat
import threading
import time
from pathlib import Path

import duckdb
import pytest

from analytics.db import DatabaseBusy, FileLocation, transact
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import beside, insert_run, whole_runs


def inode(location: FileLocation) -> int:
    return location.path.stat().st_ino


def write(location: FileLocation, patience: float = 0.05) -> str:
    return transact(location, insert_run, patience)


def test_without_a_camper_the_file_is_changed_in_place(file: FileLocation) -> None:
    before = inode(file)
    written = {write(file) for _ in range(3)}
    assert whole_runs(file) == written
    assert inode(file) == before
    assert beside(file) == set()


def test_a_camper_keeps_its_view_and_everyone_else_sees_the_present(file: FileLocation) -> None:
    written = {write(file)}
    with Program("camper", file) as camper:
        assert camper.line() == "camping"
        view = camper.ask()
        assert json.loads(view) == [[1, 16], [16]]
        inodes = []
        for _ in range(10):
            written.add(write(file))
            inodes.append(inode(file))
            assert whole_runs(file) == written
            assert camper.ask() == view
        assert len(set(inodes)) == 1, "the file was copied more than once for one camper"
        with Program("camper", file) as newcomer:
            assert newcomer.line() == "camping"
            assert json.loads(newcomer.ask()) == [[11, 176], [176]]
            written.add(write(file))
            assert inode(file) != inodes[0]
        assert camper.ask() == view
    assert whole_runs(file) == written
    assert beside(file) == set()


def test_a_camper_does_not_cost_patience_again_after_the_first_write(file: FileLocation) -> None:
    with Program("camper", file) as camper:
        assert camper.line() == "camping"
        write(file, patience=0.3)
        start = time.monotonic()
        write(file, patience=60)
        assert time.monotonic() - start < 30


def test_readers_that_come_and_go_are_waited_for_and_never_starve_the_writer(file: FileLocation) -> None:
    readers = [Program("busy_reader", file) for _ in range(8)]
    try:
        assert [reader.line() for reader in readers] == ["reading"] * 8
        written = {write(file, patience=0.1) for _ in range(10)}
        assert whole_runs(file) == written
        assert [reader.process.poll() for reader in readers] == [None] * 8
    finally:
        for reader in readers:
            reader.__exit__()
    assert beside(file) == set()


def test_a_reader_that_leaves_in_time_costs_no_copy(file: FileLocation) -> None:
    before = inode(file)
    with Program("camper", file) as camper:
        assert camper.line() == "camping"
        leaves = threading.Timer(0.2, camper.kill)
        leaves.start()
        write(file, patience=60)
        leaves.join()
    assert inode(file) == before


def test_a_writer_that_is_not_ours_is_never_copied(file: FileLocation) -> None:
    before = inode(file)
    with Program("foreign_writer", file) as writer:
        assert writer.line() == "writing"
        with pytest.raises(DatabaseBusy) as caught:
            write(file)
        assert caught.value.pid == writer.pid
        assert beside(file) == set()
    write(file)
    assert inode(file) == before


def test_a_transaction_that_fails_leaves_no_trace(file: FileLocation) -> None:
    written = write(file)

    def fails(connection: duckdb.DuckDBPyConnection) -> None:
        insert_run(connection)
        raise ValueError("changed my mind")

    with Program("camper", file) as camper:
        assert camper.line() == "camping"
        for _ in range(2):
            before = inode(file), file.path.read_bytes()
            with pytest.raises(ValueError, match="changed my mind"):
                transact(file, fails, 0.05)
            assert (inode(file), file.path.read_bytes()) == before
            assert beside(file) == set()
            camper.kill()
    assert whole_runs(file) == {written}


def test_the_copy_has_the_permissions_and_the_owner_of_the_file(file: FileLocation) -> None:
    file.path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file.path, 65534, 65534)
    before = file.path.stat()
    with Program("camper", file) as camper:
        assert camper.line() == "camping"
        write(file)
    after = file.path.stat()
    assert after.st_ino != before.st_ino
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o640, before.st_uid, before.st_gid)


def test_a_symbolic_link_stays_a_link(file: FileLocation, tmp_path: Path) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(file.path)
    with Program("camper", link) as camper:
        assert camper.line() == "camping"
        written = write(FileLocation(link))
    assert link.is_symlink()
    assert whole_runs(FileLocation(link)) == whole_runs(file) == {written}


@pytest.mark.parametrize("camps", [False, True])
def test_what_a_crash_left_in_the_log_is_kept(file: FileLocation, camps: bool) -> None:
    write(file)
    with Program("crash", file, 5) as crash:
        crash.process.wait()
    log = Path(f"{file}.wal")
    assert log.stat().st_size > 0
    before = whole_runs(file)
    assert len(before) == 6
    if not camps:
        assert whole_runs(file) == before
        written = write(file)
    else:
        with Program("camper", file) as camper:
            assert camper.line() == "camping"
            assert json.loads(camper.ask())[0][0] == 6
            written = write(file)
            assert json.loads(camper.ask())[0][0] == 6
    assert whole_runs(file) == before | {written}
    assert not log.exists()
    assert beside(file) == set()


def test_a_torn_log_loses_only_what_was_never_committed(file: FileLocation) -> None:
    with Program("crash", file, 5) as crash:
        crash.process.wait()
    log = Path(f"{file}.wal")
    os.truncate(log, log.stat().st_size - 40)
    with Program("camper", file) as camper:
        assert camper.line() == "camping"
        assert json.loads(camper.ask())[0][0] == 4
        written = write(file)
    assert written in whole_runs(file)
    assert len(whole_runs(file)) == 5


def test_reading_needs_no_writable_folder_and_leaves_nothing(file: FileLocation, tmp_path: Path) -> None:
    shutil.copy(file.path, tmp_path / "copied.duckdb")
    assert whole_runs(FileLocation(tmp_path / "copied.duckdb")) == set()
    assert {path.name for path in tmp_path.iterdir()} == {"copied.duckdb", "data"}
