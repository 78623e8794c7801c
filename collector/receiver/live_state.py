"""What the collector knows of itself and its services at this moment, for the health and metrics routes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from analytics.alerting import ChannelHealth
from analytics.model import ServiceKey, Status
from collector.heartbeat import HeartbeatState
from collector.receiver.body import BodyReader
from collector.receiver.counting import IngestCounters
from collector.receiver.loop_lag import LoopLag
from collector.receiver.refusals import Answers


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The newest verdict about one service. `response_time_ms` is None when nothing answered."""

    key: ServiceKey
    status: Status | None
    response_time_ms: float | None = None
    last_check: datetime | None = None


class IntakeCounters(Protocol):
    """What is read of an `Intake`."""

    @property
    def stored_rows(self) -> Mapping[str, int]: ...
    @property
    def duplicates(self) -> Mapping[str, int]: ...
    @property
    def dropped_rows(self) -> int: ...
    @property
    def waiting_rows(self) -> int: ...
    @property
    def capacity_rows(self) -> int: ...
    @property
    def commits(self) -> int: ...
    @property
    def last_commit_ms(self) -> float: ...
    @property
    def failure(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """How the delivery of messages goes: by channel, and whether the loop that delivers has stopped."""

    channels: Sequence[ChannelHealth] = ()
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """Alerts that fire by rule, open incidents by severity; what became of messages since the start.

    Keys of `notifications` are the channel and an outcome (delivered, refused, folded, expired, failed).
    """

    firing: Mapping[str, int] = field(default_factory=dict)
    open_incidents: Mapping[str, int] = field(default_factory=dict)
    notifications: Mapping[tuple[str, str], int] = field(default_factory=dict)


def _nothing_delivered() -> DeliveryHealth | None:
    return None


def _no_failure() -> str | None:
    return None


def _no_heartbeat() -> HeartbeatState | None:
    return None


def _nothing_summed_up() -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class LiveState:
    """Where the routes find what they show. Callables are asked at each request, and must not wait.

    `last_cycle` is when the newest cycle finished, `write_failure` why the database cannot be written now
    (None: it can), `spans` how many spans of traces ended how. `alerts_failure` says why the alert
    rules could not look at what was written last. `deliveries` is None as long as nothing is to be delivered,
    `vendor_feeds` says of each feed that was asked whether it could be read, `heartbeat` is None when none is
    sent. `summed_until` is up to when hours are summed up, None as long as that is not known.
    """

    version: str
    started_at: datetime
    interval: timedelta
    now: Callable[[], datetime]
    services: Callable[[], Sequence[ServiceState]]
    last_cycle: Callable[[], datetime | None]
    write_failure: Callable[[], str | None]
    intake: IntakeCounters
    ingest: IngestCounters
    bodies: BodyReader
    lag: LoopLag = field(default_factory=LoopLag)
    spans: Callable[[], Mapping[str, int]] = dict
    answers: Answers = field(default_factory=Answers)
    alerts_failure: Callable[[], str | None] = _no_failure
    deliveries: Callable[[], DeliveryHealth | None] = _nothing_delivered
    alerts: Callable[[], AlertFigures] = AlertFigures
    vendor_feeds: Callable[[], Mapping[str, bool]] = dict
    heartbeat: Callable[[], HeartbeatState | None] = _no_heartbeat
    summed_until: Callable[[], datetime | None] = _nothing_summed_up
