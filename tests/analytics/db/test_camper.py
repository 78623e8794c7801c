"""Somebody keeps the file open: nothing stops, nothing is lost, and the file is copied once."""

import json
import os
import shutil
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from analytics.db import DatabaseBusy, FileLocation, read_only, transact
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import insert_run, run_counts, run_ids


def inode(location: FileLocation) -> int:
    return location.path.stat().st_ino


def beside(location: FileLocation) -> set[str]:
    """What lies beside the file, but for the locks."""
    names = {path.name for path in location.path.parent.iterdir()}
    return names - {"health.duckdb", "health.duckdb.writing", "health.duckdb.lock"}


def runs(location: FileLocation) -> set[str]:
    with read_only(location) as connection:
        return run_ids(connection)


def write(location: FileLocation, patience: float = 0.05) -> str:
    return transact(location, insert_run, patience)


def test_without_a_camper_the_file_is_changed_in_place(file: FileLocation) -> None:
    before = inode(file)
    written = {write(file) for _ in range(3)}
    assert runs(file) == written
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
            assert runs(file) == written
            assert camper.ask() == view
        assert len(set(inodes)) == 1, "the file was copied more than once for one camper"
        with Program("camper", file) as newcomer:
            assert newcomer.line() == "camping"
            assert json.loads(newcomer.ask()) == [[11, 176], [176]]
            written.add(write(file))
            assert inode(file) != inodes[0]
        assert camper.ask() == view
    assert runs(file) == written
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
        assert runs(file) == written
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
    assert runs(file) == {written}


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
    assert runs(FileLocation(link)) == runs(file) == {written}


@pytest.mark.parametrize("camps", [False, True])
def test_what_a_crash_left_in_the_log_is_kept(file: FileLocation, camps: bool) -> None:
    write(file)
    with Program("crash", file, 5) as crash:
        crash.process.wait()
    log = Path(f"{file}.wal")
    assert log.stat().st_size > 0
    before = runs(file)
    assert len(before) == 6
    if not camps:
        assert runs(file) == before
        written = write(file)
    else:
        with Program("camper", file) as camper:
            assert camper.line() == "camping"
            assert json.loads(camper.ask())[0][0] == 6
            written = write(file)
            assert json.loads(camper.ask())[0][0] == 6
    assert runs(file) == before | {written}
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
    assert written in runs(file)
    assert len(runs(file)) == 5
    with read_only(file) as connection:
        assert all(said == there for said, there in run_counts(connection))


def test_threads_of_one_process_take_turns(file: FileLocation) -> None:
    """DuckDB itself refuses to open a file for writing in a process that reads it."""
    stop = threading.Event()

    def reads() -> None:
        while not stop.is_set():
            with read_only(file) as connection:
                assert all(said == there for said, there in run_counts(connection))

    def writes() -> list[str]:
        return [write(file, patience=10) for _ in range(10)]

    with ThreadPoolExecutor(6) as threads:
        readers = [threads.submit(reads) for _ in range(4)]
        writers = [threads.submit(writes) for _ in range(2)]
        written = {run for writer in writers for run in writer.result()}
        stop.set()
        for reader in readers:
            reader.result()
    assert runs(file) == written
    assert len(written) == 20


def test_one_thread_cannot_wait_for_itself(file: FileLocation) -> None:
    with read_only(file), pytest.raises(DatabaseBusy) as caught:
        write(file, patience=60)
    assert str(caught.value) == f"{file}: this thread reads it already: finish that first"
    with pytest.raises(DatabaseBusy) as caught:
        transact(file, lambda _: runs(file))
    assert str(caught.value) == f"{file}: this thread writes to it already: finish that first"
    with pytest.raises(DatabaseBusy) as caught:
        transact(file, lambda _: write(file))
    assert str(caught.value) == f"{file}: this thread writes to it already: finish that first"
    with read_only(file), read_only(file) as connection:
        assert run_ids(connection) == set()


def test_a_thread_that_keeps_reading_is_named(file: FileLocation) -> None:
    done = threading.Event()

    def reads() -> None:
        with read_only(file):
            reading.set()
            done.wait(60)

    reading = threading.Event()
    thread = threading.Thread(target=reads)
    thread.start()
    reading.wait(60)
    with pytest.raises(DatabaseBusy) as caught:
        write(file)
    done.set()
    thread.join()
    assert str(caught.value) == f"{file}: another thread of this process keeps it open: close it there first"
    write(file)


def test_a_connection_of_the_analysts_own_in_the_same_process_stays_safe(file: FileLocation) -> None:
    """To close any descriptor of a file drops every lock the process has on it: ours must not."""
    write(file)
    with duckdb.connect(str(file), read_only=True) as own:
        view = own.execute("SELECT count(*) FROM collector_runs").fetchone()
        assert len(runs(file)) == 1
        before = inode(file)
        with Program("commits", file, 3) as writer:
            assert len(writer.rest()) == 3
        assert inode(file) != before, "the writer did not notice the open connection"
        assert len(runs(file)) == 4
        assert own.execute("SELECT count(*) FROM collector_runs").fetchone() == view
        with pytest.raises(DatabaseBusy) as caught:
            write(file)
        wanted = f"{file}: this process has it open with a connection of its own: close that first"
        assert str(caught.value) == wanted
    write(file)
    assert len(runs(file)) == 5


def test_a_long_reader_does_not_hold_back_the_present_from_others_of_its_process(file: FileLocation) -> None:
    with read_only(file) as old:
        assert run_ids(old) == set()
        with Program("commits", file, 2) as writer:
            assert len(writer.rest()) == 2
        seen: list[set[str]] = []
        thread = threading.Thread(target=lambda: seen.append(runs(file)))
        thread.start()
        thread.join()
        assert len(seen[0]) == 2
        assert run_ids(old) == set()


def test_reading_needs_no_writable_folder_and_leaves_nothing(file: FileLocation, tmp_path: Path) -> None:
    shutil.copy(file.path, tmp_path / "copied.duckdb")
    assert runs(FileLocation(tmp_path / "copied.duckdb")) == set()
    assert {path.name for path in tmp_path.iterdir()} == {"copied.duckdb", "data"}
