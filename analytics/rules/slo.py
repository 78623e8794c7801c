"""How fast an error budget is spent. Pure arithmetic.

An objective of 99.9 % leaves a budget of 0.1 % bad checks. A burn rate of 1 spends it exactly in the period
of the objective. The windows and rates are those of the Site Reliability Workbook, chapter 5 ("Alerting on
SLOs"): 14.4 over one hour spends 2 % of a 30-day budget, 6 over six hours 5 %; the short window, a twelfth of
the long one, makes the alert end soon after the trouble.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple


class Share(NamedTuple):
    """Of `known` checks (unknown ones do not count) `bad` were bad."""

    bad: int = 0
    known: int = 0


_NOTHING = Share()


@dataclass(frozen=True, slots=True)
class Pace:
    """A burn rate that must be reached over `long` and over `short`."""

    rate: float
    long: timedelta
    short: timedelta


FAST = Pace(14.4, timedelta(hours=1), timedelta(minutes=5))
SLOW = Pace(6.0, timedelta(hours=6), timedelta(minutes=30))
PACES = (FAST, SLOW)


def burn_rate(share: Share, objective: float) -> float:
    """How many times too fast the budget of `objective` (percent of good checks) is spent; 0 without checks.

    An objective of 100 % leaves no budget: then any bad check burns infinitely fast.
    """
    if not share.bad or not share.known:
        return 0.0
    budget = 1.0 - objective / 100.0
    return share.bad / share.known / budget if budget > 0 else math.inf


def burning(shares: Mapping[timedelta, Share], objective: float, fewest: int) -> Pace | None:
    """The first pace at which the budget of `objective` is spent, None when it is not.

    `shares` holds the counts by length of window, those of every pace. Of the short window at least `fewest`
    checks must be bad: one of few says little.
    """
    for pace in PACES:
        long, short = shares.get(pace.long, _NOTHING), shares.get(pace.short, _NOTHING)
        if short.bad < max(1, fewest):
            continue
        if _reaches(burn_rate(long, objective), pace.rate) and _reaches(
            burn_rate(short, objective), pace.rate
        ):
            return pace
    return None


def _reaches(rate: float, limit: float) -> bool:
    # 1 - 99.9 / 100 is not exactly 0.001: exactly at the limit must count as at the limit.
    return rate > limit or math.isclose(rate, limit, rel_tol=1e-9)
