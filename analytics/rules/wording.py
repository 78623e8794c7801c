"""How figures and names read in the sentences people are told. Pure text."""

import difflib
from collections.abc import Iterable
from datetime import timedelta


def milliseconds(value: float) -> str:
    """`842 ms`, `3.2 s`."""
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"


def percent(value: float) -> str:
    """Two decimals, cut and never rounded up: 94.999 % must not read as 95 %."""
    return f"{int(value * 100) / 100:g} %"


def span(duration: timedelta) -> str:
    """An age in its largest unit, cut: `42 s`, `3 min`, `5 h`, `2 d`; of what is said again and again."""
    seconds = duration.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


#: From so many seconds on, single seconds say nothing.
_NO_SECONDS_FROM = 600
_TWO_UNITS = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))


def lasting(duration: timedelta) -> str:
    """How long something lasted or is to last, cut, in its two largest units: `42 s`, `4 min 10 s`, `17 min`,
    `1 h 36 min`, `3 d 4 h`."""
    rest = max(0, int(duration.total_seconds()))
    if rest >= _NO_SECONDS_FROM:
        rest -= rest % 60
    for size, unit, small, smaller in _TWO_UNITS:
        if rest >= size:
            part = rest % size // small
            return f"{rest // size} {unit}" + (f" {part} {smaller}" if part else "")
    return f"{rest} s"


def listed(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean "timeout"? ` for the known name nearest to `name`, else nothing."""
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"? ' if near else ""
