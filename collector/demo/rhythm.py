"""How busy it is: one curve of the day and the week, shared by the live traffic and the history."""

import math

_DAY = 86400.0
#: 1970-01-01 was a Thursday; with this many days added a week begins on a Monday.
_DAYS_TO_MONDAY = 3
_QUIETEST_HOUR = 3.0
_WEEKEND = 0.6

#: Chosen so that the mean of `rate_factor` over a week is 1.
_BASE_RATE = 0.45
_EXTRA_RATE = 1.241


def load(epoch_seconds: float) -> float:
    """How busy it is at a moment, from 0 (three at night, UTC) to 1 (a weekday at three in the afternoon)."""
    days, seconds = divmod(epoch_seconds, _DAY)
    hour = seconds / 3600.0
    of_day = 0.5 - 0.5 * math.cos(2.0 * math.pi * (hour - _QUIETEST_HOUR) / 24.0)
    weekend = (int(days) + _DAYS_TO_MONDAY) % 7 >= 5
    return of_day * (_WEEKEND if weekend else 1.0)


def rate_factor(epoch_seconds: float) -> float:
    """What the mean rate of calls is multiplied with at a moment: 0.45 at night, 1.7 on a busy afternoon."""
    return _BASE_RATE + _EXTRA_RATE * load(epoch_seconds)
