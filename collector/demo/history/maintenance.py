"""The announced maintenance of the past: Redis is upgraded on Sunday nights."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from analytics.model import ServiceKey, ServiceType
from analytics.rules.maintenance import Weekly, next_occurrence

MAINTENANCE = Weekly(
    name="Redis upgrades",
    services=frozenset({ServiceKey(ServiceType.INFRASTRUCTURE, "redis")}),
    days=frozenset({6}),
    at=time(2),
    lasting=timedelta(hours=1),
    timezone="UTC",
)
_WEEK = timedelta(weeks=1)


def newest_maintenance(before: datetime) -> tuple[datetime, datetime]:
    """Begin and end of the last maintenance that began at or before `before`."""
    following = next_occurrence(MAINTENANCE, before)
    assert following is not None  # a weekly window comes again
    return following[0] - _WEEK, following[1] - _WEEK


def maintenances(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of each maintenance that lies within the span as a whole, oldest first."""
    following = next_occurrence(MAINTENANCE, since)
    while following is not None and following[1] <= until:
        yield following
        following = next_occurrence(MAINTENANCE, following[0])
