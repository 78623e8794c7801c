"""One collector a file."""

import os
import re
import socket
from pathlib import Path

import pytest

from analytics.db import (
    CollectorLock,
    CollectorRunning,
    FileLocation,
    LakeLocation,
    announce_listening,
    listening_at,
)
from tests.analytics.db.programs import Program


def test_a_second_collector_is_told_of_the_first(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "data" / "health.duckdb")
    with Program("lock_holder", location) as first:
        assert first.line() == "held"
        with pytest.raises(CollectorRunning) as caught:
            CollectorLock(location).acquire()
        wanted = (
            f"{location}: another collector runs on it (process {first.pid} on {socket.gethostname()} "
            "since TIME): stop it, or give this one another --db"
        )
        assert re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", str(caught.value)) == wanted


def test_a_killed_collector_does_not_stand_in_the_way(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    with Program("lock_holder", location) as first:
        assert first.line() == "held"
        first.kill()
        with CollectorLock(location):
            line = Path(f"{location}.lock").read_text()
    assert line.startswith(f"process {os.getpid()} on {socket.gethostname()} since ")


def test_it_holds_within_one_process_too_and_until_it_is_released(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    first, second = CollectorLock(location), CollectorLock(location)
    first.acquire()
    with pytest.raises(CollectorRunning):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
    assert Path(f"{location}.lock").read_text() == ""


def test_acquiring_again_changes_nothing(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    with CollectorLock(location) as lock:
        lock.acquire()
        with pytest.raises(CollectorRunning):
            CollectorLock(location).acquire()


def test_two_files_in_a_folder_have_two_collectors(tmp_path: Path) -> None:
    first, second = FileLocation(tmp_path / "a.duckdb"), FileLocation(tmp_path / "b.duckdb")
    with CollectorLock(first), CollectorLock(second):
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.duckdb.lock", "b.duckdb.lock"]


def test_a_lake_has_many_collectors(tmp_path: Path) -> None:
    location = LakeLocation("dbname=health", str(tmp_path))
    with CollectorLock(location), CollectorLock(location):
        pass
    assert list(tmp_path.iterdir()) == []


def test_where_the_collector_listens_is_known_as_long_as_it_runs(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    assert listening_at(location) is None
    with CollectorLock(location):
        assert listening_at(location) is None
        announce_listening(location, "http://127.0.0.1:8600")
        announce_listening(location, "http://127.0.0.1:8601")
        assert listening_at(location) == "http://127.0.0.1:8601"
        with pytest.raises(CollectorRunning, match=r"since [^\n]*Z\): stop it"):
            CollectorLock(location).acquire()
    assert listening_at(location) is None


def test_an_address_of_a_killed_collector_or_of_another_machine_is_none(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    with Program("lock_holder", location) as holder:
        assert holder.line() == "held"
        announce_listening(location, "http://127.0.0.1:8600")
        assert listening_at(location) == "http://127.0.0.1:8600"
        holder.kill()
    assert listening_at(location) is None
    path = Path(f"{location}.lock")
    for line in (
        f"process {os.getpid()} on elsewhere since now",
        "process x on y",
        "",
        f"process {2**80} on {socket.gethostname()}",
    ):
        path.write_text(f"{line}\nlistening on http://127.0.0.1:8600\n")
        assert listening_at(location) is None


def test_where_no_collector_ever_was_nothing_is_written(tmp_path: Path) -> None:
    announce_listening(FileLocation(tmp_path / "health.duckdb"), "http://127.0.0.1:8600")
    lake = LakeLocation("dbname=health", str(tmp_path))
    announce_listening(lake, "http://127.0.0.1:8600")
    assert listening_at(lake) is None
    assert list(tmp_path.iterdir()) == []
