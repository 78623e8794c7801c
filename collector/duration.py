"""Durations as people write them: "500ms", "60s", "5m", "1h", or a number of seconds."""

import math
import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_WRITTEN = re.compile(r"(-?[0-9]{1,9}(?:\.[0-9]{1,6})?) ?(ms|s|m|h)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
}
_HOW = 'write "10s", "5m", "1h" or a number of seconds'

#: Longer makes no sense for anything a check or a request is configured with.
LONGEST = timedelta(hours=24)


def parse_duration(value: Any, *, longest: timedelta = LONGEST) -> timedelta:
    """`value` as a duration above zero and up to `longest`. Raises ValueError with a fault's words."""
    if isinstance(value, timedelta):
        return value
    seconds = _seconds(value)
    if math.isnan(seconds):
        raise ValueError(f"is no duration; {_HOW}")
    if seconds < 0:
        raise ValueError(f"is negative; {_HOW}")
    if seconds > longest.total_seconds():
        limit = f"{longest.days} days" if longest.days > 1 else f"{longest / timedelta(hours=1):g} hours"
        raise ValueError(f"is longer than {limit}; write a shorter duration")
    duration = timedelta(seconds=seconds)
    if not duration:
        raise ValueError(f"is no time at all; {_HOW}")
    return duration


def _seconds(value: Any) -> float:
    """Seconds, not a number for what is no duration, infinite for what no float can hold."""
    if isinstance(value, str):
        written = _WRITTEN.fullmatch(value.strip())
        return float(written[1]) * _UNITS[written[2]].total_seconds() if written else math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def written(duration: timedelta) -> str:
    """`duration` in the largest unit that needs no fraction: "5m", "90s", "1500ms"."""
    for unit in ("h", "m", "s"):
        if duration % _UNITS[unit] == timedelta(0):
            return f"{duration // _UNITS[unit]}{unit}"
    return f"{duration / _UNITS['ms']:g}ms"


#: A field that holds a duration.
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
