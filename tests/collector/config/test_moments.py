"""Times, days and time zones as people write them: what is understood, and what is told of the rest."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from collector.config.moments import (
    parse_clock,
    parse_day,
    parse_day_and_clock,
    parse_moment,
    parse_timezone,
)
from collector.config.spans import parse_span

BERLIN_WINTER = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("parse", "value", "expected"),
    [
        (parse_clock, "08:00", time(8)),
        (parse_clock, "8:05", time(8, 5)),
        (parse_clock, "00:00", time(0)),
        (parse_clock, "23:59", time(23, 59)),
        (parse_clock, time(7, 30), time(7, 30)),
        (parse_day, "mon", 0),
        (parse_day, "Sunday", 6),
        (parse_day, " WED ", 2),
        (parse_day_and_clock, "mon 08:00", (0, time(8))),
        (parse_day_and_clock, "friday 17:30", (4, time(17, 30))),
        (parse_timezone, "UTC", "UTC"),
        (parse_timezone, "Europe/Berlin", "Europe/Berlin"),
        (
            parse_moment,
            datetime(2026, 12, 5, 23, tzinfo=BERLIN_WINTER),
            datetime(2026, 12, 5, 22, tzinfo=UTC),
        ),
        (parse_span, "7d", timedelta(days=7)),
        (parse_span, "36h", timedelta(hours=36)),
        (parse_span, 90, timedelta(seconds=90)),
    ],
)
def test_what_is_understood(parse: Callable[[Any], object], value: Any, expected: object) -> None:
    assert parse(value) == expected


@pytest.mark.parametrize(
    ("parse", "values"),
    [
        (parse_clock, ["24:00", "8", "08:60", "08:00:00", "", 8, None, time(8, 0, 1), time(8, tzinfo=UTC)]),
        (parse_day, ["", "m", "montag", 1, None, []]),
        (parse_day_and_clock, ["mon", "08:00", "mon 25:00", "mon, 08:00", 5, None]),
        (
            parse_timezone,
            ["", "CEST+1", "../etc/passwd", "/etc/localtime", "Europe", "a\0b", 5, None, ["UTC"]],
        ),
        (
            parse_moment,
            [
                "2026-12-05T22:00:00Z",
                date(2026, 12, 5),
                time(22),
                datetime(2026, 12, 5, 22),  # noqa: DTZ001  a local date-time of TOML has no zone
                datetime(1, 1, 1, tzinfo=BERLIN_WINTER),
                datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
                5,
                None,
            ],
        ),
        (parse_span, ["8d", "169h", "0d", "-1d", "1w", "", True, None, float("inf"), 10**400]),
    ],
)
def test_what_is_not_understood_is_told_with_what_would_be(
    parse: Callable[[Any], object], values: list[Any]
) -> None:
    for value in values:
        with pytest.raises(ValueError, match=r"; .*write|; write"):
            parse(value)


@pytest.mark.parametrize(
    ("value", "hint"),
    [("europe/berlin", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin"), ("utc ", "UTC")],
)
def test_a_time_zone_that_was_meant_is_named(value: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f'did you mean "{hint}"'):
        parse_timezone(value)
