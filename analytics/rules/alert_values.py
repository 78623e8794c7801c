"""What the settings of an alert rule may be: from a word and a value, as people write them, to the value.

The bounds are those of services.toml. Values may be text, or be numbers, booleans and lists already.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from analytics.model import Severity
from analytics.rules.wording import did_you_mean, listed

#: A duration is above zero and no longer than this; whoever waits longer does not want to hear of it.
LONGEST_SECONDS = 7 * 86_400
SHORTEST_WINDOW_SECONDS = 60
MOST_PAUSES = 10

_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(ms|s|m|h|d)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_HOW = 'write "10s", "5m", "1h" or a number of seconds, up to 7 days'
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Numbers from `lowest` to `highest`; `beyond` says that the end itself is not among them."""

    lowest: float
    highest: float
    whole: bool = False
    beyond: tuple[float, ...] = ()

    def hold(self, number: float) -> bool:
        return self.lowest <= number <= self.highest and number not in self.beyond

    def __str__(self) -> str:
        above = f"above {self.lowest:,g}" if self.lowest in self.beyond else f"from {self.lowest:,g}"
        below = f"below {self.highest:,g}" if self.highest in self.beyond else f"to {self.highest:,g}"
        return f"a {'whole ' if self.whole else ''}number {above} {below}"


_NUMBERS: Mapping[str, _Bounds] = {
    "checks": _Bounds(1, 100, whole=True),
    "recovery_checks": _Bounds(1, 100, whole=True),
    "quiet_from": _Bounds(1, 100, whole=True),
    "fewest": _Bounds(1, 1_000_000, whole=True),
    "days": _Bounds(1, 365, whole=True),
    "sure_after": _Bounds(1, 100, whole=True),
    "above_percent": _Bounds(0, 100, beyond=(100,)),
    "below_percent": _Bounds(0, 100, beyond=(0,)),
    "healthy_above_percent": _Bounds(0, 100, beyond=(100,)),
    "down_below_percent": _Bounds(0, 100, beyond=(0,)),
    "objective": _Bounds(50, 100, beyond=(50, 100)),
    "slo": _Bounds(50, 100, beyond=(50, 100)),
    "healthy_ms": _Bounds(0, 86_400_000, beyond=(0,)),
    "down_ms": _Bounds(0, 86_400_000, beyond=(0,)),
}


def value_of(word: str, said: Any) -> Any:
    """`said` as the value of the setting `word`, durations in seconds. ValueError: what would be right."""
    if word in _NUMBERS:
        return _number(said, _NUMBERS[word])
    return _OTHERS[word](said)


def _number(said: Any, bounds: _Bounds) -> float | int:
    number = _read(said.strip()) if isinstance(said, str) else said
    if not _is_number(number):
        raise ValueError(f"is no number; write {bounds}")
    if bounds.whole and not isinstance(number, int):
        raise ValueError(f"is no whole number; write {bounds}")
    if not bounds.hold(number):
        raise ValueError(f"is out of bounds; write {bounds}")
    return int(number) if bounds.whole else number


def _read(text: str) -> float | int | None:
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return None


def _seconds(said: Any) -> float | int:
    seconds = _read_seconds(said.strip()) if isinstance(said, str) else said
    if not _is_number(seconds):
        raise ValueError(f"is no duration; {_HOW}")
    # Less than a microsecond is no time at all for a timedelta.
    if not 1e-6 <= seconds <= LONGEST_SECONDS:
        raise ValueError(f"is out of bounds; {_HOW}")
    return int(seconds) if float(seconds).is_integer() else seconds


def _read_seconds(text: str) -> float | int | None:
    written = _WRITTEN.fullmatch(text)
    return float(written[1]) * _UNIT_SECONDS[written[2]] if written else _read(text)


def _is_number(value: Any) -> TypeGuard[float | int]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _window(said: Any) -> float | int:
    seconds = _seconds(said)
    if seconds < SHORTEST_WINDOW_SECONDS:
        raise ValueError('is shorter than 1 minute; write "1m" or more')
    return seconds


def _pauses(said: Any) -> list[float | int]:
    parts = said.strip("[] ").split(",") if isinstance(said, str) else said
    if not isinstance(parts, list | tuple) or not 1 <= len(parts) <= MOST_PAUSES:
        raise ValueError(f'is no list of 1 to {MOST_PAUSES} durations; write "5m,15m,1h"')
    return [_seconds(part.strip(" \"'") if isinstance(part, str) else part) for part in parts]


def _enabled(said: Any) -> bool:
    known = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
    if isinstance(said, bool):
        return said
    if isinstance(said, str) and said.strip().lower() in known:
        return known[said.strip().lower()]
    raise ValueError("is neither true nor false; write true or false")


def _severity(said: Any) -> str:
    names = [severity.value for severity in Severity]
    word = said.strip().lower() if isinstance(said, str) else said
    if word not in names:
        hint = did_you_mean(word, names) if isinstance(word, str) else ""
        raise ValueError(f"is no severity; {hint}write {listed(names)}")
    return str(word)


_OTHERS: Mapping[str, Callable[[Any], Any]] = {
    "enabled": _enabled,
    "severity": _severity,
    "for": _seconds,
    "window": _window,
    "within": _seconds,
    "told_after": _seconds,
    "stale_after": _seconds,
    "stable": _pauses,
}
