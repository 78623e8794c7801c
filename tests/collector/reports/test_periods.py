from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from collector.reports.periods import ReportKind, before, days, newest_period, period_ending
from collector.reports.settings import ReportSettings

BERLIN = ReportSettings(daily=time(8), weekly=(0, time(8)), timezone="Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-11-24 06:59:59", "2026-11-22 07:00", "2026-11-23 07:00"),
        ("2026-11-24 07:00:00", "2026-11-23 07:00", "2026-11-24 07:00"),
        ("2026-11-24 23:30:00", "2026-11-23 07:00", "2026-11-24 07:00"),
        ("2026-11-25 00:30:00", "2026-11-23 07:00", "2026-11-24 07:00"),
        # The clocks go forward on 29 March at 01:00 UTC, and back on 25 October.
        ("2026-03-29 06:00:00", "2026-03-28 07:00", "2026-03-29 06:00"),
        ("2026-10-25 07:00:00", "2026-10-24 06:00", "2026-10-25 07:00"),
        ("2026-10-25 06:59:59", "2026-10-23 06:00", "2026-10-24 06:00"),
    ],
)
def test_a_day_goes_from_report_time_to_report_time(now: str, start: str, end: str) -> None:
    period = newest_period(ReportKind.DAILY, BERLIN, utc(now))
    assert period is not None
    assert (period.start, period.end) == (utc(start), utc(end))


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-11-23 06:59:59", "2026-11-09 07:00", "2026-11-16 07:00"),
        ("2026-11-23 07:00:00", "2026-11-16 07:00", "2026-11-23 07:00"),
        ("2026-11-29 23:59:00", "2026-11-16 07:00", "2026-11-23 07:00"),
        ("2026-03-30 06:00:00", "2026-03-23 07:00", "2026-03-30 06:00"),
    ],
)
def test_a_week_goes_from_weekday_to_weekday(now: str, start: str, end: str) -> None:
    period = newest_period(ReportKind.WEEKLY, BERLIN, utc(now))
    assert period is not None
    assert (period.start, period.end) == (utc(start), utc(end))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-24", 24)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    period = newest_period(ReportKind.DAILY, BERLIN, utc(f"{day} 12:00"))
    assert period is not None
    assert period.end - period.start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        # 02:30 does not exist on 29 March: it is the moment at which the clocks would have shown it.
        ("2026-03-29 12:00", "2026-03-29 01:30"),
        # It comes twice on 25 October: the first one counts.
        ("2026-10-25 00:30", "2026-10-25 00:30"),
        ("2026-10-25 01:30", "2026-10-25 00:30"),
    ],
)
def test_a_time_that_is_skipped_or_repeated_comes_once(now: str, end: str) -> None:
    settings = ReportSettings(daily=time(2, 30), timezone="Europe/Berlin")
    period = newest_period(ReportKind.DAILY, settings, utc(now))
    assert period is not None
    assert period.end == utc(end)


def test_what_is_not_configured_has_no_period() -> None:
    assert newest_period(ReportKind.DAILY, ReportSettings(), utc("2026-11-24 12:00")) is None
    assert newest_period(ReportKind.WEEKLY, ReportSettings(), utc("2026-11-24 12:00")) is None


@pytest.mark.parametrize("kind", list(ReportKind))
def test_periods_follow_each_other_without_a_gap_through_a_whole_year(kind: ReportKind) -> None:
    period = period_ending(kind, utc("2027-01-04 07:00"), "Europe/Berlin")
    for _ in range(366 if kind is ReportKind.DAILY else 52):
        earlier = before(period)
        assert earlier.end == period.start
        assert earlier.start < earlier.end
        assert f"{earlier.label}".endswith("-0800")
        period = earlier


def test_the_days_of_a_week_make_up_the_week() -> None:
    week = period_ending(ReportKind.WEEKLY, utc("2026-03-30 06:00"), "Europe/Berlin")
    found = days(week)
    assert len(found) == 7
    assert (found[0].start, found[-1].end) == (week.start, week.end)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert sorted({(day.end - day.start) // timedelta(hours=1) for day in found}) == [23, 24]
