"""The running collector beside a notebook, and killed at any moment."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from analytics.db import DatabaseMissing, FileLocation, read_only
from tests.collector.running import command, http_service, running, write_configuration
from tests.plugins.ports import free_port, wait_until

_CAMP = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
count = "SELECT count(*), max(id) FROM integration_health_checks"
first = con.execute(count).fetchone()
print("camping", flush=True)
sys.stdin.read()
assert con.execute(count).fetchone() == first, "the view of the camper changed"
print("unchanged", flush=True)
"""

_TORN = """
SELECT r.id FROM collector_runs r LEFT JOIN integration_health_checks c ON c.run_id = r.id
GROUP BY r.id, r.checks HAVING r.checks <> count(c.id)
UNION ALL
SELECT c.run_id FROM integration_health_checks c ANTI JOIN collector_runs r ON c.run_id = r.id
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four services that refuse at once: each cycle has several attempts, the first ones several parts."""
    services = [http_service(f"s{n}", f"http://127.0.0.1:{free_port()}/") for n in range(4)]
    write_configuration(tmp_path, "".join(services))
    return tmp_path


def database(folder: Path) -> FileLocation:
    return FileLocation(folder / "data" / "health.duckdb")


def fetch(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with read_only(database(folder)) as connection:
        return connection.execute(sql).fetchall()


def runs(folder: Path) -> int:
    try:
        return int(fetch(folder, "SELECT count(*) FROM collector_runs")[0][0])
    except DatabaseMissing:
        return 0


@contextmanager
def camper(folder: Path) -> Iterator[None]:
    """A notebook: another process that keeps the file open and whose view must not change."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CAMP, str(database(folder).path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "camping\n"
    try:
        yield
    finally:
        process.stdin.close()
        said = process.stdout.read()
        process.stdout.close()
        assert process.wait() == 0
        assert said == "unchanged\n"


def test_a_notebook_stays_open_while_the_collector_writes(folder: Path) -> None:
    command(["--once"], folder)
    path = database(folder).path
    inodes = set()
    with camper(folder), running([], folder):
        begun = runs(folder)
        inodes.add(path.stat().st_ino)
        deadline = time.monotonic() + 60
        while runs(folder) < begun + 6:
            assert time.monotonic() < deadline
            inodes.add(path.stat().st_ino)
            time.sleep(0.1)
        inodes.add(path.stat().st_ino)
    assert len(inodes) == 2, "the file was copied once, not at every write"
    assert fetch(folder, _TORN) == []
    assert "write_failed" not in (folder / "collector.log").read_text()


@pytest.mark.parametrize("with_camper", [False, True], ids=["alone", "with a camper"])
def test_killed_at_any_moment_it_loses_nothing(folder: Path, with_camper: bool) -> None:
    chance = random.Random(20261123)
    command(["--once"], folder)
    for _ in range(4):
        before = runs(folder)
        with running([], folder) as process:
            if with_camper:
                with camper(folder):
                    _kill_later(process, folder, before, chance)
            else:
                _kill_later(process, folder, before, chance)
        assert runs(folder) > before
    done = command(["--once"], folder)
    assert done.code == 0, done.err
    assert fetch(folder, _TORN) == []
    names = {path.name for path in (folder / "data").iterdir()}
    assert names & {"health.duckdb.copy", "health.duckdb.next", "health.duckdb.wal"} == set()


def _kill_later(process: "subprocess.Popen[str]", folder: Path, before: int, chance: random.Random) -> None:
    wait_until(lambda: runs(folder) > before, "a committed cycle", 30)
    time.sleep(chance.uniform(0, 1.2))
    process.send_signal(signal.SIGKILL)
    process.wait()
