"""A part that cannot be written now is not lost, and none is written twice."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics.db import FileLocation, read_only
from tests.collector.scripted import OK, Script, calling, cycle_over, database, service

_HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@contextmanager
def foreign_writer(location: FileLocation) -> Iterator[None]:
    """Another program that holds the file open for writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(location.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def counts(location: FileLocation) -> tuple[int, int, int]:
    with read_only(location) as connection:
        row = connection.execute(
            """SELECT (SELECT count(*) FROM collector_runs), (SELECT count(*) FROM integration_health_checks),
                      (SELECT count(*) FROM api_metrics)"""
        ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


async def test_a_blocked_database_delays_and_loses_nothing(tmp_path: Path, capsys) -> None:
    location = database(tmp_path)
    cycle = cycle_over([service("s", Script([calling(OK)]), interval=0)], location)
    with foreign_writer(location):
        await cycle.run()
        await cycle.run()
    said = capsys.readouterr().err
    assert said.count("event=write_failed") == 2
    assert "parts_waiting=2" in said
    await cycle.run()
    assert counts(location) == (3, 3, 1)
    await cycle.run()
    assert counts(location) == (4, 4, 1)


async def test_a_row_the_database_refuses_loses_its_own_part_only(tmp_path: Path, capsys) -> None:
    location = database(tmp_path)
    script = Script([OK, calling(OK, timestamp=None)])
    cycle = cycle_over([service("s", script, interval=0)], location)
    with foreign_writer(location):
        await cycle.run()
        await cycle.run()
    await cycle.run()
    assert "event=part_lost" in capsys.readouterr().err
    assert counts(location) == (2, 2, 0)
    await cycle.run()
    assert counts(location) == (3, 3, 0)
