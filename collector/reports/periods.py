"""Which stretch of time a report is about. Pure: `now` is an argument, days follow the local calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from collector.reports.settings import ReportSettings


class ReportKind(StrEnum):
    """The two reports."""

    DAILY = "daily"
    WEEKLY = "weekly"


DAYS = {ReportKind.DAILY: 1, ReportKind.WEEKLY: 7}


@dataclass(frozen=True, slots=True)
class Period:
    """From report time to report time, in UTC. A day may have 23 or 25 hours where the clock is changed.

    `start` belongs to it, `end` does not. `timezone` is whose calendar it follows.
    """

    kind: ReportKind
    start: datetime
    end: datetime
    timezone: str

    @property
    def label(self) -> str:
        """`daily-2026-11-24-0800`: when it ends, in local time. Names the files."""
        return f"{self.kind.value}-{self.end.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d-%H%M}"


def newest_period(kind: ReportKind, settings: ReportSettings, now: datetime) -> Period | None:
    """The last period of `kind` that has ended by `now` (aware); None when no such report is configured."""
    at = _time_of_day(kind, settings)
    if at is None:
        return None
    zone = ZoneInfo(settings.timezone)
    for day in _days_back(now.astimezone(zone).date()):
        wanted = settings.weekly is None or kind is ReportKind.DAILY or day.weekday() == settings.weekly[0]
        if wanted and _moment(day, at, zone) <= now:
            return _ending(kind, day, at, settings.timezone)
    raise AssertionError("one of the last eight days is the weekday asked for")


def period_ending(kind: ReportKind, end: datetime, timezone: str) -> Period:
    """The period of `kind` that ends at `end` (aware), whatever the settings say of report times."""
    local = end.astimezone(ZoneInfo(timezone))
    start = _moment(local.date() - timedelta(days=DAYS[kind]), local.time(), ZoneInfo(timezone))
    return Period(kind, start, end.astimezone(UTC), timezone)


def before(period: Period) -> Period:
    """The period of the same kind that ends where `period` begins."""
    return period_ending(period.kind, period.start, period.timezone)


def days(period: Period) -> list[Period]:
    """The days of `period`, oldest first, each from report time to report time."""
    found = [period_ending(ReportKind.DAILY, period.end, period.timezone)]
    while len(found) < DAYS[period.kind]:
        found.append(before(found[-1]))
    return found[::-1]


def _time_of_day(kind: ReportKind, settings: ReportSettings) -> time | None:
    if kind is ReportKind.DAILY:
        return settings.daily
    return settings.weekly[1] if settings.weekly else None


def _days_back(today: date) -> Iterator[date]:
    return (today - timedelta(days=back) for back in range(9))


def _ending(kind: ReportKind, day: date, at: time, timezone: str) -> Period:
    zone = ZoneInfo(timezone)
    start = _moment(day - timedelta(days=DAYS[kind]), at, zone)
    return Period(kind, start, _moment(day, at, zone), timezone)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the clocks of `zone` show `at` on `day`: the first time when they do so twice.

    A time that is skipped (02:30 of a spring night) is the moment the clocks would have shown it.
    """
    return datetime.combine(day, at.replace(tzinfo=None), tzinfo=zone).astimezone(UTC)
