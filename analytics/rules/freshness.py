"""What a stored status still says at a later time: a monitor that stopped must not look healthy."""

from datetime import datetime, timedelta

from analytics.model import Reason, Status

#: A collector that has not written for this many of its intervals has stopped.
MISSED_INTERVALS = 3

#: Clocks of two machines may differ by so much without a word: nothing is late by more than a look.
_SAME_CLOCK = timedelta(minutes=1)

#: A check says something for five minutes, on a slower schedule for two and a half of its intervals.
_SHORTEST_STALE = timedelta(minutes=5)
_STALE_INTERVALS = 2.5


def stale_after(interval: timedelta) -> timedelta:
    """The age from which a check made every `interval` says nothing any more."""
    return max(_SHORTEST_STALE, _STALE_INTERVALS * interval)


def as_seen(
    status: Status, reason: Reason, last_check: datetime, interval: timedelta, now: datetime
) -> tuple[Status, Reason]:
    """The status to show at `now` for a check made at `last_check` and due every `interval`.

    A check that is too old says nothing any more: unknown, because the collector was not there.
    """
    if now - last_check > stale_after(interval):
        return Status.UNKNOWN, Reason.COLLECTOR_OFFLINE
    return status, reason


def collector_stopped(last_run: datetime, interval: timedelta, now: datetime) -> bool:
    """Whether the newest heartbeat is older than three intervals."""
    return now - last_run > MISSED_INTERVALS * interval


def clock_ahead(last_run: datetime, now: datetime) -> timedelta | None:
    """How far the clock that dated the newest heartbeat is ahead of `now`; None up to a minute."""
    ahead = last_run - now
    return ahead if ahead > _SAME_CLOCK else None
