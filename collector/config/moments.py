"""Moments as people write them: "08:00", "mon", "mon 08:00", a time zone by its name, a date-time of TOML."""

import difflib
import functools
import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator

from analytics.rules.wording import listed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_HOW_CLOCK = 'write it like "08:00"'
_YEARS = range(2000, 2200)


def parse_clock(value: Any) -> time:
    """`value`, `"08:00"` or a local time of TOML, as a time of the day in full minutes.

    Raises ValueError with a fault's words.
    """
    if isinstance(value, time) and value.tzinfo is None and value == value.replace(second=0, microsecond=0):
        return value
    written = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None:
        raise ValueError(f"is no time of the day; {_HOW_CLOCK}")
    return time(int(written[1]), int(written[2]))


def parse_day(value: Any) -> int:
    """`value`, `"mon"` or `"monday"`, as a number, Monday 0. Raises ValueError with a fault's words."""
    word = value.strip().lower() if isinstance(value, str) else ""
    for days in (DAYS, _LONG_DAYS):
        if word in days:
            return days.index(word)
    raise ValueError(f"is no day of the week; write {listed(DAYS)}")


def parse_day_and_clock(value: Any) -> tuple[int, time]:
    """`"mon 08:00"` as day and time. Raises ValueError with a fault's words."""
    day, _, clock = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    try:
        return parse_day(day), parse_clock(clock)
    except ValueError:
        raise ValueError('is no day and time; write it like "mon 08:00"') from None


def parse_timezone(value: Any) -> str:
    """`value` as the name of a time zone that is known here. Raises ValueError with a fault's words."""
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        pass
    near = _nearest_timezone(value) if isinstance(value, str) else ""
    raise ValueError(f'is no time zone; {near}write a name such as "UTC" or "Europe/Berlin"')


def _nearest_timezone(value: str) -> str:
    """`did you mean "Europe/Berlin"? ` however it is capitalised, else nothing."""
    by_lower = _timezones()
    near = difflib.get_close_matches(value.strip().lower(), by_lower, n=1, cutoff=0.8)
    return f'did you mean "{by_lower[near[0]]}"? ' if near else ""


@functools.cache
def _timezones() -> dict[str, str]:
    """Every time zone by its name in small letters; to find them takes a walk through their folder."""
    return {name.lower(): name for name in sorted(available_timezones())}


def parse_moment(value: Any) -> datetime:
    """`value`, a date-time of TOML with an offset, in UTC. Raises ValueError with a fault's words."""
    wrong = _moment_fault(value)
    if wrong:
        raise ValueError(wrong)
    moment: datetime = value
    return moment.astimezone(UTC)


def _moment_fault(value: Any) -> str | None:
    if not isinstance(value, date):
        return "is no date and time; write it without quotes, like 2026-12-24T22:00:00Z"
    if not isinstance(value, datetime):
        return "is a day without a time; write it like 2026-12-24T22:00:00Z"
    if value.tzinfo is None:
        return "does not say in which time zone; write 2026-12-24T22:00:00Z or 2026-12-24T23:00:00+01:00"
    return None if value.year in _YEARS else "is too far from now; write a year of this century"


Clock = Annotated[time, BeforeValidator(parse_clock)]
Day = Annotated[int, BeforeValidator(parse_day)]
DayAndClock = Annotated[tuple[int, time], BeforeValidator(parse_day_and_clock)]
TimeZone = Annotated[str, BeforeValidator(parse_timezone)]
Moment = Annotated[datetime, BeforeValidator(parse_moment)]
