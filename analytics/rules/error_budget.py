"""What is left of an error budget, and when it will be gone. Pure arithmetic.

An objective of 99.9 % lets 0.1 % of the known checks of a rolling period be bad. What was bad leaves the
period as time goes on, and gives its part of the budget back. Checks are counted by the hour.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from analytics.rules.slo import Share

#: The time an objective is about.
PERIOD = timedelta(days=30)

#: What was burnt in this time is what a forecast lets go on.
RECENT = timedelta(days=3)

HOUR = timedelta(hours=1)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Ledger:
    """The checks of one service by hour, so that those of any time between two hours are known at once."""

    def __init__(
        self, starts: Sequence[datetime] = (), known: Sequence[int] = (), bad: Sequence[int] = ()
    ) -> None:
        """`starts` are full hours in order; of the `known` checks in each as many were bad as `bad` says."""
        self._starts = starts
        self._known = [0, *accumulate(known)]
        self._bad = [0, *accumulate(bad)]

    def between(self, since: datetime, until: datetime) -> Share:
        """What was counted in the hours that meet [since, until), those cut by an end as a whole."""
        if until <= since:
            return Share()
        first = bisect_right(self._starts, since - HOUR)
        end = max(first, bisect_left(self._starts, until))
        return Share(self._bad[end] - self._bad[first], self._known[end] - self._known[first])

    def recent(self, now: datetime) -> Share:
        """What was counted in the full hours of the last `RECENT`, and in the present one."""
        return self.between(recent_since(now), now)


def recent_since(now: datetime) -> datetime:
    """The first full hour of the last `RECENT`."""
    return now - RECENT + (_EPOCH - (now - RECENT)) % HOUR


def allowed(known: float, objective: float) -> float:
    """How many of `known` checks may be bad under `objective` (percent of good checks)."""
    return known * max(0.0, 100.0 - objective) / 100.0


def left_percent(share: Share, objective: float) -> float | None:
    """The part of the budget that is left, in percent: below 0 when more was spent than there was.

    None when nothing is known. An objective of 100 % has no budget: all of it is left until something is
    bad, then less than can be said (minus infinity).
    """
    if not share.known:
        return None
    budget = allowed(share.known, objective)
    if budget > 0:
        return 100.0 * (budget - share.bad) / budget
    return -math.inf if share.bad else 100.0


def gone_at(ledger: Ledger, objective: float, now: datetime, period: timedelta = PERIOD) -> datetime | None:
    """When the budget of `objective` over `period` is used up if it goes on as in the last `RECENT`, to the
    hour.

    `now` when nothing is left already; None when it lasts for another `period`, or nothing is burnt now.
    """
    spent, recent = ledger.between(now - period, now), ledger.recent(now)
    if _gone(spent.bad, spent.known, objective):
        return now
    if not recent.bad:
        return None
    length = now - recent_since(now)
    for hours in range(1, period // HOUR + 1):
        ahead = hours * HOUR
        old, share = ledger.between(now + ahead - period, now), ahead / length
        if _gone(old.bad + share * recent.bad, old.known + share * recent.known, objective):
            return now + ahead
    return None


def _gone(bad: float, known: float, objective: float) -> bool:
    budget = allowed(known, objective)
    # 100 - 99.9 is not exactly 0.1: all that is allowed must count as all.
    return bad > 0 and (bad > budget or math.isclose(bad, budget, rel_tol=1e-9))
