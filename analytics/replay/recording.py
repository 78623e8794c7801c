"""What was recorded, by the column, as the replay of the alert rules needs it. Frozen data, no database.

Times in columns are microseconds since 1970 (UTC), durations are milliseconds, and a missing number is -1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.alerting import Mute, Route
from analytics.model import Policy, Reason, ServiceKey, Status
from analytics.replay.traffic import CallColumns, DeliveryColumns, Small
from analytics.rules.signals import Circuit, QuotaLevel
from analytics.rules.vendors import VendorIncident

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Columns of words are places in these lists. The first reason stands for words this version does not know.
STATUSES = tuple(Status)
REASONS = ("", *(reason.value for reason in Reason))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """An aware time as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    """The other way."""
    return _EPOCH + timedelta(microseconds=microseconds)


@dataclass(frozen=True, slots=True)
class Monitored:
    """One service as it is monitored: its limits and what the rules know of it beside them.

    `traffic_name` is the `api_name` or `source` of its traffic.
    """

    service: ServiceKey
    policy: Policy
    interval: timedelta
    depends_on: tuple[ServiceKey, ...] = ()
    runbook: str = ""
    traffic_name: str = ""


@dataclass(frozen=True)
class CheckColumns:
    """Checks in the order in which they were written, of one part in the order of time.

    `part` and `service` are places in `Recording.done` and `Recording.keys`, `status` and `reason` in
    `STATUSES` and `REASONS`. `days_left` is NaN without a certificate. `messages` and `details` (JSON) are
    Arrow arrays of text, asked for single rows by their `text_place`; `said` has the messages of rows that
    were judged again.
    """

    part: Small
    service: Small
    time: Ints
    status: Small
    reason: Small
    errors: Small
    response_ms: Small
    success_rate: Floats
    attempt: Small
    days_left: Floats
    text_place: Small
    messages: Any
    details: Any
    said: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.part)

    def message(self, row: int) -> str:
        """The sentence of one row."""
        return self.said.get(row) or self.messages[self.text_place.item(row)].as_py() or ""

    def detail(self, row: int) -> str | None:
        """The JSON text of one row."""
        text: str | None = self.details[self.text_place.item(row)].as_py()
        return text

    def with_reason(self, reason: Reason) -> Bools:
        """Which rows have that reason."""
        found: Bools = self.reason == REASONS.index(reason.value)
        return found


@dataclass(frozen=True, slots=True)
class QuotaSeries:
    """What one client said of one quota of one API, in the order of time: the newest words by each part."""

    name: str
    client: str
    quota: str
    time: Ints
    used: Floats
    most: Floats
    resets_at: Ints

    def level(self, place: int) -> QuotaLevel:
        """The word at that place."""
        resets_at = int(self.resets_at[place])
        return QuotaLevel(
            self.name,
            self.client,
            self.quota,
            float(self.used[place]),
            float(self.most[place]),
            to_datetime(int(self.time[place])),
            None if resets_at < 0 else to_datetime(resets_at),
        )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Maintenance of one service, as it took place."""

    service: ServiceKey
    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedMute:
    """A mute, and since when it held."""

    since: datetime
    mute: Mute


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person did to the incident of a service: `kind` is acknowledged or resolved."""

    at: datetime
    service: ServiceKey
    kind: str
    author: str
    note: str


@dataclass(frozen=True, slots=True)
class VendorReport:
    """The newest state of an incident of a vendor, and the services it is about."""

    vendor: str
    services: tuple[ServiceKey, ...]
    incident: VendorIncident


@dataclass(frozen=True)
class Recording:
    """All that happened after `since` up to `until`, and before it since `begun`, so far as rules go by it.

    `services` are those that are monitored, `keys` the same in their order. `done` says when each part was
    written (microseconds), `complete` whether a cycle ended with it. `calls` and `deliveries` are by
    `api_name` and `source`.
    """

    begun: datetime
    since: datetime
    until: datetime
    services: Mapping[ServiceKey, Monitored]
    keys: tuple[ServiceKey, ...]
    routes: tuple[Route, ...]
    done: Ints
    complete: Bools
    checks: CheckColumns
    calls: Mapping[str, CallColumns] = field(default_factory=dict)
    deliveries: Mapping[str, DeliveryColumns] = field(default_factory=dict)
    circuits: Mapping[tuple[str, str], tuple[Circuit, ...]] = field(default_factory=dict)
    quotas: tuple[QuotaSeries, ...] = ()
    maintenance: tuple[Occurrence, ...] = ()
    mutes: tuple[RecordedMute, ...] = ()
    deeds: tuple[Deed, ...] = ()
    vendors: tuple[VendorReport, ...] = ()

    def maintenance_of(self, service: ServiceKey) -> list[Occurrence]:
        """When `service` was worked on."""
        return [one for one in self.maintenance if one.service == service]

    @property
    def limits(self) -> dict[ServiceKey, Policy]:
        """The limits that the checks were judged with."""
        return {key: one.policy for key, one in self.services.items()}
