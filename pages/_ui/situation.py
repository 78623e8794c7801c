"""From a snapshot to what is said about it: statuses as seen now, the score, the order, the headline."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from analytics.model import Reason, ServiceKey, ServiceType, Status
from analytics.rules.freshness import as_seen, clock_ahead, collector_stopped, stale_after
from analytics.rules.score import health_score
from pages._ui import words
from pages._ui.snapshot import Service, Snapshot

#: Worst first; what is not known stands before what is well.
ORDER = (Status.DOWN, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


@dataclass(frozen=True, slots=True)
class Seen:
    """A service with the status, the reason and the sentence to show now, and since when it has been so."""

    service: Service
    status: Status
    reason: str
    message: str
    since: datetime | None = None

    @property
    def key(self) -> ServiceKey:
        return self.service.key


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the page says, decided. `score` is in percent, None when no service is known.

    `clock_ahead` is how far the collector's clock is ahead of this machine's, None while they agree.
    """

    now: datetime
    groups: Mapping[ServiceType, tuple[Seen, ...]]
    counts: Mapping[Status, int]
    score: float | None
    headline: str
    last_checked: datetime | None
    collector_stopped: bool
    interval: timedelta | None
    clock_ahead: timedelta | None = None

    @property
    def collector(self) -> Literal["live", "stopped", "waiting"]:
        """Whether the collector looks at the services, no longer does, or has not begun yet."""
        if self.collector_stopped:
            return "stopped"
        return "live" if self.last_checked else "waiting"

    @property
    def open_incidents(self) -> int:
        """How many services have an open incident."""
        return sum(one.service.incident is not None for one in self.services)

    @property
    def services(self) -> tuple[Seen, ...]:
        return tuple(seen for group in self.groups.values() for seen in group)

    @property
    def worst(self) -> Status:
        """The worst status there is; unknown without services and once the collector has stopped."""
        if self.collector_stopped:
            return Status.UNKNOWN
        return next((status for status in ORDER if self.counts[status]), Status.UNKNOWN)


def situation(snapshot: Snapshot, now: datetime) -> Situation:
    """What to say about `snapshot` at `now` (aware UTC)."""
    seen = [_seen(service, now) for service in snapshot.services]
    counts = Counter(one.status for one in seen)
    heartbeat = snapshot.heartbeat
    stopped = heartbeat is not None and collector_stopped(heartbeat.at, heartbeat.interval, now)
    return Situation(
        now=now,
        groups=MappingProxyType(_grouped(seen)),
        counts=MappingProxyType({status: counts[status] for status in ORDER}),
        score=health_score(one.status for one in seen),
        headline=headline(counts, stopped),
        last_checked=_last_checked(snapshot),
        collector_stopped=stopped,
        interval=heartbeat.interval if heartbeat else None,
        clock_ahead=clock_ahead(snapshot.latest_heartbeat, now) if snapshot.latest_heartbeat else None,
    )


def headline(counts: Mapping[Status, int], stopped: bool = False) -> str:
    """The situation in words, from the number of services in each status."""
    total = sum(counts.values())
    if not total:
        return "No integrations configured"
    if stopped:
        return f"Collector stopped: {_tally(counts)} of {total}"
    healthy, unknown = counts.get(Status.HEALTHY, 0), counts.get(Status.UNKNOWN, 0)
    if healthy == total:
        return f"All {total} integrations healthy" if total > 1 else "1 integration, healthy"
    if unknown == total:
        return "No status known yet"
    troubled = {status: counts.get(status, 0) for status in (Status.DOWN, Status.DEGRADED)}
    return f"{_tally(troubled) or _tally(counts)} of {total}"


def _tally(counts: Mapping[Status, int]) -> str:
    """`2 down, 1 degraded`: what there is, worst first."""
    return ", ".join(f"{counts[one]} {words.STATUSES[one].lower()}" for one in ORDER if counts.get(one))


def _seen(service: Service, now: datetime) -> Seen:
    newest = service.newest
    if newest is None:
        return Seen(service, Status.UNKNOWN, Reason.NO_DATA, "No recent check")
    status, reason = as_seen(newest.status, Reason.OK, newest.at, service.interval, now)
    if reason is Reason.COLLECTOR_OFFLINE:
        before = "" if newest.status is Status.UNKNOWN else f", {words.STATUSES[newest.status].lower()} then"
        said = f"Not checked for {words.span(now - newest.at)}{before}"
        return Seen(service, status, reason, said, newest.at + stale_after(service.interval))
    return Seen(service, status, newest.reason, newest.message, service.since)


def _grouped(seen: Sequence[Seen]) -> dict[ServiceType, tuple[Seen, ...]]:
    groups = {kind: [one for one in seen if one.service.service_type is kind] for kind in words.GROUPS}
    return {
        kind: tuple(sorted(members, key=lambda one: ORDER.index(one.status)))
        for kind, members in groups.items()
        if members
    }


def _last_checked(snapshot: Snapshot) -> datetime | None:
    """The newest sign that anything was checked: the heartbeat, or a check without one."""
    times = [service.newest.at for service in snapshot.services if service.newest]
    if snapshot.heartbeat:
        times.append(snapshot.heartbeat.at)
    return max(times, default=None)
