"""The cycles of the past: one a minute, except while the collector did not run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from collector.demo.history.batch import MICROSECONDS, MINUTE, Bools, Floats, Ints, from_datetime
from collector.demo.history.plan import Effect, Trouble
from collector.demo.rhythm import load, rate_factor

_MINUTES_A_DAY = 1440
#: Traffic begins this many minutes before the first cycle, so that its first window is full.
LEAD_MINUTES = 60


@dataclass(frozen=True)
class Grid:
    """`minutes` are the minutes of the span in microseconds since 1970, from an hour before the first cycle;
    `load` is how busy each is, and `rate` its rate factor. `cycles` are the starts of the cycles; `minute` is
    the place of the minute of each."""

    minutes: Ints
    load: Floats
    rate: Floats
    cycles: Ints
    minute: Ints


def make_grid(now: datetime, days: int, found: Sequence[Trouble], chance: np.random.Generator) -> Grid:
    """The cycles of the `days` before `now`; the last one is over by then."""
    last = from_datetime(now) // MINUTE
    first = last - days * _MINUTES_A_DAY
    minutes = np.arange(first - LEAD_MINUTES, last, dtype=np.int64) * MINUTE
    seconds = (minutes / MICROSECONDS).tolist()
    busy, rate = (np.array([curve(second) for second in seconds]) for curve in (load, rate_factor))
    minute = np.arange(LEAD_MINUTES, len(minutes), dtype=np.int64)
    cycles = minutes[minute] + chance.integers(2_000, 60_000, len(minute))
    running = ~within(cycles, [trouble for trouble in found if trouble.effect is Effect.GAP])
    return Grid(minutes, busy, rate, cycles[running], minute[running])


def within(times: Ints, spans: Sequence[Trouble]) -> Bools:
    """Which of `times` lie in one of `spans`."""
    inside = np.zeros(len(times), dtype=np.bool_)
    for span in spans:
        inside |= (times >= span.start) & (times < span.end)
    return inside
