"""What a stored status still says at a later time: a monitor that stopped must not look healthy."""

from datetime import datetime, timedelta

from analytics.model import Reason, Status

#: A collector that has not written for this many of its intervals has stopped.
MISSED_INTERVALS = 3


def as_seen(
    status: Status, reason: Reason, last_check: datetime, stale_after: timedelta, now: datetime
) -> tuple[Status, Reason]:
    """The status to show at `now` for a check made at `last_check`.

    A check older than `stale_after` says nothing any more: unknown, because the collector was not there.
    """
    if now - last_check > stale_after:
        return Status.UNKNOWN, Reason.COLLECTOR_OFFLINE
    return status, reason


def collector_stopped(last_run: datetime, interval: timedelta, now: datetime) -> bool:
    """Whether the newest heartbeat is older than three intervals."""
    return now - last_run > MISSED_INTERVALS * interval
