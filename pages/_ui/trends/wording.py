"""How figures of a period and their changes read. Pure text, not yet escaped."""

import math
from datetime import timedelta

from analytics.periods import Period
from pages._ui import words


def uptime(value: float | None) -> str:
    """A share of good checks: `99.98 %`; cut, never rounded up, so that 100 % means all of them."""
    if value is None:
        return "–"
    cut = math.floor(value * 100 + 1e-9) / 100
    return f"{cut:.0f} %" if cut in (0, 100) else f"{cut:.2f} %"


def share_of_time(value: float | None) -> str:
    """A share of a time: `0.42 %`, `<0.01 %`, `0 %`."""
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


def before(period: Period) -> str:
    """What the changes are against: `vs the 7 d before`."""
    return f"vs the {length(period.length)} before"


def length(duration: timedelta) -> str:
    """What a time range is called: `7 d`, `24 h`, `3 d 4 h`, `45 min`; all else is `words.span`."""
    minutes = round(duration.total_seconds() / 60)
    if minutes >= 48 * 60:
        # A length of days begins at a full hour, which is not what people call it.
        days, rest = divmod(minutes, 24 * 60)
        return f"{days} d {rest // 60} h" if rest >= 60 else f"{days} d"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
