"""What is left of an error budget and until when, in the same words wherever it stands."""

import math
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from pages._ui import times, words

#: A forecast is made to the hour: what is nearer than this has happened.
_ALREADY = timedelta(minutes=1)


def left(percent: float | None) -> str:
    """`46.1 % left`, `used up`, `37 % over`; `–` when nothing is known. Plain text.

    `percent` is what is left, below 0 when more was spent than there was, minus infinity of an objective that
    had no budget: what is over that cannot be said.
    """
    if percent is None:
        return "–"
    if percent > 0:
        return "<0.1 % left" if percent < 0.1 else f"{words.percent(percent)} left"
    over = 0 if math.isinf(percent) else math.ceil(-percent - 1e-9)
    return f"{over:,} % over" if over else "used up"


def outage(percent: float | None, minutes: float | None) -> str:
    """How long a full outage would use up what is left: `20 min`; empty when nothing is left. Plain text."""
    return words.spelt(60 * minutes) if minutes and percent is not None and percent > 0 else ""


def used_up(percent: float | None, gone_at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """When it is used up if the last 3 days go on: `already`, a moment, `not in 30 days`. HTML."""
    if percent is None:
        return "–"
    if percent <= 0 or (gone_at is not None and gone_at <= now + _ALREADY):
        return '<b class="going">already</b>'
    if gone_at is None:
        return "not in 30 days"
    return f"{times.moment(gone_at, zone, now)}, in {escape(words.span(gone_at - now))}"
