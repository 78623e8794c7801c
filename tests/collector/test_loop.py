"""Cycles start on a fixed grid, never two at once, and a missed one is not replayed."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.log import configure
from collector.loop import Loop, next_start
from collector.secrets import Redactor

AT = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001  `schedule` plans in naive time
MINUTE = timedelta(seconds=60)


@pytest.mark.parametrize(
    ("late", "expected", "missed"),
    [
        (timedelta(0), 60, 0),
        (timedelta(milliseconds=3), 60, 0),
        (timedelta(seconds=59.9), 60, 0),
        (timedelta(seconds=60), 120, 1),
        (timedelta(seconds=61), 120, 1),
        (timedelta(hours=8), 8 * 3600 + 60, 480),
    ],
)
def test_next_start(late: timedelta, expected: int, missed: int) -> None:
    assert next_start(AT, MINUTE, AT + late) == (AT + timedelta(seconds=expected), missed)


@given(st.integers(1, 3600), st.floats(0, 1e6))
def test_the_next_start_lies_ahead_and_on_the_grid(seconds: int, late: float) -> None:
    interval, now = timedelta(seconds=seconds), AT + timedelta(seconds=late)
    start, missed = next_start(AT, interval, now)
    assert now < start <= now + interval
    assert start == AT + (missed + 1) * interval


class Clock:
    """A naive clock that a test moves."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


async def test_a_running_cycle_is_never_joined_by_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    clock, started, release, stop = Clock(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    cycles = 0

    async def cycle() -> None:
        nonlocal cycles
        cycles += 1
        started.set()
        await release.wait()

    loop = Loop(cycle, timedelta(seconds=1), configure(Redactor()), clock)
    running = asyncio.create_task(loop.run(stop))
    await started.wait()
    clock.at += timedelta(seconds=1)
    while "cycle_skipped" not in (seen := capsys.readouterr().err):
        await asyncio.sleep(0.01)
    assert cycles == 1
    assert "still running" in seen
    release.set()
    stop.set()
    await running


async def test_a_long_stop_is_one_start_and_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    clock, stop, cycles = Clock(), asyncio.Event(), 0
    ran = asyncio.Event()

    async def cycle() -> None:
        nonlocal cycles
        cycles += 1
        ran.set()

    loop = Loop(cycle, MINUTE, configure(Redactor()), clock)
    clock.at += timedelta(hours=8)
    running = asyncio.create_task(loop.run(stop))
    await ran.wait()
    stop.set()
    await running
    assert cycles == 1
    assert "count=480" in capsys.readouterr().err


async def test_a_failing_cycle_does_not_end_the_loop(capsys: pytest.CaptureFixture[str]) -> None:
    clock, stop, twice, cycles = Clock(), asyncio.Event(), asyncio.Event(), 0

    async def cycle() -> None:
        nonlocal cycles
        cycles += 1
        if cycles == 2:
            twice.set()
        raise RuntimeError("broken")

    running = asyncio.create_task(Loop(cycle, MINUTE, configure(Redactor()), clock).run(stop))
    while not twice.is_set():
        clock.at += MINUTE
        await asyncio.sleep(0.01)
    stop.set()
    await running
    assert 'error="RuntimeError: broken"' in capsys.readouterr().err


async def test_stopping_cancels_the_running_cycle_and_waits_for_it() -> None:
    stop, started, ended = asyncio.Event(), asyncio.Event(), []

    async def cycle() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    running = asyncio.create_task(Loop(cycle, MINUTE, configure(Redactor()), Clock()).run(stop))
    await started.wait()
    stop.set()
    await running
    assert ended == [True]
