"""What people may write for a time, and what they are told when it means nothing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.periods import LONGEST, Period, parse_period, step_for

NOW = datetime(2026, 11, 29, 10, 7, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


#: What is longer than two days begins at the full hour before.
MINUTES = timedelta(minutes=7, seconds=30)


@pytest.mark.parametrize(
    ("text", "length", "step"),
    [
        ("90m", timedelta(minutes=90), timedelta(minutes=5)),
        ("24h", DAY, timedelta(minutes=5)),
        (" 2d ", 2 * DAY, timedelta(minutes=5)),
        ("49h", 49 * HOUR + MINUTES, 2 * HOUR),
        ("7d", 7 * DAY + MINUTES, 2 * HOUR),
        ("30d", 30 * DAY + MINUTES, 12 * HOUR),
        ("90d", 90 * DAY + MINUTES, DAY),
        ("396d", 396 * DAY + MINUTES, DAY),
        ("7305d", 7305 * DAY + MINUTES, 14 * DAY),
    ],
)
def test_a_length_ends_now(text: str, length: timedelta, step: timedelta) -> None:
    period = parse_period(text, NOW)
    assert (period.since, period.until, period.step) == (NOW - length, NOW, step)
    assert (period.text, period.length) == (text.strip(), length)


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-11-01/2026-11-08", day(1), day(8)),
        ("2026-11-01T06:00Z / 2026-11-01T09:00", day(1, 6), day(1, 9)),
        ("2026-11-01T06:00+02:00/2026-11-02", day(1, 4), day(2)),
        ("2026-11-20/", day(20), NOW),
        ("2026-11-20/2026-12-24", day(20), NOW),
    ],
)
def test_two_moments(text: str, since: datetime, until: datetime) -> None:
    period = parse_period(text, NOW)
    assert (period.since, period.until) == (since, until)
    assert period.since.tzinfo is period.until.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not understood"),
        ("yesterday", "not understood"),
        ("-7d", "not understood"),
        ("7w", "not understood"),
        ("1.5h", "not understood"),
        ("٧d", "not understood"),
        ("0h", "no length"),
        ("2026-11-08/2026-11-01", "ends before it begins"),
        ("2026-11-08/2026-11-08", "no length"),
        ("7306d", "at most 7305d"),
        ("999999d", "at most 7305d"),
        ("2004-01-01/", "at most 7305d"),
        ("2026-11-30/2026-12-01", "not begun"),
        ("2026-11-31/2026-12-01", "'2026-11-31' is no moment"),
        ("/2026-11-01", "'' is no moment"),
        ("2026-11-01/7d", "'7d' is no moment"),
        ("0001-01-01T00:00+23:00/", "no moment"),
        ("2026-11-01/9999-12-31T23:59-23:00", "no moment"),
        ("0001-01-02/0001-01-03", "'0001-01-02' is before 1970"),
    ],
)
def test_a_wrong_one_is_told_in_one_line_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_period(text, NOW)
    line = str(raised.value)
    assert said in line
    assert repr(text) in line
    assert "\n" not in line
    assert any(word in line for word in ("write", "must"))


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("8000d", NOW - 8000 * DAY),
        ("999999d", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2000-01-01/", datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_without_a_longest_it_reaches_back_to_1970(text: str, since: datetime) -> None:
    assert parse_period(text, NOW, longest=None).since == since


def test_the_period_before_ends_where_this_one_begins() -> None:
    period = parse_period("7d", NOW)
    assert (period.before.since, period.before.until) == (
        NOW - 14 * DAY - 2 * MINUTES,
        NOW - 7 * DAY - MINUTES,
    )
    assert period.before.step == period.step
    assert period.before.text == "before 7d"


def test_now_may_be_of_any_zone() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    period = parse_period("24h", elsewhere)
    assert period == Period("24h", NOW - DAY, NOW)
    assert period.since.tzinfo is UTC


@given(st.timedeltas(timedelta(minutes=1), LONGEST))
def test_a_chart_never_has_more_than_six_hundred_steps(length: timedelta) -> None:
    step = step_for(length)
    assert length / step <= 600
    assert step < HOUR or step % HOUR == timedelta(0)
