"""What every source is brought into: monitors, their observations, and sums of those it no longer has."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from analytics.coverage import HOUR, hour_of
from analytics.model import Reason, Status


class ImportProblem(Exception):
    """Why something cannot be imported: one line that says where, what, and what would be right."""


class Observation(NamedTuple):
    """One check of another monitor. `time` is aware UTC, `milliseconds` None when it measured nothing.

    `original` are the fields of the source that have no column here; they are kept as `details`.
    """

    time: datetime
    status: Status
    reason: Reason
    message: str | None = None
    milliseconds: int | None = None
    original: Mapping[str, Any] = {}


def by_hour(observations: Sequence[Observation]) -> Iterator[tuple[datetime, Sequence[Observation]]]:
    """The full hours in which there are any of `observations`, which are in order, and those of each."""
    place = 0
    while place < len(observations):
        hour = hour_of(observations[place].time)
        end = bisect_left(observations, hour + HOUR, place, key=_time)
        yield hour, observations[place:end]
        place = end


def _time(one: Observation) -> datetime:
    return one.time


@dataclass(frozen=True, slots=True)
class Totals:
    """How many checks of each status there were in `hours` whole hours from `begun` on.

    Observations of that time that are still there are among them. Those that are `DEGRADED` count as `DOWN`
    unless the source counts them apart. `UNKNOWN` are those that fell into a maintenance.
    """

    begun: datetime
    hours: int
    counts: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class History:
    """Everything a source has of one monitor, oldest first. `interval` is the usual time between checks."""

    observations: Sequence[Observation]
    totals: Sequence[Totals]
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Monitor:
    """One thing another monitor watches: what it calls it, and what there is of it, without reading it all.

    `sums` is the number of hours and days of which only sums are left, as far as that is cheap to know.
    """

    name: str
    observations: int
    sums: int
    first: datetime
    last: datetime
    read: Callable[[], History]


@dataclass(frozen=True, slots=True)
class Source:
    """An opened source: its kind, what tells it from others, its monitors, and what a person should know."""

    kind: str
    identity: str
    monitors: tuple[Monitor, ...]
    notes: tuple[str, ...] = ()
