"""Many senders, few transactions: what is accepted is in the file, once, and what waits is bounded."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.db import DatabaseBusy, FileLocation, read_only
from analytics.ids import uuid7
from collector.intake import Batch, Commit, Intake, IntakeFull, IntakeUnavailable, Stored
from collector.intake_commit import committing_to
from collector.log import configure
from collector.secrets import Redactor
from tests.collector.scripted import database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def call(**columns: Any) -> dict[str, Any]:
    return {"timestamp": NOW, "api_name": "openai", "status_code": 200, **columns}


def calls(count: int) -> list[dict[str, Any]]:
    return [call(response_time_ms=number) for number in range(count)]


def new_intake(**settings: Any) -> Intake:
    return Intake(configure(Redactor()), **settings)


@asynccontextmanager
async def working(intake: Intake, commit: Commit) -> AsyncIterator[None]:
    task = asyncio.create_task(intake.run(commit))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def stored_in(location: FileLocation, table: str = "api_metrics") -> int:
    with read_only(location) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


class Gate:
    """Commits to a real file, but only when a test opens it; counts the transactions."""

    def __init__(self, location: FileLocation) -> None:
        self._commit = committing_to(location)
        self.opened = threading.Event()
        self.sizes: list[int] = []

    def __call__(self, batches: Sequence[Batch]) -> Sequence[Stored]:
        self.opened.wait(20)
        self.sizes.append(len(batches))
        return self._commit(batches)


async def test_who_waits_is_told_after_the_commit(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    async with working(intake, committing_to(location)):
        assert await intake.store("api_metrics", calls(3)) == Stored(3, 0)
        assert stored_in(location) == 3
    assert (intake.waiting_rows, intake.stored_rows["api_metrics"]) == (0, 3)


async def test_many_senders_share_a_transaction(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    gate = Gate(location)
    async with working(intake, gate):
        senders = [asyncio.create_task(intake.store("api_metrics", calls(10))) for _ in range(50)]
        while intake.waiting_rows < 500:
            await asyncio.sleep(0)
        gate.opened.set()
        assert await asyncio.gather(*senders) == [Stored(10, 0)] * 50
    assert stored_in(location) == 500
    assert len(gate.sizes) <= 2


@pytest.mark.parametrize("count", [3, 6000], ids=["few rows", "many rows"])
async def test_a_row_sent_again_is_stored_once(tmp_path: Path, count: int) -> None:
    location, intake = database(tmp_path), new_intake()
    rows = [{**row, "id": str(uuid7())} for row in calls(count)]
    async with working(intake, committing_to(location)):
        assert await intake.store("api_metrics", rows) == Stored(count, 0)
        assert await intake.store("api_metrics", [*rows, *calls(1)]) == Stored(1, count)
    assert stored_in(location) == count + 1


async def test_the_same_id_twice_at_once_is_one_row(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    one = call(id=uuid7())
    shouted = {**one, "id": str(one["id"]).upper()}
    gate = Gate(location)
    async with working(intake, gate):
        first = asyncio.create_task(intake.store("api_metrics", [one, shouted]))
        second = asyncio.create_task(intake.store("api_metrics", [shouted]))
        await asyncio.sleep(0)
        gate.opened.set()
        assert await first == Stored(1, 1)
        assert await second == Stored(0, 1)
    assert stored_in(location) == 1


async def test_every_column_of_every_table_arrives(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake()
    quota = {"quota_name": "requests", "quota_used": 1.5, "quota_limit": 40.0, "quota_reset_at": NOW}
    full = call(endpoint="/a/{id}", method="GET", error_message="x", retries=1, reason="timeout", **quota)
    delivery = {
        "timestamp": NOW,
        "source": "shopify",
        "verified": True,
        "processed": None,
        "reason": "repeated",
    }
    event = {
        "timestamp": NOW,
        "api_name": "openai",
        "old_state": "closed",
        "new_state": "open",
        "message": "m",
    }
    async with working(intake, committing_to(location)):
        await intake.store("api_metrics", [full, *[full] * 5000])
        await intake.store("api_metrics", [full])
        await intake.store("webhook_metrics", [delivery])
        await intake.store("circuit_events", [event])
    with read_only(location) as connection:
        seen = connection.execute("SELECT DISTINCT * EXCLUDE (id) FROM api_metrics").fetchall()
        source = connection.execute("SELECT verified, processed, reason FROM webhook_metrics").fetchall()
        change = connection.execute("SELECT old_state, new_state, message FROM circuit_events").fetchall()
    assert len(seen) == 1, "few rows and many rows arrive the same"
    assert seen[0][-4:] == ("requests", 1.5, 40.0, NOW)
    assert source == [(True, None, "repeated")]
    assert change == [("closed", "open", "m")]


async def test_a_full_intake_refuses_and_loses_nothing_it_accepted(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake(capacity_rows=25)
    gate = Gate(location)
    async with working(intake, gate):
        accepted = [asyncio.create_task(intake.store("api_metrics", calls(10))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(IntakeFull) as full:
            await intake.store("api_metrics", calls(10))
        assert full.value.retry_after >= 1
        assert intake.offer("api_metrics", calls(8)) == 3
        gate.opened.set()
        assert await asyncio.gather(*accepted) == [Stored(10, 0)] * 2
    assert stored_in(location) == 25
    assert intake.dropped_rows == 3


async def test_a_batch_larger_than_the_intake_is_taken_when_nothing_waits(tmp_path: Path) -> None:
    location, intake = database(tmp_path), new_intake(capacity_rows=5)
    async with working(intake, committing_to(location)):
        assert await intake.store("api_metrics", calls(9)) == Stored(9, 0)


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
