"""What stands in the tables beside the checks, as the alert rules need it. Frozen data, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics.model import Reason, ServiceKey, Status, Window
from analytics.rules.slo import Share

#: The present of a service that is judged by an hour of traffic.
PRESENT_SPAN = timedelta(minutes=5)
#: The newest part of a window of minutes: what a burst left in the window is over when this is well.
NEWEST_SPAN = timedelta(minutes=2)
#: What is that old, with no news since, says nothing of now: a client that vanished must not alert for ever.
REACH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CommonFailure:
    """How most failed calls of an API failed. `failed` counts those that failed this way."""

    reason: Reason
    status_code: int | None
    failed: int


@dataclass(frozen=True, slots=True)
class Circuit:
    """The newest state of the circuit breaker of one client (`origin`, "" unnamed) of an API."""

    api_name: str
    origin: str
    state: str
    changed_at: datetime
    message: str = ""


@dataclass(frozen=True, slots=True)
class QuotaLevel:
    """The newest word of one client on a quota of an API. `resets_at` is None where nothing says."""

    api_name: str
    origin: str
    name: str
    used: float
    limit: float
    at: datetime
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looks:
    """What the checks of the last hours say of one service.

    `newest` is the newest one, `offline_at` the newest for which the collector's own network was lost.
    `shares` counts bad checks by length of window; those made during maintenance are not counted.
    """

    newest: datetime
    status: Status
    reason: Reason
    offline_at: datetime | None = None
    shares: Mapping[timedelta, Share] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the tables say as of `at`.

    `names` has the `api_name` or `source` of each service's traffic. `calls` and `deliveries` hold windows by
    length and name, `failures` the most common failure likewise.
    """

    at: datetime
    names: Mapping[ServiceKey, str] = field(default_factory=dict)
    calls: Mapping[timedelta, Mapping[str, Window]] = field(default_factory=dict)
    deliveries: Mapping[timedelta, Mapping[str, Window]] = field(default_factory=dict)
    failures: Mapping[timedelta, Mapping[str, CommonFailure]] = field(default_factory=dict)
    circuits: tuple[Circuit, ...] = ()
    quotas: tuple[QuotaLevel, ...] = ()
    looks: Mapping[ServiceKey, Looks] = field(default_factory=dict)

    def name(self, service: ServiceKey) -> str:
        """Under which the traffic of `service` is recorded."""
        return self.names.get(service, service.service_name)

    def calls_of(self, service: ServiceKey, span: timedelta) -> Window | None:
        """The calls of `service` in the last `span`; None without any."""
        return self.calls.get(span, {}).get(self.name(service))

    def deliveries_of(self, service: ServiceKey, span: timedelta) -> Window | None:
        """The deliveries of `service` in the last `span`; None without any."""
        return self.deliveries.get(span, {}).get(self.name(service))

    def failure_of(self, service: ServiceKey, span: timedelta) -> CommonFailure | None:
        """How most of the failed calls of `service` failed in the last `span`; None without any."""
        return self.failures.get(span, {}).get(self.name(service))
