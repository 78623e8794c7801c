"""What of a history is new here, in parts of whole days that can each be written at once. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from analytics.coverage import HOUR, hour_of
from analytics.imports.filling import Stretch, SummedHour, made_up, stretches, summed_hours
from analytics.imports.history import History, Observation, by_hour
from analytics.model import Status

#: How far the clock of another machine may be ahead.
_AHEAD = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Before:
    """What the database has of a service: `periods` that were imported (first and last moment, both in).

    They are in order and do not overlap.
    `open_hours` are the hours in which those ended: up to when, and how many checks they brought of them.
    `own_since` is when the collector first checked the service itself, None when it never did. `imports` are
    the ids of those imports.
    """

    periods: Sequence[tuple[datetime, datetime]] = ()
    open_hours: Mapping[datetime, tuple[datetime, Mapping[Status, int]]] = field(default_factory=dict)
    own_since: datetime | None = None
    imports: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Checks that are left out: there `already`, the collector had its `own`, or in the `future`."""

    already: int = 0
    own: int = 0
    future: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Whole days of a service: `rows` to be kept one by one, and `sums` by hour for which none are kept.

    `maintenance` holds starts and ends. `last_hour` counts the checks of the hour in which `last` lies.
    """

    rows: Sequence[Observation]
    sums: Sequence[tuple[datetime, Stretch]]
    maintenance: Sequence[tuple[datetime, datetime]]
    checks: int
    first: datetime
    last: datetime
    last_hour: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be written of one history."""

    observations: Sequence[Observation]
    hours: Sequence[SummedHour]
    maintenance: Sequence[tuple[datetime, datetime]]
    skipped: Skipped


def select(history: History, before: Before, now: datetime) -> Selection:
    """What of `history` the database does not have."""
    kept: list[Observation] = []
    skipped: Counter[str] = Counter()
    for one in history.observations:
        why = _why_not(one.time, before, now)
        if why:
            skipped[why] += 1
        else:
            kept.append(one)
    hours = []
    for summed in summed_hours(history, before.open_hours):
        why = _why_not_hour(summed.hour, before, now)
        if why:
            skipped[why] += summed.checks
        else:
            hours.append(summed)
    return Selection(kept, hours, _maintenance(kept, history), Skipped(**skipped))


def parts(chosen: Selection, history: History, single_since: datetime, most: int) -> Iterator[Part]:
    """`chosen` in parts of whole days of about `most` rows, oldest first.

    Hours from `single_since` on get a row for each check that was kept as a sum, older ones stay sums.
    """
    days: dict[date, tuple[list[Observation], list[SummedHour]]] = {}
    for begun, checks in by_hour(chosen.observations):
        days.setdefault(begun.date(), ([], []))[0].extend(checks)
    for hour in chosen.hours:
        days.setdefault(hour.hour.date(), ([], []))[1].append(hour)
    rows: list[Observation] = []
    summed: list[SummedHour] = []
    for day in sorted(days):
        singles, hours = days[day]
        rows += singles
        for hour in hours:
            if hour.hour >= single_since:
                rows += made_up(hour, history)
            else:
                summed.append(hour)
        if len(rows) + len(summed) >= most:
            yield _part(rows, summed, chosen, history)
            rows, summed = [], []
    if rows or summed:
        yield _part(rows, summed, chosen, history)


def _part(rows: list[Observation], summed: Sequence[SummedHour], chosen: Selection, history: History) -> Part:
    ordered = sorted(rows, key=lambda one: one.time)
    sums = [(hour.hour, stretch) for hour in summed for stretch in stretches(hour, history)]
    starts = [one.time for one in ordered[:1]] + [hour.hour for hour in summed[:1]]
    ends = [one.time for one in ordered[-1:]] + [_last_moment(hour) for hour in summed[-1:]]
    first, last = min(starts), max(ends)
    return Part(
        ordered,
        sums,
        [one for one in chosen.maintenance if first <= one[0] <= last],
        len(ordered) + sum(hour.checks for hour in summed),
        first,
        last,
        _of_hour(hour_of(last), ordered, summed),
    )


def _last_moment(hour: SummedHour) -> datetime:
    return hour.ended if hour.ended < hour.hour + HOUR else hour.ended - timedelta(microseconds=1)


def _of_hour(
    hour: datetime, rows: Sequence[Observation], summed: Sequence[SummedHour]
) -> Mapping[Status, int]:
    found = Counter(one.status for one in rows if hour <= one.time < hour + HOUR)
    for one in summed:
        if one.hour == hour:
            found.update(one.counts)
    return found


def _why_not(moment: datetime, before: Before, now: datetime) -> str | None:
    place = bisect_right(before.periods, moment, key=lambda period: period[0])
    if place and moment <= before.periods[place - 1][1]:
        return "already"
    if before.own_since is not None and moment >= before.own_since:
        return "own"
    return "future" if moment > now + _AHEAD else None


def _why_not_hour(hour: datetime, before: Before, now: datetime) -> str | None:
    place = bisect_right(before.periods, hour, key=lambda period: hour_of(period[0]))
    if place and hour <= before.periods[place - 1][1] and hour not in before.open_hours:
        return "already"
    if before.own_since is not None and hour >= hour_of(before.own_since):
        return "own"
    return "future" if hour > now else None


def _maintenance(kept: Sequence[Observation], history: History) -> list[tuple[datetime, datetime]]:
    """From the first check that was left out for maintenance to the next that was not."""
    found: list[tuple[datetime, datetime]] = []
    begun: datetime | None = None
    for one in kept:
        if one.status is Status.UNKNOWN:
            begun = begun or one.time
        elif begun:
            found.append((begun, one.time))
            begun = None
    if begun:
        found.append((begun, kept[-1].time + history.interval))
    return found
