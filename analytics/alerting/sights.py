"""What the rules see and go by: a look of a rule, the newest look at a service, who is told of what."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from analytics.alerting.rules import AlertRule
from analytics.model import Reason, ServiceKey, Severity, Status


@dataclass(frozen=True, slots=True)
class Signal:
    """What one look of one rule saw of one service (None: the collector itself) at a moment.

    `bad` is None when the look says neither (no data, the monitor was blind): such a look changes nothing.
    `conclusive` is False for a failure that is being confirmed: it counts, and does not fire. `in_row` is how
    many failures in a row this look ends, where that is more than the looks themselves. `healthy` says that
    the service as a whole was seen to be well. `begun` is when what it
    sees began, where it knows. `about` tells apart alerts of one rule and service (a quota, a
    channel). `title` is one line for people, `message` a sentence more.
    """

    rule: AlertRule
    service: ServiceKey | None
    at: datetime
    bad: bool | None
    severity: Severity
    reason: Reason = Reason.OK
    title: str = ""
    message: str = ""
    conclusive: bool = True
    in_row: int = 0
    about: str = ""
    begun: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The newest look at a service: its status, and how it is now.

    `well` is whether it was seen to be well now (of traffic: in its last minutes, whatever the hour before
    was like); None when nobody knows.
    """

    service: ServiceKey
    at: datetime
    status: Status
    well: bool | None


@dataclass(frozen=True, slots=True)
class Route:
    """A channel as the rules see it: which severities it is told of."""

    channel: str
    severities: frozenset[Severity]


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody does not want to hear of it until then. None stands for all."""

    id: UUID
    service: ServiceKey | None
    rule: AlertRule | None
    until: datetime
    author: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """How delivery over one channel goes: what waits, since when, and what went wrong last.

    `failing_since` is the first failed attempt of the oldest message that still waits; `refused` counts
    messages that were refused for good in the last day, or expired, since the channel took something.
    """

    channel: str
    waiting: int
    failing_since: datetime | None
    attempts: int
    refused: int
    last_error: str
