"""What `status` has to say, before it is said: every service, the score, the collector. Read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from analytics.availability_queries import availability
from analytics.commands.documents import records
from analytics.model import Reason, ServiceType, Status
from analytics.queries import newest_run
from analytics.rules.freshness import collector_stopped
from analytics.rules.score import health_score
from analytics.standing_queries import standing
from analytics.status_queries import status_hours

DAYS = 30
_DAY = timedelta(days=1)

#: Worst first.
_ORDER = (Status.DOWN, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


@dataclass(frozen=True, slots=True)
class Day:
    """24 hours of a service: which share of the time that was looked at it was down or degraded, 0 to 1.

    Both are None when nothing is known of it.
    """

    down: float | None
    degraded: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one service stands. `row` has the columns of `analytics.standing_queries.standing`, times aware."""

    service_type: ServiceType
    service_name: str
    status: Status
    reason: str
    stale: bool
    row: Mapping[str, Any]
    uptime_percent: float | None
    days: Sequence[Day]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at `at`. `heartbeat` is when the collector was last there, None when never."""

    at: datetime
    services: Sequence[Standing]
    heartbeat: datetime | None
    collector_running: bool

    @property
    def score(self) -> float | None:
        """The health score, in percent; None when nothing is known."""
        return health_score(one.status for one in self.services)

    @property
    def checked_at(self) -> datetime | None:
        """When anything was last checked."""
        return max((one.row["last_check"] for one in self.services if one.row["last_check"]), default=None)

    def group(self, service_type: ServiceType) -> list[Standing]:
        """The services of one type, the worst first."""
        found = [one for one in self.services if one.service_type is service_type]
        return sorted(found, key=lambda one: _ORDER.index(one.status))

    def healthy(self, ignore_unknown: bool = False) -> bool:
        """Whether nobody has to look: the collector is running, and every service was checked and is healthy.

        With `ignore_unknown` those do not count that were checked and are unknown.
        """
        looked_at = [
            one
            for one in self.services
            if not (ignore_unknown and one.status is Status.UNKNOWN and not one.stale)
        ]
        return (
            self.collector_running
            and bool(self.services)
            and all(one.status is Status.HEALTHY for one in looked_at)
        )


def overview(connection: duckdb.DuckDBPyConnection, now: datetime) -> Overview:
    """How everything stands at `now`, with the last 30 days of each service."""
    since = now - DAYS * _DAY
    days = _days(connection, since, now)
    uptime = {
        (row["service_type"], row["service_name"]): row["uptime_percent"]
        for row in records(availability(connection, since, now))
    }
    services = []
    for row in records(standing(connection, now)):
        key = (row["service_type"], row["service_name"])
        if key[0] in list(ServiceType):
            services.append(_standing(row, uptime.get(key), days.get(key, [])))
    runs = records(newest_run(connection, now))
    heartbeat = runs[0]["finished_at"] if runs else None
    interval = timedelta(seconds=runs[0]["interval_seconds"] or 60.0) if runs else _DAY
    running = heartbeat is not None and not collector_stopped(heartbeat, interval, now)
    return Overview(now, services, heartbeat, running)


def _standing(row: Mapping[str, Any], uptime: float | None, days: Sequence[Day]) -> Standing:
    """A check that is too old says nothing any more, and neither does one that was never made."""
    stale = bool(row["stale"]) or row["last_check"] is None
    missing = Reason.NO_DATA if row["last_check"] is None else Reason.COLLECTOR_OFFLINE
    return Standing(
        ServiceType(row["service_type"]),
        row["service_name"],
        Status.UNKNOWN if stale else Status(row["status"]),
        missing.value if stale else row["reason"] or "",
        stale,
        row,
        uptime,
        days,
    )


def _days(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime
) -> dict[tuple[str, str], list[Day]]:
    found: dict[tuple[str, str], list[Day]] = {}
    for row in records(status_hours(connection, since, until, _DAY)):
        known = row["healthy_seconds"] + row["degraded_seconds"] + row["down_seconds"]
        day = Day(row["down_seconds"] / known, row["degraded_seconds"] / known) if known else Day(None, None)
        found.setdefault((row["service_type"], row["service_name"]), []).append(day)
    return found
