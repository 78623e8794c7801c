"""The worst days of an intake: the database, the log, the end."""

import asyncio
import contextlib
import io
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from analytics.db import DatabaseBusy
from collector.intake import Batch, IntakeUnavailable, Stored
from collector.intake_commit import committing_to
from tests.collector.scripted import database
from tests.collector.taking_in import NOW, Gate, call, calls, new_intake, stored_in, working


async def test_a_database_that_cannot_be_written_is_told_and_the_rest_is_kept(tmp_path: Path, capsys) -> None:
    location, intake = database(tmp_path), new_intake()
    working_commit, broken = committing_to(location), threading.Event()

    def commit(batches: Sequence[Batch]) -> Sequence[Stored]:
        if not broken.is_set():
            broken.set()
            raise DatabaseBusy("health.duckdb", "somebody writes to it")
        return working_commit(batches)

    intake.offer("api_metrics", calls(2))
    waiting = asyncio.create_task(intake.store("api_metrics", calls(3)))
    await asyncio.sleep(0)
    async with working(intake, commit):
        with pytest.raises(IntakeUnavailable, match="somebody writes to it"):
            await waiting
        assert await intake.store("api_metrics", calls(1)) == Stored(1, 0)
    assert stored_in(location) == 3, "what nobody waited for is written later, and who was told sends again"
    assert "event=ingest_write_failed" in capsys.readouterr().err


async def test_a_refused_row_fails_its_own_sender_only(tmp_path: Path, capsys) -> None:
    location, intake = database(tmp_path), new_intake()
    gate = Gate(location)
    async with working(intake, gate):
        good = asyncio.create_task(intake.store("api_metrics", calls(2)))
        bad = asyncio.create_task(intake.store("api_metrics", [{"timestamp": NOW}]))
        await asyncio.sleep(0)
        gate.opened.set()
        assert await good == Stored(2, 0)
        with pytest.raises(IntakeUnavailable, match="refused"):
            await bad
    assert stored_in(location) == 2
    assert "event=ingest_rows_refused" in capsys.readouterr().err


async def test_a_sender_that_goes_away_takes_nothing_back(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    gate = Gate(location)
    async with working(intake, gate):
        sender = asyncio.create_task(intake.store("api_metrics", calls(4)))
        await asyncio.sleep(0)
        sender.cancel()
        gate.opened.set()
        await intake.store("api_metrics", calls(1))
    assert stored_in(location) == 5


async def test_the_end_writes_what_waits(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    gate = Gate(location)
    task = asyncio.create_task(intake.run(gate))
    sender = asyncio.create_task(intake.store("api_metrics", calls(4)))
    await asyncio.sleep(0.01)
    intake.offer("api_metrics", calls(2))
    task.cancel()
    gate.opened.set()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await sender == Stored(4, 0)
    assert stored_in(location) == 6


async def test_the_end_with_a_broken_database_tells_who_waits(capsys) -> None:
    intake = new_intake()

    def commit(batches: Sequence[Batch]) -> Sequence[Stored]:
        raise DatabaseBusy("health.duckdb", "somebody writes to it")

    task = asyncio.create_task(intake.run(commit))
    intake.offer("api_metrics", calls(2))
    with pytest.raises(IntakeUnavailable):
        await intake.store("api_metrics", calls(4))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert intake.waiting_rows == 0
    assert "event=ingest_rows_lost rows=2" in capsys.readouterr().err.replace("level=error ", "")


def test_ids_are_checked_by_the_database_type(tmp_path: Path) -> None:
    location = database(tmp_path)
    with pytest.raises(duckdb.Error):
        committing_to(location)([Batch("api_metrics", [call(id="no uuid")])])
    assert stored_in(location) == 0


async def test_a_log_that_cannot_be_written_ends_nothing(tmp_path: Path, monkeypatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    location, intake = database(tmp_path), new_intake()
    good, failed = committing_to(location), []

    def commit(batches: Sequence[Batch]) -> Sequence[Stored]:
        if not failed:
            failed.append(True)
            raise DatabaseBusy("health.duckdb", "somebody writes to it")
        return good(batches)

    monkeypatch.setattr(sys, "stderr", Full())
    async with working(intake, commit):
        with pytest.raises(IntakeUnavailable):
            await intake.store("api_metrics", calls(1))
        assert await intake.store("api_metrics", calls(2)) == Stored(2, 0)
    assert stored_in(location) == 2


async def test_the_end_tries_once_more_after_a_failed_write(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    good, tries = committing_to(location), []

    def commit(batches: Sequence[Batch]) -> Sequence[Stored]:
        tries.append(len(batches))
        if len(tries) == 1:
            raise DatabaseBusy("health.duckdb", "somebody writes to it")
        return good(batches)

    intake.offer("webhook_metrics", [{"timestamp": NOW, "source": "shopify"}])
    async with working(intake, commit):
        while not intake.failure:
            await asyncio.sleep(0)
    assert stored_in(location, "webhook_metrics") == 1


async def test_stopped_while_it_looks_for_the_refused_row_it_keeps_the_others(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    good, reached, gate = committing_to(location), threading.Event(), threading.Event()

    def commit(batches: Sequence[Batch]) -> Sequence[Stored]:
        if len(batches) == 1 and not reached.is_set():
            reached.set()
            gate.wait(20)
        return good(batches)

    intake.offer("api_metrics", calls(1))
    intake.offer("api_metrics", [{"timestamp": NOW}])
    for _ in range(3):
        intake.offer("api_metrics", calls(1))
    task = asyncio.create_task(intake.run(commit))
    while not reached.is_set():
        await asyncio.sleep(0)
    task.cancel()
    gate.set()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert stored_in(location) == 4
    assert (intake.waiting_rows, intake.dropped_rows) == (0, 1)
