"""A writer dies at any point: what it said is done is there, nothing is half there, the next one repairs."""

import itertools
import os
import random
import shutil
import time
from pathlib import Path

import duckdb
import pytest

from analytics.db import FileLocation, migrate, repair, schema_version, transact
from analytics.db.migrations import newest
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import beside, insert_run, whole_runs

#: Two fifths of them are aimed at a copy, which is what a kill may leave half done.
ROUNDS = 60


@pytest.fixture
def past_and_present(file: FileLocation, tmp_path: Path) -> tuple[set[str], set[str], Path]:
    """Runs of the file and its log, runs of a finished copy (one more), and where that copy lies."""
    with Program("crash", file, 3) as crash:
        crash.process.wait()
    past = whole_runs(file)
    finished = tmp_path / "finished.duckdb"
    shutil.copy(file.path, finished)
    shutil.copy(f"{file}.wal", f"{finished}.wal")
    transact(FileLocation(finished), insert_run)
    present = whole_runs(FileLocation(finished))
    assert (len(past), len(present)) == (3, 4)
    return past, present, finished


def test_a_half_made_copy_is_thrown_away(file: FileLocation, past_and_present) -> None:
    past, _, finished = past_and_present
    Path(f"{file}.copy").write_bytes(finished.read_bytes()[:100_000])
    Path(f"{file}.copy.wal").write_bytes(b"half a log")
    assert whole_runs(file) == past
    repair(file)
    assert beside(file) == {"health.duckdb.wal"}
    assert whole_runs(file) == past


def test_half_a_log_without_its_copy_is_thrown_away(file: FileLocation, past_and_present) -> None:
    past, _, _ = past_and_present
    Path(f"{file}.copy.wal").write_bytes(b"half a log")
    repair(file)
    assert beside(file) == {"health.duckdb.wal"}
    assert whole_runs(file) == past


@pytest.mark.parametrize("log_is_gone", [False, True])
def test_a_finished_copy_is_the_present_at_once_and_put_in_place(
    file: FileLocation, past_and_present, log_is_gone: bool
) -> None:
    _, present, finished = past_and_present
    finished.rename(f"{file}.next")
    if log_is_gone:
        Path(f"{file}.wal").unlink()
    assert whole_runs(file) == present
    assert "health.duckdb.next" in beside(file), "a reader repairs nothing"
    repair(file)
    assert beside(file) == set()
    assert whole_runs(file) == present


def test_a_finished_copy_of_a_file_that_was_never_there(file: FileLocation) -> None:
    file.path.rename(f"{file}.next")
    assert schema_version(file) == newest()
    assert migrate(file) == []
    assert beside(file) == set()


@pytest.mark.parametrize("after_a_crash", [False, True])
def test_killed_before_every_single_step_with_a_camper(file: FileLocation, after_a_crash: bool) -> None:
    acknowledged = {transact(file, insert_run)}
    leftovers = set[str]()
    for step in itertools.count():
        if after_a_crash:
            with Program("crash", file, 1) as crash:
                crash.process.wait()
            acknowledged = whole_runs(file)
        with duckdb.connect(str(file), read_only=True), Program("killed_before", file, step) as writer:
            said = writer.line()
            writer.process.wait()
        leftovers |= beside(file)
        acknowledged |= {said} - {""}
        now = whole_runs(file)
        assert acknowledged <= now
        assert len(now - acknowledged) <= 1
        acknowledged = now
        repair(file)
        assert beside(file) <= {"health.duckdb.wal"}
        assert whole_runs(file) == acknowledged
        if said:
            break
    assert {"health.duckdb.copy", "health.duckdb.next"} <= leftovers
    assert step > 8


def test_killed_before_every_single_step_without_a_camper(file: FileLocation) -> None:
    acknowledged = set[str]()
    for step in itertools.count():
        with Program("killed_before", file, step) as writer:
            said = writer.line()
        assert acknowledged | ({said} - {""}) <= whole_runs(file)
        acknowledged = whole_runs(file)
        if said:
            break
    assert step > 1


def test_killed_while_the_file_is_made(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "data" / "health.duckdb")
    for step in itertools.count():
        with Program("killed_before", location, step, "migrate") as maker:
            said = maker.line()
            maker.process.wait()
        if said:
            break
        if location.path.exists():
            assert schema_version(location) == 1
        shutil.rmtree(location.path.parent, ignore_errors=True)
    assert step > 3
    assert migrate(location) == []


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Three kinds of rounds: nobody reads, somebody camps, and somebody camps and the kill meets the copy."""
    location = FileLocation(tmp_path / "health.duckdb")
    migrate(location)
    transact(location, _fill)
    chance = random.Random(20260101)
    acknowledged, killed_in_copy = set[str](), 0
    coming = Program("writer", location)
    for number in range(ROUNDS):
        with coming as writer:
            assert writer.line() == "ready"
            coming = Program("writer", location)
            camps, aims = number % 5 > 1, number % 5 > 2
            camper = duckdb.connect(str(location), read_only=True) if camps else None
            view = camper and camper.execute("SELECT count(*) FROM collector_runs").fetchone()
            writer.say()
            if aims:
                _until_something_lies_beside(location)
                said = set[str]()
            else:
                said = {writer.line() for _ in range(chance.randrange(4))}
            time.sleep(chance.uniform(0, 0.004 if aims else 0.03))
            writer.kill()
            said |= set(writer.rest())
        killed_in_copy += any("copy" in name or "next" in name for name in beside(location))
        if camper:
            assert camper.execute("SELECT count(*) FROM collector_runs").fetchone() == view
            camper.close()
        acknowledged |= {run for run in said if len(run) == 36}
        now = whole_runs(location)
        assert acknowledged <= now, f"round {number}: {len(acknowledged - now)} committed runs are gone"
        repair(location)
        assert whole_runs(location) == now, f"round {number}: the repair changed what was there"
        assert beside(location) <= {"health.duckdb.wal"}
        acknowledged = now
    coming.__exit__()
    assert killed_in_copy >= ROUNDS // 10, "too few of the kills met a copy: the test proves little"
    assert len(acknowledged) >= ROUNDS // 2


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    """200,000 calls, about 15 MB: what a copy takes some time for."""
    connection.execute(
        """
        INSERT INTO api_metrics BY NAME
        SELECT uuid() AS id, TIMESTAMPTZ '2026-01-01' + to_seconds(i) AS timestamp, 'x' AS api_name,
               md5(i::VARCHAR) AS endpoint, 200 AS status_code
        FROM range(200000) AS numbers(i)
        """
    )


def _until_something_lies_beside(location: FileLocation) -> None:
    names = [f"{location}.copy", f"{location}.next"]
    deadline = time.monotonic() + 20
    while not any(map(os.path.exists, names)):
        assert time.monotonic() < deadline, "the writer made no copy"
