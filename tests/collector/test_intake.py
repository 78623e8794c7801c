"""Many senders, few transactions: what is accepted is in the file, once, and what waits is bounded."""

import asyncio
from pathlib import Path

import pytest

from analytics.db import read_only
from analytics.ids import uuid7
from collector.intake import IntakeFull, Stored
from collector.intake_commit import committing_to
from tests.collector.scripted import database
from tests.collector.taking_in import NOW, Gate, call, calls, new_intake, stored_in, working


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
