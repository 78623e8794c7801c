"""The words of the domain: what a service is, what a check found, what was decided about it.

Standard library only. Everything is frozen; times are timezone-aware UTC; durations are milliseconds
unless a name says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class ServiceType(StrEnum):
    """The group a service is shown in. A service is the pair (type, name), never the name alone."""

    MCP = "mcp"
    API = "api"
    WEBHOOK = "webhook"
    INFRASTRUCTURE = "infrastructure"


class Status(StrEnum):
    """The four states of the design document. `UNKNOWN` is a state of its own, never downtime."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How loud an incident is."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class IncidentState(StrEnum):
    """The life of an incident."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """Why a status is what it is: one fixed word, kept in a column of its own."""

    OK = "ok"
    SLOW = "slow"
    PASSED_ON_RETRY = "passed_on_retry"
    ERROR_RATE = "error_rate"
    CONSECUTIVE_FAILURES = "consecutive_failures"

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"

    AUTH = "auth"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    PROTOCOL = "protocol"
    UNHEALTHY = "unhealthy"
    SCHEMA_CHANGED = "schema_changed"
    EXITED = "exited"
    CIRCUIT_OPEN = "circuit_open"
    PROCESSING_FAILED = "processing_failed"

    NO_DATA = "no_data"
    MISSING_CREDENTIALS = "missing_credentials"
    BAD_CONFIGURATION = "bad_configuration"
    COMMAND_MISSING = "command_missing"
    COLLECTOR_OFFLINE = "collector_offline"
    COLLECTOR_ERROR = "collector_error"


#: Reasons that say the answer never arrived: the network, not the service, may be at fault.
TRANSPORT_REASONS = frozenset({Reason.DNS, Reason.CONNECT, Reason.TLS, Reason.TIMEOUT})

#: Reasons that are about the monitor itself. They make a service unknown, never down.
MONITOR_REASONS = frozenset(
    {
        Reason.MISSING_CREDENTIALS,
        Reason.BAD_CONFIGURATION,
        Reason.COMMAND_MISSING,
        Reason.COLLECTOR_OFFLINE,
        Reason.COLLECTOR_ERROR,
    }
)

#: Reasons of a service that is alive and answers, though not as it should: a probe that finds one makes the
#: service degraded, never down.
ALIVE_REASONS = frozenset({Reason.AUTH, Reason.RATE_LIMITED, Reason.QUOTA_EXHAUSTED, Reason.SCHEMA_CHANGED})


@dataclass(frozen=True, slots=True, order=True)
class ServiceKey:
    """Identity of a service. Renders as `type/name`, the form the command line takes.

    It is looked up in tables all the time, and the hash of an enum is computed in Python: so it is kept.
    """

    service_type: ServiceType
    service_name: str
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.service_type.value, self.service_name)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type["ServiceKey"], tuple[ServiceType, str]]:
        # Text hashes otherwise in another process.
        return ServiceKey, (self.service_type, self.service_name)

    def __str__(self) -> str:
        return f"{self.service_type}/{self.service_name}"


class Basis(StrEnum):
    """What a service is judged by."""

    PRESENT = "present"
    """The newest attempt of its own probe: MCP servers and infrastructure."""
    CALLS = "calls"
    """Every API call of the last hour."""
    DELIVERIES = "deliveries"
    """Every webhook delivery of the last hour."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits one service is judged with.

    `healthy_ms` and `down_ms` are P95 limits for calls; for a probed service `healthy_ms` divides
    healthy from slow and `down_ms` does not apply. `sure_after` is the number of failures in a row
    that make a failure certain. `stale_after` is the age at which the newest observation stops
    saying anything.
    """

    basis: Basis
    healthy_ms: float
    down_ms: float
    sure_after: int
    stale_after: timedelta
    healthy_above_percent: float = 95.0
    down_below_percent: float = 90.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one attempt of a probe found out; made by the probe, stamped by the runner.

    `ok` is whether the service answered as it should. `message` is one plain sentence for a person.
    `details` must be JSON-serialisable. `latency_ms` is the probe's own measure of the service where
    that is narrower than the whole attempt (for example without spawning a process); None means the
    duration of the attempt counts. `ask_again_after` asks for a pause before the next attempt, so that
    asking does not make things worse (an error quota); None leaves it to the schedule.
    """

    ok: bool
    reason: Reason
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    latency_ms: float | None = None
    ask_again_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One finding with the time it took, as the runner stamped it. `number` counts from 1 in a cycle.

    `host` is the network host it depended on, None when it needed no network. `calls` holds the rows of
    `api_metrics` for the API calls it made, keys are column names.
    """

    service: ServiceKey
    started_at: datetime
    duration_ms: float
    number: int
    finding: Finding
    host: str | None = None
    calls: tuple[Mapping[str, Any], ...] = ()

    @property
    def response_time_ms(self) -> float:
        """The latency this attempt is judged and shown by, in milliseconds."""
        if self.finding.latency_ms is not None:
            return self.finding.latency_ms
        return self.duration_ms


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a webhook source usually speaks, learned from its last week.

    Of `pauses` pauses between two deliveries, half are no longer than `usual` and 99 of 100 no longer than
    `longest`. `newest` is the newest delivery of that week. `extreme` is the longest pause of two weeks, its
    nights and weekends among them; None of a source that is not known for long enough to have shown them.
    """

    pauses: int
    usual: timedelta
    longest: timedelta
    newest: datetime
    extreme: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What was observed of a service in the window it is judged by.

    For `Basis.PRESENT` it holds the newest attempt and the streak of failures that ends with it; for
    traffic it holds the last hour. `newest` is the time of the newest observation, None without any, and
    `newest_success` that of the newest call that succeeded or delivery that was genuine.
    `reason` and `message` tell of the newest failure, or of the newest attempt.

    Of webhook deliveries `total` and `failed` count those that were verified or not; of the genuine ones
    the application was asked to process `handed_on`, and did not process `unprocessed`. `rhythm` is how the
    source usually speaks, None as long as nobody knows.
    """

    total: int = 0
    failed: int = 0
    p95_ms: float | None = None
    consecutive_failures: int = 0
    newest: datetime | None = None
    reason: Reason = Reason.OK
    message: str = ""
    passed_on_retry: bool = False
    retries: int = 0
    handed_on: int = 0
    unprocessed: int = 0
    unprocessed_message: str = ""
    rhythm: Rhythm | None = None
    newest_success: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided: a status, the one word why, a sentence for people, and whether it is sure.

    An unsure verdict is a failure that is being confirmed. `success_rate` is in percent, 0 to 100.
    """

    status: Status
    reason: Reason
    message: str
    sure: bool = True
    success_rate: float | None = None
    response_time_ms: float | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One row of `integration_health_checks`: an attempt, or a look at traffic, and its verdict."""

    service: ServiceKey
    timestamp: datetime
    verdict: Verdict
    error_count: int = 0
    retry_count: int = 0
    attempt: int = 1
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """One row of `services`: what is monitored, as an analyst needs it. Holds no secret.

    `traffic_name` is the `api_name` or `source` its traffic is recorded under, None when it has none of its
    own; `objective` the share of good checks it promises, in percent, None when nothing is promised.
    """

    service: ServiceKey
    probe: str
    target: str
    interval: timedelta
    policy: Policy
    enabled: bool = True
    depends_on: tuple[ServiceKey, ...] = ()
    runbook: str | None = None
    traffic_name: str | None = None
    objective: float | None = None
