"""What the collector knows of itself and its services at this moment, for the health and metrics routes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from analytics.model import ServiceKey, Status
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
class LiveState:
    """Where the routes find what they show. Callables are asked at each request, and must not wait.

    `last_cycle` is when the newest cycle finished, `write_failure` why the database cannot be written now
    (None: it can), `spans` how many spans of traces ended how.
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
