"""One process at one file: its threads, its own connections, its children."""

import threading
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from analytics.db import DatabaseBusy, FileLocation, read_only, transact
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import insert_run, run_counts, run_ids, whole_runs


def inode(location: FileLocation) -> int:
    return location.path.stat().st_ino


def write(location: FileLocation, patience: float = 0.05) -> str:
    return transact(location, insert_run, patience)


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
    assert whole_runs(file) == written
    assert len(written) == 20


def test_one_thread_cannot_wait_for_itself(file: FileLocation) -> None:
    with read_only(file), pytest.raises(DatabaseBusy) as caught:
        write(file, patience=60)
    assert str(caught.value) == f"{file}: this thread reads it already: finish that first"
    with pytest.raises(DatabaseBusy) as caught:
        transact(file, lambda _: whole_runs(file))
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
        assert len(whole_runs(file)) == 1
        before = inode(file)
        with Program("commits", file, 3) as writer:
            assert len(writer.rest()) == 3
        assert inode(file) != before, "the writer did not notice the open connection"
        assert len(whole_runs(file)) == 4
        assert own.execute("SELECT count(*) FROM collector_runs").fetchone() == view
        with pytest.raises(DatabaseBusy) as caught:
            write(file)
        wanted = f"{file}: this process has it open with a connection of its own: close that first"
        assert str(caught.value) == wanted
    write(file)
    assert len(whole_runs(file)) == 5


def test_a_connection_of_the_analysts_own_that_is_closed_leaves_no_old_view(file: FileLocation) -> None:
    own = duckdb.connect(str(file), read_only=True)
    assert whole_runs(file) == set()
    own.close()
    before = inode(file)
    with Program("commits", file, 2) as writer:
        assert len(writer.rest()) == 2
    assert inode(file) == before
    assert len(whole_runs(file)) == 2


def test_a_long_reader_does_not_hold_back_the_present_from_others_of_its_process(file: FileLocation) -> None:
    with read_only(file) as old:
        assert run_ids(old) == set()
        with Program("commits", file, 2) as writer:
            assert len(writer.rest()) == 2
        seen: list[set[str]] = []
        thread = threading.Thread(target=lambda: seen.append(whole_runs(file)))
        thread.start()
        thread.join()
        assert len(seen[0]) == 2
        assert run_ids(old) == set()


def test_a_connection_of_the_analysts_own_that_writes_is_named(file: FileLocation) -> None:
    with duckdb.connect(str(file)), pytest.raises(DatabaseBusy) as caught, read_only(file, patience=0.05):
        pass
    wanted = f"{file}: this process has it open with a connection of its own: close that first"
    assert str(caught.value) == wanted
    assert whole_runs(file) == set()


def test_a_forked_child_uses_nothing_of_its_parent(file: FileLocation) -> None:
    with Program("forks", file) as parent:
        assert parent.rest() == ["child 2", "parent 2"]
        assert parent.process.wait() == 0
