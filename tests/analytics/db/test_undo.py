"""A crash in the middle of writing a block: DuckDB alone refuses the file, ours is as it was."""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from analytics.db import DatabaseUnusable, FileLocation, read_only, repair, transact
from analytics.db.engine import close_file, open_file
from analytics.db.undo import undo_of
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import beside, insert_run, run_ids, whole_runs

HEADERS = (4096, 8192)
FIRST_BLOCK, BLOCK = 12288, 65536


@dataclass(frozen=True)
class Checkpoint:
    """The bytes of a file before a checkpoint and after it, and what was committed before."""

    file: FileLocation
    before: bytes
    after: bytes
    runs: set[str]

    def overwritten(self) -> list[int]:
        """Where the blocks are that the checkpoint wrote over others."""
        blocks = range(FIRST_BLOCK, min(len(self.before), len(self.after)) - BLOCK + 1, BLOCK)
        return [at for at in blocks if self.before[at : at + BLOCK] != self.after[at : at + BLOCK]]

    def crash(self, written: int, size: int = BLOCK, headers: bool = False) -> None:
        """Leave the file as a crash leaves it: of every block it overwrote only the first bytes are there."""
        content = bytearray(self.before)
        for at in self.overwritten():
            content[at : at + written] = self.after[at : at + written]
        if headers:
            for at in HEADERS:
                content[at : at + size] = self.after[at : at + size]
        self.file.path.write_bytes(content)
        shutil.copy(self.file.path.with_name("log"), f"{self.file}.wal")


@pytest.fixture
def checkpoint(file: FileLocation) -> Checkpoint:
    """One that had much to overwrite; the log that belongs to the file before it lies in `log`."""
    for _ in range(12):
        transact(file, insert_run)
    with Program("crash", file, 3) as crash:
        crash.process.wait()
    before, runs = file.path.read_bytes(), whole_runs(file)
    shutil.copy(f"{file}.wal", file.path.with_name("log"))
    transact(file, insert_run)
    found = Checkpoint(file, before, file.path.read_bytes(), runs)
    assert found.overwritten(), "the checkpoint overwrote nothing: there is nothing to test"
    assert len(runs) == 15
    return found


def checkpoints_of(file: FileLocation) -> int:
    """How many checkpoints there were, which the newer header says."""
    content = file.path.read_bytes()
    return max(int.from_bytes(content[at + 8 : at + 16], "little") for at in HEADERS)


def leftovers(file: FileLocation) -> set[str]:
    return beside(file) - {"log"}


@pytest.mark.parametrize("written", [1, 8, 4096, 8192, 28672, 65535])
def test_a_block_of_which_a_part_was_written_is_put_back(checkpoint: Checkpoint, written: int) -> None:
    checkpoint.crash(written)
    repair(checkpoint.file)
    assert whole_runs(checkpoint.file) == checkpoint.runs
    run = transact(checkpoint.file, insert_run)
    assert whole_runs(checkpoint.file) == checkpoint.runs | {run}
    assert leftovers(checkpoint.file) == set()


def test_without_what_was_kept_duckdb_refuses_the_file(checkpoint: Checkpoint) -> None:
    checkpoint.crash(4096)
    undo_of(checkpoint.file.path).unlink()
    with pytest.raises(DatabaseUnusable, match=r"health\.duckdb: it is damaged: restore it from a backup$"):
        transact(checkpoint.file, insert_run)


@pytest.mark.parametrize("size", [1, 4, 8])
def test_a_header_of_which_a_part_was_written_is_put_back(checkpoint: Checkpoint, size: int) -> None:
    checkpoint.crash(BLOCK, size, headers=True)
    repair(checkpoint.file)
    assert whole_runs(checkpoint.file) == checkpoint.runs
    assert transact(checkpoint.file, insert_run) in whole_runs(checkpoint.file)


def test_blocks_that_were_written_whole_stay(checkpoint: Checkpoint) -> None:
    checkpoint.crash(BLOCK)
    torn = checkpoint.file.path.read_bytes()
    repair(checkpoint.file)
    assert checkpoint.file.path.read_bytes() == torn
    assert whole_runs(checkpoint.file) == checkpoint.runs


