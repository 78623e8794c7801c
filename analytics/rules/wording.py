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
    """A duration in its largest unit, cut: `42 s`, `3 min`, `5 h`, `2 d`."""
    seconds = duration.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def listed(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean "timeout"? ` for the known name nearest to `name`, else nothing."""
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"? ' if near else ""
