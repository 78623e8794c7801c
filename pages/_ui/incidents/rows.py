"""An incident as the page knows it, and the words for its states."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from types import MappingProxyType
from typing import Any

from analytics.model import IncidentState, ServiceKey, ServiceType, Status
from pages._ui.marks import mark
from pages._ui.situation import Seen

STATES = MappingProxyType(
    {
        IncidentState.OPEN: "Open",
        IncidentState.INVESTIGATING: "Investigating",
        IncidentState.RESOLVED: "Resolved",
    }
)

#: The shape and colour of a state: nobody on it, somebody on it, over.
_SHAPES = MappingProxyType(
    {
        IncidentState.OPEN: Status.DOWN,
        IncidentState.INVESTIGATING: Status.DEGRADED,
        IncidentState.RESOLVED: Status.HEALTHY,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Incident:
    """One incident as it was stored. `began_at` is its first sign, `acknowledged_by` empty for nobody.

    `closed_by` is the person who resolved it; empty when it ended by itself, or goes on.
    """

    id: str
    service_type: str
    service_name: str
    severity: str
    state: str
    title: str
    description: str
    rule: str
    reason: str
    began_at: datetime
    created_at: datetime
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    resolved_at: datetime | None
    relapses: int
    closed_by: str = ""

    @property
    def key(self) -> ServiceKey | None:
        """The service; None for a type this version does not know."""
        known = self.service_type in list(ServiceType)
        return ServiceKey(ServiceType(self.service_type), self.service_name) if known else None

    @property
    def is_over(self) -> bool:
        return self.state == IncidentState.RESOLVED

    def lasted(self, now: datetime) -> timedelta:
        """From its first sign to its end, or until now."""
        return max(timedelta(0), (self.resolved_at or now) - self.began_at)


def still_bad(incident: Incident, seen: Seen | None) -> bool:
    """Whether a person closed it and its service is still bad: nobody is told until it was good once."""
    return bool(
        incident.is_over
        and incident.closed_by
        and seen
        and seen.status in (Status.DOWN, Status.DEGRADED)
        and seen.service.incident is None
    )


def how_bad(incident: Incident, seen: Seen) -> str:
    """`still down`, or `down again` when it was something else since a person closed the incident."""
    changed = seen.since and incident.resolved_at and seen.since > incident.resolved_at
    return f"{seen.status} again" if changed else f"still {seen.status}"


def incident_of(row: dict[str, Any], closed_by: str = "") -> Incident:
    """The incident of a row of `incidents` or `incident`."""
    return Incident(
        id=str(row["id"]),
        service_type=str(row["service_type"]),
        service_name=str(row["service_name"]),
        severity=str(row["severity"]),
        state=str(row["status"]),
        title=str(row["title"] or ""),
        description=str(row["description"] or ""),
        rule=str(row["rule"] or ""),
        reason=str(row["reason"] or ""),
        began_at=row["began_at"] or row["created_at"],
        created_at=row["created_at"],
        told_at=row["told_at"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=str(row["acknowledged_by"] or ""),
        resolved_at=row["resolved_at"],
        relapses=int(row["relapses"] or 0),
        closed_by=closed_by,
    )


def state_word(state: str) -> str:
    """A state in words; one this version does not know as it is spelt."""
    return STATES[IncidentState(state)] if state in list(IncidentState) else state.capitalize()


def state_pill(state: str, still: bool = False) -> str:
    """Shape and word of a state, on a wash of its colour: no green while it is `still` bad. HTML."""
    known = state in list(IncidentState) and not still
    status = _SHAPES[IncidentState(state)] if known else Status.UNKNOWN
    return f'<span class="pill is-{status}">{mark(status)}{escape(state_word(state))}</span>'
