from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.reports.due import due
from collector.reports.periods import ReportKind
from collector.reports.settings import ReportSettings

BOTH = ReportSettings(daily=time(8), weekly=(0, time(8)), timezone="Europe/Berlin")
DAILY = ReportSettings(daily=time(8), timezone="Europe/Berlin")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "now", "made", "expected"),
    [
        ("before the time", "2026-11-24 06:59", "2026-11-23 07:00", []),
        ("at the time", "2026-11-24 07:00", "2026-11-23 07:00", ["daily-2026-11-24-0800"]),
        ("made already", "2026-11-24 07:01", "2026-11-24 07:00", []),
        ("down at the time", "2026-11-24 15:00", "2026-11-23 07:00", ["daily-2026-11-24-0800"]),
        ("down for a month", "2026-11-24 15:00", "2026-10-24 06:00", ["daily-2026-11-24-0800"]),
        ("never made one", "2026-11-24 15:00", None, ["daily-2026-11-24-0800"]),
        ("the clock was set back", "2026-11-24 15:00", "2026-11-30 07:00", []),
    ],
)
def test_the_newest_period_without_a_report_is_due(
    case: str, now: str, made: str | None, expected: list[str]
) -> None:
    known = {ReportKind.DAILY: utc(made)} if made else {}
    assert [period.label for period in due(DAILY, known, LONG_AGO, utc(now))] == expected


def test_both_reports_are_due_on_the_day_of_both() -> None:
    found = due(BOTH, {}, LONG_AGO, utc("2026-11-23 07:00"))
    assert [period.label for period in found] == ["daily-2026-11-23-0800", "weekly-2026-11-23-0800"]


def test_nothing_is_due_of_a_time_before_anything_was_monitored() -> None:
    now = utc("2026-11-24 15:00")
    assert due(BOTH, {}, None, now) == []
    assert due(BOTH, {}, utc("2026-11-24 07:00"), now) == []
    assert [one.kind for one in due(BOTH, {}, utc("2026-11-24 06:59"), now)] == [ReportKind.DAILY]


def test_nothing_is_due_that_is_not_configured() -> None:
    assert due(ReportSettings(), {}, LONG_AGO, utc("2026-11-24 15:00")) == []


@given(st.lists(st.integers(min_value=1, max_value=60 * 24 * 3), min_size=1, max_size=30))
def test_no_period_is_made_twice_and_the_newest_always_is(pauses: list[int]) -> None:
    """However long the collector sleeps between two looks, over the change of the clocks."""
    now, made, labels = utc("2026-10-20 07:00"), {}, []
    for pause in pauses:
        now += timedelta(minutes=pause)
        for period in due(BOTH, made, LONG_AGO, now):
            made[period.kind] = period.end
            labels.append(period.label)
            assert now - period.end <= timedelta(days=7, hours=1)
        assert due(BOTH, made, LONG_AGO, now) == []
    assert len(labels) == len(set(labels))