def test_what_was_kept_for_an_earlier_checkpoint_is_not_used(checkpoint: Checkpoint) -> None:
    content = bytearray(checkpoint.after)
    at = checkpoint.overwritten()[0]
    content[at + 100] ^= 255
    checkpoint.file.path.write_bytes(content)
    shutil.copy(checkpoint.file.path.with_name("log"), f"{checkpoint.file}.wal")
    repair(checkpoint.file)
    assert checkpoint.file.path.read_bytes() == content


@pytest.mark.parametrize("length", [0, 1, 60, 5000, -1])
def test_half_of_what_is_to_be_kept_is_not_used(checkpoint: Checkpoint, length: int) -> None:
    undo = undo_of(checkpoint.file.path)
    undo.write_bytes(undo.read_bytes()[:length])
    checkpoint.crash(0)
    repair(checkpoint.file)
    assert whole_runs(checkpoint.file) == checkpoint.runs


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\xff\x00\n",
        b"7\n",
        b"[1]\n",
        b'{"checkpoint": 1, "regions": 5}\n',
        b'{"checkpoint": 1, "regions": [[4096, 1e99, 3]]}\n',
        b'{"checkpoint": 1, "regions": [[-8, 8, 0]]}\n\0\0\0\0\0\0\0\0',
        b'{"checkpoint": 1, "regions": [[0, 99999999999999, 0]]}\n',
        b'{"checkpoint": "x", "regions": []}\n',
    ],
)
def test_nonsense_in_its_place_changes_nothing(checkpoint: Checkpoint, nonsense: bytes) -> None:
    checkpoint.crash(0)
    undo_of(checkpoint.file.path).write_bytes(nonsense)
    repair(checkpoint.file)
    assert checkpoint.file.path.read_bytes() == checkpoint.before
    assert whole_runs(checkpoint.file) == checkpoint.runs


def test_another_file_in_the_place_of_the_database_is_not_touched(checkpoint: Checkpoint) -> None:
    checkpoint.crash(0)
    checkpoint.file.path.write_bytes(b"a letter to the family\n")
    with pytest.raises(DatabaseUnusable, match="it is not a DuckDB database"):
        transact(checkpoint.file, insert_run)
    assert checkpoint.file.path.read_bytes() == b"a letter to the family\n"


def test_a_reader_mends_the_file(checkpoint: Checkpoint) -> None:
    checkpoint.crash(4096)
    with pytest.raises(duckdb.IOException, match="Corrupt"):
        duckdb.connect(str(checkpoint.file), read_only=True).execute(
            "SELECT * FROM collector_runs"
        ).fetchall()
    for _ in range(2):
        try:
            with read_only(checkpoint.file) as connection:
                assert run_ids(connection) == checkpoint.runs
            break
        except DatabaseUnusable:
            continue
    assert whole_runs(checkpoint.file) == checkpoint.runs


def test_a_reader_who_may_not_write_is_told_who_mends_it(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint.crash(4096)
    Path(f"{checkpoint.file}.writing").unlink()
    # Root may write everywhere; a folder in the place of the lock is what no user can open.
    Path(f"{checkpoint.file}.writing").mkdir()
    with pytest.raises(DatabaseUnusable, match="a crash left a write half done: start the collector"):
        whole_runs(checkpoint.file)


def test_it_may_be_read_by_whom_the_database_may_be_read(file: FileLocation) -> None:
    file.path.chmod(0o640)
    before = os.umask(0o077)
    try:
        transact(file, insert_run)
    finally:
        os.umask(before)
    assert stat.S_IMODE(undo_of(file.path).stat().st_mode) == 0o640


def test_a_large_commit_makes_no_checkpoint(file: FileLocation) -> None:
    """DuckDB makes one in a commit of over 16 MiB, without a log: nothing would tell of a crash in it."""

    def many(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("CREATE OR REPLACE TABLE letters (text VARCHAR)")
        connection.execute("INSERT INTO letters SELECT repeat(md5(i::VARCHAR), 20) FROM range(60000) AS r(i)")

    transact(file, insert_run)
    before = checkpoints_of(file)
    instance = open_file(file.path)
    try:
        for _ in range(3):
            instance.run(many)
        assert checkpoints_of(file) == before
    finally:
        close_file(instance)
    assert checkpoints_of(file) == before
    transact(file, insert_run)
    assert checkpoints_of(file) == before + 1
