"""Maintenance windows: when work is announced, so that nobody is woken by it. Checks go on all the while.

Weekly windows are said in local time. How they meet a change of the clocks is as in RFC 5545, section 3.3.5:
a time that does not exist is taken with the offset before the gap (02:30 becomes 03:30), of a time that
exists twice the first is meant. `lasting` is time that passes, not what a clock on the wall says.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.model import ServiceKey

#: A window that would begin again before it is over is one that never ends.
LONGEST_WEEKLY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OneOff:
    """Maintenance that takes place once, from `starts_at` until just before `ends_at`.

    `services` is None for all that is monitored.
    """

    name: str
    services: frozenset[ServiceKey] | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Weekly:
    """Maintenance every week on `days` (Monday is 0), beginning `at` in `timezone` (an IANA name).

    `lasting` is above zero and at most seven days; `services` is None for all that is monitored.
    """

    name: str
    services: frozenset[ServiceKey] | None
    days: frozenset[int]
    at: time
    lasting: timedelta
    timezone: str


MaintenanceWindow = OneOff | Weekly


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time a window is on: from `starts_at` until just before `ends_at`, both UTC."""

    name: str
    starts_at: datetime
    ends_at: datetime


def occurrence(window: MaintenanceWindow, now: datetime) -> tuple[datetime, datetime] | None:
    """Start and end (UTC) of the occurrence of `window` that is on at `now`; None when it is off.

    Of several that are on at once it is the one that ends last.
    """
    on = [(start, end) for start, end in _around(window, now) if start <= now < end]
    return max(on, key=lambda span: span[1], default=None)


def next_occurrence(window: MaintenanceWindow, now: datetime) -> tuple[datetime, datetime] | None:
    """Start and end (UTC) of the first occurrence of `window` that begins after `now`; None without one."""
    return min((span for span in _around(window, now) if span[0] > now), default=None)


def active(
    windows: Sequence[MaintenanceWindow], monitored: Iterable[ServiceKey], now: datetime
) -> dict[ServiceKey, Occurrence]:
    """Which of the `monitored` services are in maintenance at `now`, and in which.

    Of several windows it is the one that ends last: that is when the service is out of maintenance.
    """
    on = [(window, span) for window in windows if (span := occurrence(window, now))]
    found: dict[ServiceKey, Occurrence] = {}
    for service in monitored:
        spans = [
            Occurrence(window.name, *span)
            for window, span in on
            if window.services is None or service in window.services
        ]
        if spans:
            found[service] = max(spans, key=lambda one: one.ends_at)
    return found


def _around(window: MaintenanceWindow, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Every occurrence that may be on at `now`, and at least the next one."""
    if isinstance(window, OneOff):
        yield window.starts_at.astimezone(UTC), window.ends_at.astimezone(UTC)
        return
    zone = ZoneInfo(window.timezone)
    first = now.astimezone(zone).date() - LONGEST_WEEKLY - timedelta(days=1)
    # Until now, the week that comes, and a day for clocks that are set back.
    for day in (first + timedelta(days=number) for number in range(18)):
        if day.weekday() in window.days:
            start = datetime.combine(day, window.at, zone).astimezone(UTC)
            yield start, start + window.lasting
