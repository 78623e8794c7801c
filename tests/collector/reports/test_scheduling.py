"""The reports of a running collector, made by a stand-in for the command: a program that writes files."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
import structlog

from analytics.alerting import Message
from analytics.db import Location, read_only, transact
from collector.reports.child import ReportFailed, make_in_child
from collector.reports.periods import ReportKind, period_ending
from collector.reports.scheduling import Reports
from collector.reports.settings import ReportSettings
from tests.collector.reports import small_database
from tests.collector.reports.small_database import END, START, migrated

NOW = END + timedelta(hours=5)
WRITES = """
    import os, pathlib, sys
    assert os.environ["HEALTH_DB"].endswith("/health.duckdb")
    kind, _, at, _, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    with (folder / "calls").open("a") as calls:
        print(kind, at, file=calls)
    (folder / f"{kind}-2026-11-24-0800.md").touch()
    print("All 3 services were healthy all day.")
"""
FAILS = """
    import pathlib, sys
    with (pathlib.Path(sys.argv[-1]).parent / "tries").open("a") as tries:
        print("try", file=tries)
    print("first line", file=sys.stderr)
    sys.exit("the drawing failed")
"""


def command(program: str) -> list[str]:
    return [sys.executable, "-c", dedent(program)]


@pytest.fixture
def location(tmp_path: Path) -> Location:
    location = migrated(tmp_path)
    transact(location, lambda connection: small_database.runs(connection, START, START + timedelta(hours=1)))
    return location


class Running:
    """Reports that run until the end of the block, with what they logged."""

    def __init__(self, location: Location, folder: Path, program: str, **settings) -> None:
        self.made = 0
        self.reports = Reports(
            location,
            ReportSettings(folder / "reports", **{"daily": time(8), "timezone": "Europe/Berlin", **settings}),
            ["mail", "boss"],
            command(program),
            structlog.get_logger(),
            lambda: NOW,
            self._count,
            again=timedelta(seconds=1),
        )

    def _count(self) -> None:
        self.made += 1

    async def __aenter__(self) -> "Running":
        self.task = asyncio.create_task(self.reports.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def rows(location: Location, statement: str) -> list[tuple]:
    with read_only(location) as connection:
        return connection.execute(statement).fetchall()


async def test_a_missed_report_is_made_once_and_handed_to_the_outbox_with_it(
    location: Location, tmp_path: Path
) -> None:
    async with Running(location, tmp_path, WRITES) as running:
        await until(lambda: running.made == 1)
    async with Running(location, tmp_path, WRITES) as restarted:
        assert await asyncio.to_thread(restarted.reports._due) == []
        await until(lambda: not restarted.reports._wanted.is_set())
    assert lines(tmp_path / "reports" / "calls") == ["daily 2026-11-24T07:00:00+00:00"]
    base = str((tmp_path / "reports" / "daily-2026-11-24-0800").resolve())
    assert rows(location, "SELECT kind, period_start, period_end, made_at, path FROM reports") == [
        ("daily", START, END, NOW, base)
    ]
    assert rows(
        location, "SELECT channel, action, dedup_key, state, severity FROM notifications ORDER BY id"
    ) == [(name, "report", "report/daily-2026-11-24-0800", "pending", "info") for name in ("mail", "boss")]


async def test_what_waits_for_delivery_is_told_and_both_kinds_are_made(
    location: Location, tmp_path: Path
) -> None:
    async with Running(location, tmp_path, WRITES, weekly=(1, time(8))) as running:
        await until(lambda: running.made == 2)
    assert [line.split()[0] for line in lines(tmp_path / "reports" / "calls")] == ["daily", "weekly"]


async def test_a_report_that_fails_is_tried_three_times_with_a_line_each(
    location: Location, tmp_path: Path
) -> None:
    with structlog.testing.capture_logs() as logs:
        async with Running(location, tmp_path, FAILS):
            await until(lambda: len([log for log in logs if log["event"] == "report_failed"]) == 3)
    failed = [log for log in logs if log["event"] == "report_failed"]
    assert [(log["tries"], log["tried_again"]) for log in failed] == [(1, True), (2, True), (3, False)]
    assert {log["reason"] for log in failed} == {"the drawing failed"}
    assert lines(tmp_path / "tries") == ["try"] * 3
    assert rows(location, "SELECT * FROM reports") == []
    assert rows(location, "SELECT * FROM notifications") == []


async def test_nothing_is_due_in_a_database_that_never_saw_a_cycle(tmp_path: Path) -> None:
    location = migrated(tmp_path)
    async with Running(location, tmp_path, WRITES) as running:
        await until(lambda: not running.reports._wanted.is_set())
        assert await asyncio.to_thread(running.reports._due) == []
    assert running.made == 0


def test_the_schedule_looks_at_the_local_time_of_the_report(location: Location, tmp_path: Path) -> None:
    running = Running(location, tmp_path, WRITES, weekly=(6, time(9, 30)))
    running.reports._plan()
    jobs = running.reports._scheduler.jobs
    assert [(str(job.at_time), job.unit, job.start_day) for job in jobs] == [
        ("08:00:00", "days", None),
        ("09:30:00", "weeks", "sunday"),
    ]
    assert {str(job.at_time_zone) for job in jobs} == {"Europe/Berlin"}


async def test_a_child_that_hangs_is_ended(tmp_path: Path) -> None:
    period = period_ending(ReportKind.DAILY, END, "UTC")
    with pytest.raises(ReportFailed, match=r"took longer than 0\.5 s"):
        await make_in_child(command("import time; time.sleep(60)"), period, tmp_path, timeout=0.5)


async def test_a_child_does_not_outlive_who_asked_for_it(tmp_path: Path) -> None:
    period = period_ending(ReportKind.DAILY, END, "UTC")
    program = """
        import os, pathlib, sys, time
        part = pathlib.Path(sys.argv[-1]) / "part"
        part.write_text(str(os.getpid()))
        part.rename(part.with_name("pid"))
        time.sleep(60)
    """
    task = asyncio.create_task(make_in_child(command(program), period, tmp_path))
    await until((tmp_path / "pid").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not Path("/proc", (tmp_path / "pid").read_text()).exists()


async def test_a_child_that_leaves_no_report_has_failed(tmp_path: Path) -> None:
    period = period_ending(ReportKind.DAILY, END, "UTC")
    with pytest.raises(ReportFailed, match="ended without a report"):
        await make_in_child(command("print('All is well.')"), period, tmp_path)


async def test_a_command_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    period = period_ending(ReportKind.DAILY, END, "UTC")
    with pytest.raises(ReportFailed, match=r"^/no/such/python cannot be started: No such file or directory$"):
        await make_in_child(["/no/such/python"], period, tmp_path)


def test_the_message_names_the_files_and_the_first_sentence(tmp_path: Path) -> None:
    from collector.reports.recording import MadeReport, report_message

    period = period_ending(ReportKind.WEEKLY, END, "Europe/Berlin")
    message = report_message(MadeReport(period, tmp_path / period.label, "All is well."), NOW)
    assert isinstance(message, Message)
    assert (message.title, message.text) == ("Weekly trend report, Tue 24 Nov 2026", "All is well.")
    assert (message.began_at, message.ended_at, message.at) == (period.start, period.end, NOW)
    assert message.path == str(tmp_path.resolve() / "weekly-2026-11-24-0800")
    assert message.dedup_key == "report/weekly-2026-11-24-0800"
    assert message.began_at.tzinfo is UTC
    assert datetime(2026, 11, 17, 7, tzinfo=UTC) == message.began_at
