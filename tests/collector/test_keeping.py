"""The year stays in the file and its single rows do not, in small steps that lose and double nothing."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.db import Connection, Location, close, locate, transact
from analytics.ids import uuid7
from analytics.model import CheckResult, Reason, ServiceKey, ServiceType, Status, Verdict
from analytics.rollups import Kind, Step, next_step, take
from collector.duties import duties
from collector.intake import Batch, Intake
from collector.intake_commit import committing_to
from collector.judging import Judge
from collector.keeping import months_before
from collector.late_rows import mark_late_rows
from collector.recorder import Part, Recorder
from collector.secrets import Redactor
from collector.store import Run
from collector.store_traffic import insert_new
from collector.wiring import Setting, utc_now
from tests.collector.config import writing
from tests.collector.keeping_stage import HOUR, NOW, all_steps, fetch, fill, keeping, ran, single_rows, sums
from tests.collector.receiver.receiving import Events, until
from tests.collector.scripted import cycle_over
from tests.collector.taking_in import call
from tests.empty_database import empty_database
from tests.plugins.databases import migrated_lake
from tests.plugins.postgres_server import PostgresServer

NOON = NOW.replace(minute=0)
ENDED = "SELECT rolled_until FROM rollup_state"


async def test_an_hour_is_summed_up_when_it_is_over(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - HOUR, 2)
    kept = keeping(location, NOON + timedelta(seconds=90))
    await all_steps(kept)
    assert sums(location) == (None, None, None, 0)
    kept.now = lambda: NOW
    await all_steps(kept)
    assert sums(location) == (120, 120, 60, 1)
    assert fetch(location, ENDED) == [(NOON,)]
    assert kept.summed_until == NOON
    assert await all_steps(kept) == 0


async def test_days_are_caught_up_with_in_steps_and_cycles_have_their_turns(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 60 * HOUR, 60)
    pauses: list[float] = []
    summed: list[Any] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        summed.append(sums(location)[3])
        if seconds == 60:
            raise asyncio.CancelledError

    kept = keeping(location, sleep=sleep)
    with pytest.raises(asyncio.CancelledError):
        await kept.run()
    assert pauses[:-1] == [0.5] * (len(pauses) - 1)
    assert summed[-4:] == [24, 48, 60, 60]
    assert sums(location)[0] == 7200


async def test_what_is_old_is_deleted_and_its_sums_stay(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 72 * HOUR, 72)
    await all_steps(keeping(location))
    before = sums(location)
    ran(location, NOW - 12 * HOUR)
    await all_steps(keeping(location, days=1))
    oldest = fetch(
        location, "SELECT min(timestamp), (SELECT max(raw_since) FROM rollup_state) FROM api_metrics"
    )
    midnight = (NOW - timedelta(days=1)).replace(hour=0, minute=0)
    assert midnight - timedelta(days=1) < oldest[0][0] <= midnight
    assert oldest[0][0] == oldest[0][1]
    assert sums(location) == before == (8640, 8640, 4320, 72)


async def test_after_a_year_the_sums_go_too(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 3 * HOUR, 3)
    await all_steps(keeping(location))
    later = datetime(2027, 12, 24, 12, tzinfo=UTC)
    ran(location, later - 12 * HOUR)
    await all_steps(keeping(location, later))
    assert single_rows(location) == (0, 0)
    assert sums(location)[0] == 360
    await all_steps(keeping(location, later + timedelta(days=1)))
    assert sums(location) == (None, None, None, 0)


async def test_sums_are_kept_at_least_as_long_as_single_rows(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 3 * HOUR, 3)
    later = datetime(2029, 11, 24, tzinfo=UTC)
    ran(location, later - 12 * HOUR)
    kept = keeping(location, later, days=3650)
    await all_steps(kept)
    assert sums(location)[0] == 360


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [("2026-03-31", 13, "2025-02-28"), ("2026-11-24", 13, "2025-10-24"), ("2024-03-31", 1, "2024-02-29")],
)
def test_months_before(day: str, months: int, before: str) -> None:
    assert months_before(datetime.fromisoformat(day), months) == datetime.fromisoformat(before)


async def test_trouble_is_told_once_and_tried_again(tmp_path: Path) -> None:
    events, location = Events(), empty_database(tmp_path)
    fill(location, NOON - HOUR, 1)
    kept = keeping(locate(str(tmp_path / "gone.duckdb")), log=events.logger())
    assert not await kept.step()
    assert not await kept.step()
    assert [event["event"] for event in events] == ["keeping_failed"]
    assert "gone.duckdb" in events[0]["reason"]
    kept.location = location
    await all_steps(kept)
    assert kept.failure is None
    assert sums(location)[0] == 120


async def test_a_collector_started_for_one_cycle_does_a_bounded_part(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 24 * 9 * HOUR, 24 * 9)
    await keeping(location).once()
    assert 24 * 5 < sums(location)[3] < 24 * 9
    await keeping(location).once()
    assert sums(location)[3] == 24 * 9


async def test_a_running_collector_keeps_and_one_started_for_a_cycle_too(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    config = replace(writing.written(tmp_path, writing.REDIS), retention_days=1)
    log = Events().logger()
    setting = Setting(config, location, {}, Redactor(), log, Intake(log))
    fill(location, utc_now().replace(minute=0, second=0, microsecond=0) - 72 * HOUR, 72)
    ran(location, utc_now() - 13 * HOUR)
    async with duties(setting, cycle_over([], location)) as work, work.lasting():
        await until(lambda: sums(location)[3] > 24)
    async with duties(setting, cycle_over([], location)) as work:
        await work.keeping.once()
    assert sums(location)[3] > 70
    assert single_rows(location)[0] < 8640


def late_call(hours: int) -> dict[str, Any]:
    return call(timestamp=NOON - hours * HOUR, id=str(uuid7()), api_name="shopify", response_time_ms=5000)


async def test_calls_that_come_late_are_in_the_sums(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 72 * HOUR, 72)
    ran(location, NOW - 12 * HOUR)
    kept = keeping(location, days=1)
    await all_steps(kept)
    rows = [late_call(2), late_call(70)]
    commit = committing_to(location, lambda: NOW)
    commit([Batch("api_metrics", rows), Batch("api_metrics", [call(id=str(uuid7()), timestamp=NOW)])])
    commit([Batch("api_metrics", rows[:1])])
    await all_steps(kept)
    assert sums(location) == (8642, 8642, 4320, 72)
    slow = "SELECT hour FROM latency_hours WHERE latency_ms = 5000 ORDER BY hour"
    assert fetch(location, slow) == [(NOON - 70 * HOUR,), (NOON - 2 * HOUR,)]
    # Nothing is left of the single row whose hour has no others any more: it would be counted again.
    assert fetch(location, "SELECT count(*) FROM api_metrics WHERE response_time_ms = 5000") == [(1,)]


async def test_a_part_that_waited_is_in_the_sums(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 3 * HOUR, 3)
    kept = keeping(location)
    await all_steps(kept)
    recorder = Recorder(location, Judge({}), kept.log, now=lambda: NOW)
    await recorder.write(part(NOON - 90 * timedelta(minutes=1), late_call(1)))
    await all_steps(kept)
    assert sums(location)[:3] == (361, 361, 181)


def part(at: datetime, called: dict[str, Any]) -> Part:
    key = ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
    check = CheckResult(key, at, Verdict(Status.DOWN, Reason.TIMEOUT, "no answer"), error_count=1)
    run = Run(uuid7(), uuid7(), 1, True, "here:1", "0", at, at, timedelta(minutes=1), 1, 1)
    return Part(run, [check], calls=[called])


async def test_a_minute_of_a_clock_that_is_far_ahead_deletes_nothing(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 24 * HOUR, 24)
    await all_steps(keeping(location))
    before = single_rows(location), sums(location)
    for at in (NOW - 13 * HOUR, NOW, wrong := NOW + timedelta(days=800)):
        ran(location, at)
    await all_steps(keeping(location, wrong))
    assert (single_rows(location), sums(location)) == before
    await all_steps(keeping(location))
    assert (single_rows(location), sums(location)) == before


async def test_nothing_is_deleted_until_a_collector_has_run_for_half_a_day(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 96 * HOUR, 96)
    kept = keeping(location, days=1)
    ran(location, NOW - 11 * HOUR)
    await all_steps(kept)
    assert single_rows(location) == (96 * 120, 96 * 60)
    kept.now = lambda: NOW + HOUR
    await all_steps(kept)
    assert single_rows(location)[0] < 72 * 120


async def test_a_check_in_an_hour_that_a_wrong_clock_finished_is_in_the_sums(tmp_path: Path) -> None:
    location = empty_database(tmp_path)
    fill(location, NOON - 3 * HOUR, 3)
    await all_steps(keeping(location, NOW + 24 * HOUR))
    assert fetch(location, ENDED) == [(NOON + 21 * HOUR,)]
    recorder = Recorder(location, Judge({}), keeping(location).log, now=lambda: NOW)
    await recorder.write(part(NOW, late_call(0) | {"timestamp": NOW}))
    assert fetch(location, "SELECT * FROM late_hours ORDER BY ALL") == [
        (NOON, "infrastructure", "redis"),
        (NOON, None, None),
    ]
    await all_steps(keeping(location))
    await all_steps(keeping(location, NOW + HOUR))
    assert sums(location)[:3] == (361, 361, 181)
    assert fetch(location, ENDED) == [(NOON + HOUR,)]


@pytest.fixture
def lake(postgres_server: PostgresServer, lake_template: str, tmp_path: Path) -> Iterator[Location]:
    location = migrated_lake(postgres_server, lake_template, tmp_path)
    yield location
    close(location)


def test_two_who_sum_up_the_same_hours_of_a_lake_count_them_once(lake: Location) -> None:
    fill(lake, NOON - 3 * HOUR, 3)
    transact(lake, lambda connection: take(connection, Step(Kind.BEGIN, NOON, NOON)))
    both_are_done, found = threading.Barrier(2, timeout=30), []

    def work(connection: Connection) -> None:
        found.append(step := next_step(connection, NOW))
        if step is not None:
            take(connection, step)
        if len(found) <= 2:
            both_are_done.wait()

    with ThreadPoolExecutor(2) as threads:
        for one in [threads.submit(transact, lake, work) for _ in range(2)]:
            one.result()
    step = Step(Kind.FINISH, NOON - 3 * HOUR, NOON)
    assert found == [step, step, None]
    assert sums(lake) == (360, 360, 180, 3)


def test_a_call_that_comes_while_its_hour_is_summed_up_in_a_lake_is_in_the_sums(lake: Location) -> None:
    fill(lake, NOON - HOUR, 1)
    transact(lake, lambda connection: take(connection, Step(Kind.BEGIN, NOON, NOON)))
    found = []

    def sum_up(connection: Connection) -> None:
        found.append(step := next_step(connection, NOW))
        if step is not None:
            take(connection, step)

    with ThreadPoolExecutor(1) as thread:

        def write(connection: Connection) -> None:
            insert_new(connection, "api_metrics", [late_call(1)])
            mark_late_rows(connection, [NOON - HOUR], NOW)
            thread.submit(transact, lake, sum_up).result()

        transact(lake, write)
    assert sums(lake)[0] == 120
    transact(lake, sum_up)
    assert found == [Step(Kind.FINISH, NOON - HOUR, NOON), Step(Kind.AGAIN, NOON - HOUR, NOON)]
    assert sums(lake)[0] == 121
