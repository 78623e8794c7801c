"""What of a history is new here, in parts of whole days that can each be written at once. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from analytics.coverage import HOUR, hour_of
from analytics.imports.filling import SummedHour, made_up, stretches, summed_hours
from analytics.imports.history import History, Observation, by_hour
from analytics.imports.timeline import Held, Stretch, hold, joined
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
    """Whole days of a service: `rows` to be kept one by one, and the `stretches` of older hours.

    `old` are the single checks of those hours, for what the stretches do not hold. `maintenance` holds starts
    and ends. `last_hour` counts the checks of the hour in which `last` lies.
    """

    rows: Sequence[Observation]
    old: Sequence[Observation]
    stretches: Sequence[Stretch]
    maintenance: Sequence[tuple[datetime, datetime]]
    checks: int
    first: datetime
    last: datetime
    last_hour: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be written of one history, and how long its single checks `held`."""

    observations: Sequence[Observation]
    hours: Sequence[SummedHour]
    held: Held
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
    summed_in = {one.hour for one in hours}
    held = hold(kept, summed_in, history.interval, before.periods, before.own_since)
    return Selection(kept, hours, held, _maintenance(kept, history), Skipped(**skipped))


def parts(chosen: Selection, history: History, single_since: datetime, most: int) -> Iterator[Part]:
    """`chosen` in parts of whole days of about `most` rows, oldest first.

    Hours from `single_since` on get a row for each check, also for those that were kept as a sum.
    """
    days: dict[date, tuple[list[Observation], list[SummedHour]]] = {}
    for begun, checks in by_hour(chosen.observations):
        days.setdefault(begun.date(), ([], []))[0].extend(checks)
    for hour in chosen.hours:
        days.setdefault(hour.hour.date(), ([], []))[1].append(hour)
    singles: list[Observation] = []
    summed: list[SummedHour] = []
    for day in sorted(days):
        singles += days[day][0]
        summed += days[day][1]
        if len(singles) + sum(hour.checks for hour in summed) >= most:
            yield _part(singles, summed, chosen, history, single_since)
            singles, summed = [], []
    if singles or summed:
        yield _part(singles, summed, chosen, history, single_since)


def _part(
    singles: Sequence[Observation],
    summed: Sequence[SummedHour],
    chosen: Selection,
    history: History,
    single_since: datetime,
) -> Part:
    rows = [one for one in singles if one.time >= single_since]
    old = [one for one in singles if one.time < single_since]
    busy = chosen.held.busy
    for hour in summed:
        if hour.hour >= single_since:
            rows += made_up(hour, history, busy.get(hour.hour, ()))
    rows.sort(key=lambda one: one.time)
    older = [hour for hour in summed if hour.hour < single_since]
    known = sorted([*rows, *old], key=lambda one: one.time)
    starts = [one.time for one in known[:1]] + [hour.hour for hour in older[:1]]
    ends = [one.time for one in known[-1:]] + [_last_moment(hour) for hour in older[-1:]]
    first, last = min(starts), max(ends)
    return Part(
        rows,
        old,
        _stretches(old, older, chosen.held, history, single_since),
        [one for one in chosen.maintenance if first <= one[0] <= last],
        len(known) + sum(hour.checks for hour in older),
        first,
        last,
        _of_hour(hour_of(last), known, older),
    )


def _stretches(
    old: Sequence[Observation],
    older: Sequence[SummedHour],
    held: Held,
    history: History,
    single_since: datetime,
) -> list[Stretch]:
    """Those of hours of which no single rows are kept."""
    found = [one for hour, _ in by_hour(old) for one in held.stretches.get(hour, ())]
    for hour in older:
        found += stretches(hour, history, held.busy.get(hour.hour, ()))
    return joined([one for one in found if one.hour < single_since])


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
