"""Checks of which only a sum is left: what is missing of each hour, and how it is put back. Pure.

A sum holds the checks that are still there one by one; only the rest is filled in. A sum of a day is spread
evenly over those of its hours that have no sum of their own, the same way each time, however much of it is
there already. In which order the checks of an hour came is
taken from the changes that are known, and where none is known the bad ones come last.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise

from analytics.coverage import HOUR, hour_of
from analytics.imports.history import History, Observation, Totals, by_hour
from analytics.imports.timeline import Period, Room, Stretch, spread
from analytics.model import Reason, Status

Counts = Counter[Status]

_REASONS = {
    Status.HEALTHY: Reason.OK,
    Status.DEGRADED: Reason.SLOW,
    Status.DOWN: Reason.UNHEALTHY,
    Status.UNKNOWN: Reason.NO_DATA,
}


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
    still_there = _single(history.observations, {})
    newest = max([*(one.time for one in history.observations), *hourly], default=None)
    for one in history.totals:
        if one.hours > 1:
            for hour, counts in _spread(one, hourly, still_there, history, newest):
                rest = counts
                if hour in taken and hour not in hourly:
                    rest = _less(counts, _put_back_before(hour, taken[hour], history), one.counts)
                missing[hour] = missing.get(hour, Counter()) + rest
    return [
        SummedHour(hour, _end(hour, history.observations), missing[hour])
        for hour in sorted(missing)
        if missing[hour]
    ]


def stretches(hour: SummedHour, history: History, busy: Sequence[Period] = ()) -> list[Stretch]:
    """The checks of `hour` in a likely order, in the time that is not `busy`; see `timeline.spread`."""
    room = Room(hour.hour, hour.ended, busy)
    return spread(hour.hour, _said(hour, history, _middles(hour, room)), room, history.interval)


def made_up(hour: SummedHour, history: History, busy: Sequence[Period] = ()) -> Iterator[Observation]:
    """The checks of `hour` one by one, at even distances in the time that is not `busy`."""
    middles = _middles(hour, Room(hour.hour, hour.ended, busy))
    for moment, (status, reason) in zip(middles, _said(hour, history, middles), strict=True):
        yield Observation(
            moment,
            status,
            reason,
            f"one of {hour.checks} checks of this hour that were kept as a sum",
            None,
            {"made_from": "a sum"},
        )


def _middles(hour: SummedHour, room: Room) -> list[datetime]:
    """When each check was, likely. Where no room is left they are spread over the whole hour."""
    if not room.total:
        room = Room(hour.hour, hour.ended, ())
    return [room.at(room.total * (2 * place + 1) // (2 * hour.checks)) for place in range(hour.checks)]


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


def _put_back_before(
    hour: datetime, taken: tuple[datetime, Mapping[Status, int]], history: History
) -> Counts:
    """What an earlier import brought of `hour` beside the single checks: its part of the same sum."""
    until, counts = taken
    there = (one.status for one in history.observations if hour <= one.time <= until)
    return Counter(counts) - Counter(there)


def _less(counts: Counts, single: Counts, told_apart: Mapping[Status, int]) -> Counts:
    """`counts` without those that are known one by one, and nothing below zero."""
    return counts - _folded(single, told_apart)


def _folded(single: Counts, told_apart: Mapping[Status, int]) -> Counts:
    """`single` as a sum counts them."""
    known = Counter(single)
    if Status.DEGRADED not in told_apart:
        known[Status.DOWN] += known.pop(Status.DEGRADED, 0)
    return known


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
        left = _less(
            left, hourly.get(hour, Counter()) | _folded(single.get(hour, Counter()), day.counts), day.counts
        )
    rooms = _rooms([single.get(hour, Counter()).total() for hour in free], left.total())
    for hour, (before, after) in zip(free, pairwise(accumulate(rooms, initial=0)), strict=True):
        share = {
            status: count * after // sum(rooms) - count * before // sum(rooms)
            for status, count in left.items()
        }
        yield hour, Counter({status: count for status, count in share.items() if count})


def _rooms(singles: Sequence[int], missing: int) -> list[int]:
    """How much of what is missing each hour takes, in proportion: in the end all have about as many."""
    even = (sum(singles) + missing) // len(singles)
    found = [max(even - there, 0) for there in singles]
    return found if any(found) else [1] * len(singles)


def _end(hour: datetime, observations: Sequence[Observation]) -> datetime:
    """The end of the hour, or of what is known of it."""
    last = observations[-1].time if observations else hour
    return last if hour < last < hour + HOUR else hour + HOUR


def _said(hour: SummedHour, history: History, moments: Sequence[datetime]) -> list[tuple[Status, Reason]]:
    """Status and reason of each check: where the state at its moment is known it comes first."""
    present = [status for status, count in hour.counts.items() if count]
    if len(present) == 1 and present[0] is Status.HEALTHY:
        return [(Status.HEALTHY, Reason.OK)] * hour.checks
    known = [_at(history.observations, moment) for moment in moments]
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
