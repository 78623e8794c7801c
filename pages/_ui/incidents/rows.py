"""An incident as the page knows it, and the words for its states."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from types import MappingProxyType
from typing import Any

from analytics.model import IncidentState, ServiceKey, ServiceType, Status
from pages._ui import words
from pages._ui.marks import mark

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

#: From so many seconds on, single seconds say nothing.
_NO_SECONDS_FROM = 600


@dataclass(frozen=True, slots=True, eq=False)
class Incident:
    """One incident as it was stored. `began_at` is its first sign, `acknowledged_by` empty for nobody."""

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


def incident_of(row: dict[str, Any]) -> Incident:
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
    )


def state_word(state: str) -> str:
    """A state in words; one this version does not know as it is spelt."""
    return STATES[IncidentState(state)] if state in list(IncidentState) else state.capitalize()


def state_pill(state: str) -> str:
    """Shape and word of a state, on a wash of its colour. HTML."""
    status = _SHAPES[IncidentState(state)] if state in list(IncidentState) else Status.UNKNOWN
    return f'<span class="pill is-{status}">{mark(status)}{escape(state_word(state))}</span>'


def lasted(duration: timedelta, fine: bool = False) -> str:
    """A duration in its two largest units: `42 s`, `5 min 32 s`, `17 min`, `1 h 36 min`, `3 d 4 h`.

    `fine` says the seconds of a longer one too, up to an hour.
    """
    seconds = max(0, int(duration.total_seconds()))
    if seconds >= (3_600 if fine else _NO_SECONDS_FROM):
        seconds = round(seconds / 60) * 60
    return words.spelt(seconds)
