"""Recorded traffic of the past: what a window needs of the calls of an API or the deliveries of a source."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collector.demo.history.batch import MINUTE, Batch, Bools, Coded, Floats, Ints
from collector.demo.history.grid import Grid, within
from collector.demo.history.plan import Effect, Trouble
from collector.demo.pace import EVENNESS
from collector.demo.services import Latency


@dataclass(frozen=True)
class Traffic:
    """The rows of one API or source in the order of time, as far as a window needs them, and as a `Batch`.

    `timed` marks the rows whose `response_ms` counts for the P95. Of deliveries, `failed` are those that were
    not verified; `handed_on` were given to the application, which did not process `unprocessed`.
    `circuit_events` are those of an API.
    """

    time: Ints
    failed: Bools
    response_ms: Floats
    timed: Bools
    status: Floats
    reason: Coded
    message: Coded
    retries: Ints
    handed_on: Bools
    unprocessed: Bools
    rows: Batch
    circuit_events: Batch | None = None


def happenings(
    per_hour: float, grid: Grid, found: Sequence[Trouble], chance: np.random.Generator
) -> tuple[Ints, Floats]:
    """When something happened, and how busy it was then: gamma distributed pauses at the pace of the hour."""
    minutes = np.append(grid.minutes, grid.minutes[-1] + MINUTE)
    expected = np.concatenate([[0.0], np.cumsum(grid.rate * per_hour / 60.0)])
    pauses = chance.gamma(EVENNESS, 1.0 / EVENNESS, int(1.02 * expected[-1]) + 100)
    happened = np.cumsum(pauses)
    happened = happened[happened < expected[-1]]
    time = np.interp(happened, expected, minutes).astype(np.int64)
    lost = [trouble for trouble in found if trouble.effect in (Effect.GAP, Effect.OFFLINE)]
    time = time[~within(time, lost)]
    return time, grid.load[(time - grid.minutes[0]) // MINUTE]


def latencies(given: Sequence[Latency], which: Ints, busy: Floats, chance: np.random.Generator) -> Floats:
    """For each place in `which` a time in ms, drawn from the latency that it names."""
    median, spread, slower = (
        np.array([getattr(latency, name) for latency in given])[which]
        for name in ("median_ms", "spread", "busy")
    )
    drawn: Floats = median * np.exp(spread * chance.standard_normal(len(which))) * (1.0 + slower * busy)
    return drawn
