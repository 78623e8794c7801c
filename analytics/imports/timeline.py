"""How long what was found held: of single checks, and of those of a sum in the time that those leave. Pure.

An hour has one status at a time and no more than 3600 seconds. What a check says holds until the next one,
as the rollups have it; beside checks of which only a sum is left it holds for one interval, and theirs are
spread evenly over the rest of the hour.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from analytics.coverage import HOUR, hour_of
from analytics.imports.history import Observation
from analytics.model import Reason, Status

#: How long a check may hold until the next one, at least and in intervals; as in `edge_holds`.
_STALE = timedelta(minutes=5)
_STALE_IN_INTERVALS = 2.5

_NOTHING = timedelta(0)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of `hour` from `begun` until `ended` with one status: it held for `seconds` of it.

    `checks` were made in it, `put_back` of them come from a sum. What reaches into an hour has none there.
    """

    hour: datetime
    status: Status
    reason: Reason
    checks: int
    put_back: int
    begun: datetime
    ended: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Held:
    """What single checks say: `stretches` by the hour of the check, also those that reach out of it.

    `busy` are the times of each hour that are taken.
    """

    stretches: Mapping[datetime, Sequence[Stretch]]
    busy: Mapping[datetime, Sequence[Period]]


def stale_after(interval: timedelta) -> timedelta:
    """How long a check may hold until the next one."""
    return max(_STALE, _STALE_IN_INTERVALS * interval)


def hold(
    observations: Sequence[Observation],
    summed: Collection[datetime],
    interval: timedelta,
    periods: Sequence[Period] = (),
    end: datetime | None = None,
) -> Held:
    """How long each of `observations`, which are in order, holds.

    `summed` are the hours that get checks of a sum besides, `periods` those that are there already (in order,
    first and last check), and from `end` on somebody else knows better.
    """
    found: dict[datetime, list[Stretch]] = defaultdict(list)
    busy: dict[datetime, list[Period]] = defaultdict(list)
    for _, last in periods:
        for hour, begun, ended in _by_hour(hour_of(last), last + interval):
            busy[hour].append((begun, ended))
    for place, one in enumerate(observations):
        following = observations[place + 1].time if place + 1 < len(observations) else None
        alone = hour_of(one.time) not in summed
        begun, ended = _limits(one.time, interval, periods, end)
        ended = min(ended, _until(one.time, following, interval, alone))
        for count, (hour, since, until) in enumerate(_by_hour(begun, max(begun, ended))):
            seconds = (until - since).total_seconds()
            checks = 1 if count == 0 else 0
            _add(
                found[hour_of(one.time)],
                Stretch(hour, one.status, one.reason, checks, 0, since, until, seconds),
            )
            _cover(busy[hour], since, until)
    return Held(found, busy)


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same in order, and those that follow each other without a pause and say the same as one."""
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda one: (one.begun, one.ended)):
        _add(found, one)
    return found


class Room:
    """The time from `begun` until `ended` without what is `busy`: `total` of it, counted from its start."""

    def __init__(self, begun: datetime, ended: datetime, busy: Sequence[Period]) -> None:
        self._gaps: list[Period] = []
        for since, until in sorted(busy):
            if begun < min(since, ended):
                self._gaps.append((begun, min(since, ended)))
            begun = max(begun, until)
        if begun < ended:
            self._gaps.append((begun, ended))
        self.total = sum((until - since for since, until in self._gaps), _NOTHING)

    def at(self, offset: timedelta) -> datetime:
        """The moment so far into it."""
        for since, until in self._gaps:
            if offset < until - since:
                return since + offset
            offset -= until - since
        return self._gaps[-1][1]

    def between(self, offset: timedelta, end: timedelta) -> Iterator[Period]:
        """The periods that lie between two such offsets."""
        start = _NOTHING
        for since, until in self._gaps:
            length = until - since
            first, last = max(offset - start, _NOTHING), min(end - start, length)
            if first < last:
                yield since + first, since + last
            start += length


def spread(
    hour: datetime, said: Sequence[tuple[Status, Reason]], room: Room, interval: timedelta
) -> list[Stretch]:
    """Checks of a sum, which said `said` one after the other, evenly in `room` of `hour`; each holds for one
    interval, or for less when there is no room."""
    count = len(said)
    width = room.total / count
    held = min(width, interval)
    longest = count if width <= stale_after(interval) else 1
    found, place = [], 0
    for (status, reason), checks in _runs(said, longest):
        since, until = room.total * place // count, room.total * (place + checks) // count
        until = min(until, room.total * (place + checks - 1) // count + held)
        place += checks
        periods = list(room.between(since, until)) or [(hour, hour)]
        whole = sum(((ended - begun) for begun, ended in periods), _NOTHING)
        seconds = min(held * checks, whole)
        for nth, (begun, ended) in enumerate(periods):
            number = checks if nth == 0 else 0
            share = seconds * ((ended - begun) / whole) if whole else _NOTHING
            found.append(Stretch(hour, status, reason, number, number, begun, ended, share.total_seconds()))
    return found


def _runs(said: Sequence[tuple[Status, Reason]], longest: int) -> Iterator[tuple[tuple[Status, Reason], int]]:
    for word, group in groupby(said):
        checks = sum(1 for _ in group)
        while checks:
            yield word, min(checks, longest)
            checks -= min(checks, longest)


def _until(moment: datetime, following: datetime | None, interval: timedelta, alone: bool) -> datetime:
    if following is None:
        return moment + interval
    if alone and following - moment <= stale_after(interval):
        return following
    return min(following, moment + interval)


def _limits(
    moment: datetime, interval: timedelta, periods: Sequence[Period], end: datetime | None
) -> tuple[datetime, datetime]:
    """From when until when a check at `moment` may hold beside what is there."""
    place = bisect_right(periods, moment, key=lambda period: period[0])
    begun = max(moment, periods[place - 1][1] + interval) if place else moment
    following = periods[place][0] if place < len(periods) else _NEVER
    return begun, min(following, end or _NEVER)


def _by_hour(begun: datetime, ended: datetime) -> Iterator[tuple[datetime, datetime, datetime]]:
    hour = hour_of(begun)
    yield hour, begun, min(ended, hour + HOUR)
    while ended > hour + HOUR:
        hour += HOUR
        yield hour, hour, min(ended, hour + HOUR)


def _cover(busy: list[Period], since: datetime, until: datetime) -> None:
    if busy and busy[-1][1] == since:
        busy[-1] = (busy[-1][0], until)
    elif since < until:
        busy.append((since, until))


def _add(found: list[Stretch], one: Stretch) -> None:
    last = found[-1] if found else None
    same = last and (last.hour, last.status, last.reason) == (one.hour, one.status, one.reason)
    if last and same and last.ended == one.begun:
        found[-1] = replace(
            last,
            checks=last.checks + one.checks,
            put_back=last.put_back + one.put_back,
            ended=one.ended,
            seconds=last.seconds + one.seconds,
        )
    else:
        found.append(one)
