"""Checks of which only a sum is left: what is missing of each hour, and how it is put back. Pure.

A sum holds the checks that are still there one by one; only the rest is filled in. A sum of a day is spread
evenly over those of its hours that have no sum of their own. In which order the checks of an hour came is
taken from the changes that are known, and where none is known the bad ones come last.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from analytics.coverage import HOUR, hour_of
from analytics.imports.history import History, Observation, Totals, by_hour
from analytics.model import Reason, Status

Counts = Counter[Status]

_REASONS = {
    Status.HEALTHY: Reason.OK,
    Status.DEGRADED: Reason.SLOW,
    Status.DOWN: Reason.UNHEALTHY,
    Status.UNKNOWN: Reason.NO_DATA,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Checks in a row that said the same, from `begun` to `ended`; together they held for `seconds`."""

    status: Status
    reason: Reason
    checks: int
    begun: datetime
    ended: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class SummedHour:
    """What is missing of an hour: the checks that are gone, and when the time they are spread over ends."""

    hour: datetime
    ended: datetime
    counts: Mapping[Status, int]

    @property
    def checks(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


def summed_hours(
    history: History, taken: Mapping[datetime, tuple[datetime, Mapping[Status, int]]]
) -> list[SummedHour]:
    """What is missing of each hour, oldest first; hours of which nothing is missing are left out.

    `taken` holds the hours in whose middle an earlier import ended: up to when, and what it brought of them.
    """
    single = _single(history.observations, taken)
    hourly: dict[datetime, Counts] = defaultdict(Counter)
    for one in history.totals:
        if one.hours == 1:
            hourly[hour_of(one.begun)].update(one.counts)
    missing = {hour: _less(counts, single[hour], counts) for hour, counts in hourly.items()}
    newest = max([*(one.time for one in history.observations), *hourly], default=None)
    for one in history.totals:
        if one.hours > 1:
            for hour, counts in _spread(one, hourly, single, history, newest):
                missing[hour] = missing.get(hour, Counter()) + counts
    return [
        SummedHour(hour, _end(hour, history.observations), missing[hour])
        for hour in sorted(missing)
        if missing[hour]
    ]


def stretches(hour: SummedHour, history: History) -> list[Stretch]:
    """The checks of `hour` in a likely order, those in a row that say the same as one."""
    width = (hour.ended - hour.hour) / hour.checks
    held = min(width, history.interval).total_seconds()
    found, place = [], 0
    for (status, reason), group in groupby(_said(hour, history)):
        checks = sum(1 for _ in group)
        begun = hour.hour + width * place
        place += checks
        following = hour.ended if place == hour.checks else hour.hour + width * place
        ended = min(hour.hour + width * (place - 1) + timedelta(seconds=held), following)
        found.append(Stretch(status, reason, checks, begun, ended, held * checks))
    return found


def made_up(hour: SummedHour, history: History) -> Iterator[Observation]:
    """The checks of `hour` one by one, at even distances."""
    width = (hour.ended - hour.hour) / hour.checks
    for place, (status, reason) in enumerate(_said(hour, history)):
        yield Observation(
            hour.hour + width * (place + 0.5),
            status,
            reason,
            f"one of {hour.checks} checks of this hour that were kept as a sum",
            None,
            {"made_from": "a sum"},
        )


def _single(
    observations: Sequence[Observation], taken: Mapping[datetime, tuple[datetime, Mapping[Status, int]]]
) -> dict[datetime, Counts]:
    found: dict[datetime, Counts] = defaultdict(Counter)
    for hour, (_, counts) in taken.items():
        found[hour].update(counts)
    for hour, checks in by_hour(observations):
        new = [one.status for one in checks if hour not in taken or one.time > taken[hour][0]]
        found[hour].update(new)
    return found


def _less(counts: Counts, single: Counts, told_apart: Mapping[Status, int]) -> Counts:
    """`counts` without those that are known one by one, and nothing below zero."""
    known = Counter(single)
    if Status.DEGRADED not in told_apart:
        known[Status.DOWN] += known.pop(Status.DEGRADED, 0)
    return counts - known


def _spread(
    day: Totals,
    hourly: Mapping[datetime, Counts],
    single: Mapping[datetime, Counts],
    history: History,
    newest: datetime | None,
) -> Iterator[tuple[datetime, Counts]]:
    start = hour_of(day.begun)
    hours = [start + HOUR * place for place in range(day.hours)]
    free = [hour for hour in hours if hour not in hourly and (newest is None or hour <= newest)]
    first = history.observations[0].time if history.observations else start
    if start < first < start + HOUR * day.hours:
        free = [hour for hour in free if hour >= hour_of(first)]
    free = free or hours
    left = Counter(day.counts)
    for hour in hours:
        left = _less(left, hourly[hour] if hour in hourly else single.get(hour, Counter()), day.counts)
    for place, hour in enumerate(free):
        share = {
            status: count * (place + 1) // len(free) - count * place // len(free)
            for status, count in left.items()
        }
        yield hour, Counter({status: count for status, count in share.items() if count})


def _end(hour: datetime, observations: Sequence[Observation]) -> datetime:
    """The end of the hour, or of what is known of it."""
    last = observations[-1].time if observations else hour
    return last if hour < last < hour + HOUR else hour + HOUR


def _said(hour: SummedHour, history: History) -> list[tuple[Status, Reason]]:
    """Status and reason of each check: where the state at that time is known it comes first."""
    present = [status for status, count in hour.counts.items() if count]
    if len(present) == 1 and present[0] is Status.HEALTHY:
        return [(Status.HEALTHY, Reason.OK)] * hour.checks
    width = (hour.ended - hour.hour) / hour.checks
    known = [_at(history.observations, hour.hour + width * (place + 0.5)) for place in range(hour.checks)]
    said: list[tuple[Status, Reason] | None] = [None] * hour.checks
    for status in (Status.DOWN, Status.DEGRADED, Status.UNKNOWN):
        free = [place for place, one in enumerate(said) if one is None]
        free.sort(key=lambda place: (_distance(known[place], status), -place))
        for place in free[: hour.counts.get(status, 0)]:
            one = known[place]
            said[place] = (status, one.reason if one and one.status is status else _REASONS[status])
    return [one or (Status.HEALTHY, Reason.OK) for one in said]


def _at(observations: Sequence[Observation], moment: datetime) -> Observation | None:
    place = bisect_right(observations, moment, key=lambda one: one.time)
    return observations[place - 1] if place else None


def _distance(one: Observation | None, status: Status) -> int:
    """How far what is known is from `status`. What is not sure yet is in most sums among what is down."""
    if one is None or one.status is Status.HEALTHY:
        return 2
    return 0 if one.status is status else 1
