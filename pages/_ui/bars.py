"""The bar of a service's last checks: one slot a check, and a slot for every check that did not happen."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

from analytics.model import Status
from pages._ui import words
from pages._ui.snapshot import Check

#: A missing check, drawn like unknown: nobody looked.
Slot: TypeAlias = Check | None

SLOTS = 40


def slots(checks: Sequence[Check], interval: timedelta, now: datetime, count: int = SLOTS) -> list[Slot]:
    """The newest `count` slots, oldest first, of `checks` (oldest first) made about every `interval`.

    Where checks are further apart than half as much again as they used to be, each missing one gets an empty
    slot; so do those missing up to `now`. What they used to be is the interval, or what the two pairs before
    show: a time when checks were rarer on purpose is no row of gaps. A short history leaves the list short.
    """
    if not checks:
        return []
    line: list[Slot] = [checks[0]]
    apart = [after.due - before.due for before, after in pairwise(checks)]
    for number, after in enumerate(checks[1:]):
        neighbours = apart[max(0, number - 2) : number] or apart[number + 1 : number + 3]
        usual = max(interval, min(neighbours, default=interval))
        line.extend([None] * min(count, max(0, round(apart[number] / usual) - 1)))
        line.append(after)
    line.extend([None] * min(count, max(0, int((now - checks[-1].at) / interval) - 1)))
    return line[-count:]


def began(checks: Sequence[Check], status: Status) -> datetime | None:
    """When the newest checks (oldest first) began to be `status` without a break; None if that is not known.

    It is not when the newest check says something else, or when the oldest known check says so already.
    """
    first: datetime | None = None
    for check in reversed(checks):
        if check.status is not status:
            return first
        first = check.at
    return None


def summary(line: Sequence[Slot]) -> str:
    """The bar in one sentence for those who cannot see it: `Last 40 checks: 38 healthy, 2 down.`"""
    made = [slot for slot in line if slot is not None]
    counts = Counter(check.status for check in made)
    parts = [f"{counts[status]} {words.STATUSES[status].lower()}" for status in Status if counts[status]]
    missing = len(line) - len(made)
    if missing:
        parts.append(f"{missing} missing")
    if not parts:
        return "No checks yet."
    return f"Last {len(line)} checks: {', '.join(parts)}."


def tooltip(slot: Slot) -> str:
    """What one slot says when pointed at."""
    if slot is None:
        return "No check"
    parts = [words.clock(slot.at), words.STATUSES[slot.status]]
    if slot.status is not Status.HEALTHY:
        parts.append(words.reason(slot.reason))
    if slot.response_time_ms is not None:
        parts.append(words.milliseconds(slot.response_time_ms))
    return " · ".join(part for part in parts if part)
