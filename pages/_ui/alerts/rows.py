"""What the page of alerts knows: alerts, firings, channels, mutes, maintenance, and changes of rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.alerting import AlertPolicy
from analytics.model import ServiceKey
from analytics.periods import Period

#: What stands for the service of an alert about the collector itself.
COLLECTOR = "collector"


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that fires, or waits to. `quiet` is why nobody is told; empty when people are."""

    rule: str
    service: str
    fires: bool
    since: datetime
    severity: str
    title: str
    quiet: str
    incident: str


@dataclass(frozen=True, slots=True)
class Firing:
    """One time an alert fired. `ended` is None while it goes on, `quiet` why nobody was told."""

    rule: str
    service: str
    begun: datetime
    ended: datetime | None
    severity: str
    title: str
    quiet: str
    incident: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept from people, and how often; of one rule, service and reason."""

    rule: str
    service: str
    why: str
    times: int
    title: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """How a channel does. `kind` is empty when it is no longer configured; counts are those of the period."""

    name: str
    kind: str
    severities: tuple[str, ...]
    waiting: int
    waiting_since: datetime | None
    next_attempt_at: datetime | None
    attempts: int
    delivered: int
    refused: int
    expired: int
    median: timedelta | None
    last_delivered_at: datetime | None
    last_error: str
    last_error_at: datetime | None

    @property
    def fails(self) -> bool:
        """Whether something waits that was tried in vain."""
        return self.waiting > 0 and self.attempts > 0


@dataclass(frozen=True, slots=True)
class Muted:
    """Somebody wants to hear nothing of `service` and `rule` (empty: of all) until then."""

    id: str
    service: str
    rule: str
    until: datetime
    author: str
    note: str


@dataclass(frozen=True, slots=True)
class Work:
    """One time a maintenance window was on, or is."""

    name: str
    starts_at: datetime
    ends_at: datetime
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A change somebody made of a rule, for all services (None) or one.

    `steps` are word, value before and after; the value of services.toml stands where nothing was changed.
    `taken_back` says that from then on services.toml holds again.
    """

    rule: str
    service: ServiceKey | None
    at: datetime
    author: str
    note: str
    steps: tuple[tuple[str, Any, Any], ...]
    taken_back: bool


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Everything about alerts in `period`.

    `written` are the rules of services.toml, `policy` those in force, `changed` what people changed, place by
    place; `made` is every change of that kind, the newest first.
    """

    period: Period
    written: AlertPolicy
    policy: AlertPolicy
    changed: Mapping[tuple[str, ServiceKey | None], Mapping[str, Any]]
    made: tuple[Made, ...]
    standing: tuple[Standing, ...]
    firings: tuple[Firing, ...]
    kept: tuple[Kept, ...]
    channels: tuple[Channel, ...]
    mutes: tuple[Muted, ...]
    work: tuple[Work, ...]
