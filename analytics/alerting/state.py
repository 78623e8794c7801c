"""What the rules remember: alerts and incidents, and every change of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from analytics.alerting.rules import AlertRule
from analytics.model import IncidentState, Reason, ServiceKey, Severity


class AlertState(StrEnum):
    """The life of an alert; one that never was, or is over for good, is inactive and has no row."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """The state of one rule for one service (and, within it, `about` one thing).

    `since` is when it came into its state, `bad_since` when what it is about was first seen, `last_at` the
    newest look. `count` counts bad looks in a row, `good` good ones. `told` are the channels that were sent
    its trigger, `told_times` when people were told lately, also of the times before this one. `dismissed` is
    the severity up to which a person closed it while it was bad. `streak_since` is the first bad look after
    the last good one.
    """

    rule: AlertRule
    service: ServiceKey | None
    state: AlertState
    since: datetime
    bad_since: datetime
    last_at: datetime
    severity: Severity
    reason: Reason = Reason.OK
    title: str = ""
    message: str = ""
    count: int = 0
    good: int = 0
    about: str = ""
    incident_id: UUID | None = None
    suppressed_by: str | None = None
    dedup_key: str | None = None
    told: tuple[str, ...] = ()
    dismissed: Severity | None = None
    streak_since: datetime | None = None
    told_times: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """One trouble of one service from its first sign to its confirmed end.

    `began_at` is the first bad look, `created_at` when it was sure. `good` counts healthy looks in a row,
    `good_since` is the first of them. `relapses` holds when it came back after it was resolved. `told` are
    the channels that were sent its trigger since it was opened or came back last. `good_at` is the newest
    healthy look. `swings` counts how often it turned bad again before it counted as over. `affected` are the
    services that were bad because of it and were not told of. `sure_at` is when its alert fired: earlier than
    `created_at` when it was held back; None of one that an earlier version opened.
    """

    id: UUID
    service: ServiceKey
    began_at: datetime
    created_at: datetime
    severity: Severity
    state: IncidentState
    title: str
    description: str
    rule: AlertRule
    reason: Reason
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    relapses: tuple[datetime, ...] = ()
    good: int = 0
    good_since: datetime | None = None
    told: tuple[str, ...] = ()
    good_at: datetime | None = None
    swings: int = 0
    affected: tuple[str, ...] = ()
    sure_at: datetime | None = None

    @property
    def dedup_key(self) -> str:
        """The same for every message about it, for ever."""
        return f"incident/{self.id}"


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One entry of a timeline. `kind` is one of opened, raised, relapsed, acknowledged, unacknowledged, note,
    resolved, sent, not_sent, suppressed, vendor, seen."""

    incident_id: UUID
    at: datetime
    kind: str
    message: str
    author: str = "collector"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One change of an alert."""

    at: datetime
    alert: Alert
    old_state: AlertState
