"""When a webhook source that normally speaks has gone quiet: silence is no health.

A quiet shop sends a delivery a day, a busy one ten a second. So what is too quiet is learned from the source
itself: three times the pause that 99 of 100 of its pauses do not exceed, yet not less than five minutes, and
never more than the hour after which no source's silence says anything.
"""

from datetime import datetime, timedelta

from analytics.model import Rhythm
from analytics.rules.wording import span

#: With fewer pauses a rhythm is a guess.
FEWEST_PAUSES = 20
_TIMES_LONGEST = 3
_SHORTEST = timedelta(minutes=5)


def silent_after(rhythm: Rhythm | None, stale_after: timedelta) -> timedelta:
    """How long after its newest delivery a source counts as silent; `stale_after` when nothing is known."""
    if rhythm is None or rhythm.pauses < FEWEST_PAUSES:
        return stale_after
    return min(stale_after, max(_SHORTEST, _TIMES_LONGEST * rhythm.longest))


def silence(newest: datetime | None, rhythm: Rhythm | None, stale_after: timedelta, now: datetime) -> str:
    """The sentence about a source that says nothing: since when, and how it usually speaks."""
    if newest is None:
        return f"no deliveries recorded in the last {span(stale_after)}"
    said = f"no deliveries for {span(now - newest)}"
    if rhythm is None or rhythm.pauses < FEWEST_PAUSES:
        return said
    return f"{said}; usually one every {span(max(rhythm.usual, timedelta(seconds=1)))}"
