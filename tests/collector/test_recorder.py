"""A part that cannot be written now is not lost, and none is written twice."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from analytics.db import DatabaseUnusable, FileLocation, read_only
from collector.alerting import Alerting, Setup
from tests.collector.alerting_stage import shipped
from tests.collector.scripted import OK, REFUSED, Script, calling, cycle_over, database, service

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


class Troubled(Alerting):
    """Rules that meet `trouble` once."""

    trouble: Exception | None = None

    def look(self, *arguments) -> int:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        return super().look(*arguments)


@pytest.mark.parametrize(
    "trouble",
    [
        duckdb.IOException("could not write all bytes"),
        duckdb.TransactionException("could not commit"),
        DatabaseUnusable("the server does not answer"),
    ],
)
async def test_trouble_of_storage_is_no_fault_of_the_rules_and_loses_nothing(
    tmp_path: Path, capsys, trouble: Exception
) -> None:
    location, spec = database(tmp_path), service("s", Script(), interval=0)
    cycle = cycle_over([spec], location)
    rules = cycle.recorder.alerting = Troubled(Setup({spec.key: spec}, shipped().alerts))
    rules.trouble = trouble
    await cycle.run()
    assert (rules.failure, counts(location)) == (None, (0, 0, 0))
    assert cycle.recorder.failure is not None
    await cycle.run()
    assert (cycle.recorder.failure, counts(location)) == (None, (2, 2, 0))
    said = capsys.readouterr().err
    assert "event=write_failed" in said
    assert "alerting_failed" not in said
    assert "part_lost" not in said


async def test_what_is_told_of_the_rules_is_what_was_committed(tmp_path: Path) -> None:
    location = database(tmp_path)
    spec = service("s", Script(last=REFUSED), interval=0, sure_after=1)
    cycle = cycle_over([spec], location)
    rules = cycle.recorder.alerting = Alerting(Setup({spec.key: spec}, shipped().alerts))
    with foreign_writer(location):
        await cycle.run()
    assert (dict(rules.firing), dict(rules.open_incidents)) == ({}, {})
    await cycle.run()
    await cycle.run()
    assert (rules.firing["service_down"], rules.open_incidents) == (1, {"critical": 1})
