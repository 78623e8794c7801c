"""How figures and names read on a terminal. Pure text."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

_LEVELS = "▁▂▃▄▅▆▇█"

#: Letters of these kinds move the cursor, colour, reverse or hide what follows.
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

#: Up to which share of a day that was bad a cell has which height: minutes must be seen, too.
_SHARES = (0.0, 0.001, 0.005, 0.01, 0.05, 0.25, 0.5)


def clean(text: object) -> str:
    """`text` on one line, without anything that a terminal would obey instead of showing it."""
    kept = (letter if unicodedata.category(letter) not in _NOT_SHOWN else " " for letter in str(text))
    return " ".join("".join(kept).split())


def count(number: float) -> str:
    """`842`, `13.3k`, `1.2M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.9995:
            return f"{number / size:.1f}{unit}" if number < 99.95 * size else f"{number / size:.0f}{unit}"
    return f"{number:.0f}"


def plural(number: int, noun: str) -> str:
    """`1 row`, `12,345 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def share(percent: float | None) -> str:
    """`99.94`, cut and never rounded up, so that only all is 100; `–` of what nobody knows."""
    if percent is None or math.isnan(percent):
        return "–"
    return f"{math.floor(percent * 100 + 1e-6) / 100:.2f}"


def number(value: float | None, digits: int = 0) -> str:
    """With `digits` decimals; `–` of what nobody knows."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def change(value: float | None, digits: int = 0) -> str:
    """`▲12`, `▼0.3`; nothing when it is unknown or would read as 0."""
    if value is None or not math.isfinite(value) or float(f"{value:.{digits}f}") == 0:
        return ""
    size = f"{abs(value):.{digits}f}" if abs(value) < 1000 else ">999"
    return f"{'▲' if value > 0 else '▼'}{size}"


def sparkline(values: Sequence[float | None]) -> str:
    """A cell a value, as high as it lies between the lowest and the highest; a blank where there is none.

    What differs by less than a tenth of the highest is flat: nobody has to look at noise.
    """
    known = [value for value in values if value is not None]
    low, top = min(known, default=0.0), max(known, default=0.0)
    if top - low < 0.1 * top or top <= low:
        return "".join(" " if value is None else _LEVELS[3] for value in values)
    return "".join(
        " " if value is None else _LEVELS[min(7, int(8 * (value - low) / (top - low)))] for value in values
    )


def level(bad: float) -> str:
    """The cell of a day of which the share `bad`, 0 to 1, was not healthy."""
    return _LEVELS[sum(bad > limit for limit in _SHARES)]


def bar(share: float, width: int) -> str:
    """`██████░░░░`: a share, 0 to 1, of `width` cells."""
    full = round(min(1.0, max(0.0, share)) * width)
    return "█" * full + "░" * (width - full)


def moment(when: datetime | None, now: datetime) -> str:
    """`11-28 14:02`, with its year when that is not this one; `–` without any. UTC."""
    if when is None:
        return "–"
    return f"{when:%m-%d %H:%M}" if when.year == now.year else f"{when:%Y-%m-%d %H:%M}"


def beginning(data_since: datetime | None, since: datetime) -> str:
    """What is said of data that begin after `since`, from which on they were asked for; else nothing."""
    if data_since is None or data_since <= since:
        return ""
    return f"data begin at {data_since:%Y-%m-%d %H:%M} UTC, nothing is known of the time before"


def listed(words: Iterable[str], most: int = 12) -> str:
    """`a, b, c`, of many the first and how many more."""
    every = [clean(word) for word in words]
    more = len(every) - most
    return ", ".join([*every[:most], f"and {more} more"] if more > 0 else every) or "none"
