"""The pacer, with a clock that only moves when somebody sleeps."""

import asyncio
from collections.abc import Sequence

import pytest

from collector.pacing import Pacer


class Loop:
    """A clock, and a sleep that ends as many seconds late as the next of `lateness` says (0 afterwards)."""

    def __init__(self, lateness: Sequence[float] = ()) -> None:
        self.now = 100.0
        self._lateness = list(lateness)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + (self._lateness.pop(0) if self._lateness else 0.0)
        await asyncio.sleep(0)


def pacer(loop: Loop) -> Pacer:
    return Pacer(loop.clock, loop.sleep, gap=1.0, late=0.5, patience=10.0)


async def starts(loop: Loop, number: int) -> list[float]:
    """When each of `number` attempts that ask at the same moment may begin, in seconds from then."""
    shared, begun, asked = pacer(loop), [], loop.now

    async def attempt() -> None:
        await shared.turn()
        begun.append(round(loop.now - asked, 6))

    await asyncio.gather(*(attempt() for _ in range(number)))
    return begun


@pytest.mark.parametrize(
    ("lateness", "expected"),
    [
        ((), [1, 2, 3]),
        ((0.5,), [1.5, 2.5, 3.5]),
        ((0.6,), [2.6, 3.6, 4.6]),
        ((0, 3, 3), [1, 10, 11]),
        ((0, 8, 8, 8), [1, 19, 29]),
        ((20, 20, 20), [21, 42, 63]),
    ],
    ids=[
        "on time: one start per gap",
        "just late enough to be on time",
        "late: the start waits for the next gap",
        "late twice: it waits until the loop has caught up",
        "late for long: patience ends",
        "always late: still one start after another",
    ],
)
async def test_starts_follow_the_event_loop(lateness: Sequence[float], expected: list[float]) -> None:
    assert await starts(Loop(lateness), 3) == expected


async def test_turns_come_in_the_order_they_were_asked_for() -> None:
    shared, order = pacer(Loop()), []

    async def attempt(number: int) -> None:
        await shared.turn()
        order.append(number)

    await asyncio.gather(*(attempt(number) for number in range(20)))
    assert order == list(range(20))


async def test_a_cancelled_wait_gives_its_turn_to_the_next() -> None:
    shared = pacer(Loop())
    tasks = [asyncio.create_task(shared.turn()) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()
    assert await asyncio.wait_for(tasks[2], 5) is None
    assert tasks[0].cancelled()
    assert tasks[1].cancelled()


async def test_attempts_under_way_are_not_limited() -> None:
    """A turn is over once it is given: a thousand services that never answer wait side by side."""
    shared, waiting, release = pacer(Loop()), 0, asyncio.Event()

    async def attempt() -> None:
        nonlocal waiting
        await shared.turn()
        waiting += 1
        await release.wait()

    tasks = [asyncio.create_task(attempt()) for _ in range(1000)]
    while waiting < 1000:
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    release.set()
    await asyncio.gather(*tasks)
