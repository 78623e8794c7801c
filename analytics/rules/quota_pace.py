"""When a quota will be used up if it goes on as in the last hour. Pure arithmetic."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: The time whose pace counts.
PACE_SPAN = timedelta(hours=1)

#: A pace is not told of a shorter time: it would be that of a burst.
SHORTEST = timedelta(minutes=5)

#: What is further away than this is no news.
_HORIZON = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Reading:
    """How much of a quota was used at a moment."""

    at: datetime
    used: float


def exhausted_at(
    first: Reading, newest: Reading, limit: float, resets_at: datetime | None = None
) -> datetime | None:
    """When `limit` is reached at the pace from `first` to `newest`; the moment of `newest` if it is reached.

    None when it is not going to be: the use does not grow, it is reset before, or the two readings are too
    close to each other to tell.
    """
    if newest.used >= limit:
        return newest.at
    seconds = (newest.at - first.at).total_seconds()
    grown = newest.used - first.used
    if seconds < SHORTEST.total_seconds() or grown <= 0:
        return None
    left = (limit - newest.used) / grown * seconds
    if left > _HORIZON.total_seconds():
        return None
    reached = newest.at + timedelta(seconds=left)
    return None if resets_at is not None and resets_at <= reached else reached
