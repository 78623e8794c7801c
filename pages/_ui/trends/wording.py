"""How figures of a period and their changes read. Pure text, not yet escaped."""

import math
from datetime import timedelta

from analytics.periods import Period
from pages._ui import words

#: A change smaller than this is none: percentage points, and percent.
_LEAST_POINTS = 0.005
_LEAST_PERCENT = 0.05


def uptime(value: float | None) -> str:
    """A share of good checks: `99.98 %`; cut, never rounded up, so that 100 % means all of them."""
    if value is None:
        return "–"
    cut = math.floor(value * 100 + 1e-9) / 100
    return f"{cut:.0f} %" if cut in (0, 100) else f"{cut:.2f} %"


def share(value: float | None) -> str:
    """A share of requests: `0.42 %`, `<0.01 %`, `0 %`."""
    if value is None:
        return "–"
    if value == 0:
        return "0 %"
    if value < 0.01:
        return "<0.01 %"
    return f"{value:.2f} %" if value < 10 else f"{value:.1f} %"


def latency(value: float | None) -> str:
    """A latency, `–` for None."""
    return words.milliseconds(value) or "–"


def count(value: float | None) -> str:
    """A number of requests: `842`, `12,480`, `1.24 M`."""
    if value is None:
        return "–"
    return f"{value / 1_000_000:.2f} M" if value >= 1_000_000 else f"{value:,.0f}"


def points(value: float | None) -> str:
    """A change of a share in percentage points, signed: `+0.32 pp`; empty when there is none to tell."""
    return "" if value is None else _signed(value, 2, _LEAST_POINTS, "pp")


def percent_change(value: float | None) -> str:
    """A change of a time or a count in percent of it, signed: `−12 %`; empty when there is none to tell."""
    return "" if value is None else _signed(value, 1 if abs(value) < 10 else 0, _LEAST_PERCENT, "%")


def before(period: Period) -> str:
    """What the changes are against: `vs the 7 d before`."""
    return f"vs the {length(period.length)} before"


def length(duration: timedelta) -> str:
    """A length in its two largest units: `7 d`, `24 h`, `3 d 4 h`, `45 min`."""
    minutes = round(duration.total_seconds() / 60)
    if minutes >= 48 * 60:
        # A length of days begins at a full hour, which is not what people call it.
        days, rest = divmod(minutes, 24 * 60)
        return f"{days} d {rest // 60} h" if rest >= 60 else f"{days} d"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _signed(value: float, digits: int, least: float, unit: str) -> str:
    if abs(value) < least:
        return f"±0 {unit}"
    return f"{'+' if value > 0 else '−'}{abs(value):,.{digits}f} {unit}"
