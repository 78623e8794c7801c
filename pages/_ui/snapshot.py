"""How everything stands now, as one question finds it: plain frozen values, safe to share among viewers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from analytics import queries, standing_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey, ServiceType, Status
from analytics.standing_queries import Place, Standing
from pages._ui.reading import continued

#: For how long it is taken over since when services have been as they are: what is imported or set otherwise
#: meanwhile may tell another story of the past.
_TAKEN_OVER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Check:
    """One finished check as it was stored.

    `response_time_ms` is None when nothing was measured, `success_rate` is in percent. `begun` is the time of
    its first attempt, None for a check of one.
    """

    at: datetime
    status: Status
    reason: str
    message: str = ""
    response_time_ms: float | None = None
    success_rate: float | None = None
    begun: datetime | None = None

    @property
    def due(self) -> datetime:
        """When the check was made, without the time that confirming a failure took."""
        return self.begun or self.at


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """The loudest open incident of a service. `acknowledged_by` is empty while nobody is on it."""

    id: str
    severity: str
    title: str
    began_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


@dataclass(frozen=True, slots=True)
class Service:
    """A monitored service with its newest check, and since when it has had that check's status.

    Limits are in ms. `newest` and `since` are None for a service that was never checked.
    """

    key: ServiceKey
    interval: timedelta
    probe: str = ""
    target: str = ""
    healthy_ms: float | None = None
    down_ms: float | None = None
    runbook: str = ""
    newest: Check | None = None
    since: datetime | None = None
    incident: OpenIncident | None = None

    @property
    def service_type(self) -> ServiceType:
        return self.key.service_type

    @property
    def name(self) -> str:
        return self.key.service_name


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When the collector last wrote, and how often it does."""

    at: datetime
    interval: timedelta
    collector: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The collector's newest heartbeat and every monitored service, in configured order.

    `latest_heartbeat` is that heartbeat's time, or that of a later one which a clock ahead of this machine's
    wrote. `standings` is for the next one, `begun_at` when that of all services was last looked up.
    """

    taken_at: datetime
    heartbeat: Heartbeat | None
    services: tuple[Service, ...]
    standings: Mapping[Place, Standing] = field(default_factory=dict, compare=False, repr=False)
    begun_at: datetime | None = field(default=None, compare=False, repr=False)
    latest_heartbeat: datetime | None = None


@continued
def snapshot(connection: Connection, now: datetime, before: Snapshot | None = None) -> Snapshot:
    """How everything stands at `now`: the question that every page asks. `before` is how it stood lately."""
    begun_at = before.begun_at if before is not None else None
    if begun_at is None or not timedelta(0) <= now - begun_at < _TAKEN_OVER:
        before, begun_at = None, now
    standing = standing_queries.standing(connection, now, before.standings if before is not None else None)
    run = next(records(queries.newest_run(connection, now)), None)
    found = {(row["service_type"], row["service_name"]): row for row in records(standing)}
    return Snapshot(
        taken_at=now,
        heartbeat=None
        if run is None
        else Heartbeat(
            run["finished_at"],
            timedelta(seconds=run["interval_seconds"]),
            run["collector"] or "",
            run["version"] or "",
        ),
        services=tuple(
            _service(row, found.get((row["service_type"], row["service_name"]), {}))
            for row in records(queries.services(connection))
            if row["service_type"] in list(ServiceType)
        ),
        standings=standing_queries.standings(standing),
        begun_at=begun_at,
        latest_heartbeat=queries.latest_heartbeat(connection),
    )


def known_status(word: str | None) -> Status:
    """The status stored as `word`; one this version does not know is shown as unknown."""
    try:
        return Status(word or "")
    except ValueError:
        return Status.UNKNOWN


def _service(row: dict[str, Any], found: dict[str, Any]) -> Service:
    return Service(
        key=ServiceKey(ServiceType(str(row["service_type"])), str(row["service_name"])),
        interval=timedelta(seconds=float(row["interval_seconds"])),
        probe=str(row["probe"] or ""),
        target=str(row["target"] or ""),
        healthy_ms=row["healthy_ms"],
        down_ms=row["down_ms"],
        runbook=str(row["runbook"] or ""),
        newest=_newest(found),
        since=found.get("since"),
        incident=_incident(found),
    )


def _newest(found: dict[str, Any]) -> Check | None:
    if found.get("last_check") is None:
        return None
    return Check(
        at=found["last_check"],
        status=known_status(found["status"]),
        reason=str(found["reason"] or ""),
        message=str(found["message"] or ""),
        response_time_ms=found["response_time_ms"],
        success_rate=found["success_rate"],
    )


def _incident(found: dict[str, Any]) -> OpenIncident | None:
    if found.get("incident_id") is None:
        return None
    return OpenIncident(
        id=str(found["incident_id"]),
        severity=str(found["incident_severity"]),
        title=str(found["incident_title"] or ""),
        began_at=found["incident_began_at"],
        acknowledged_at=found["acknowledged_at"],
        acknowledged_by=str(found["acknowledged_by"] or ""),
    )
