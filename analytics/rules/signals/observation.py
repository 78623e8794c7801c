"""One check as the alert rules see it: the same when it was just made and when it is read back.

Pure functions.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.alerting import Health
from analytics.model import Basis, CheckResult, Policy, Reason, ServiceKey, ServiceType, Status

#: Reasons that the hour of traffic gives a degraded service; any other one is what its probe found just now.
_OF_THE_HOUR = frozenset({Reason.ERROR_RATE, Reason.SLOW, Reason.PROCESSING_FAILED})
_REASONS = {reason.value: reason for reason in Reason}


@dataclass(frozen=True, slots=True)
class Observation:
    """A check and the limits it was made with.

    `failures_in_row` are those of its probe that end with it, `success_rate` is in percent.
    `response_time_ms` is in whole milliseconds and `success_rate` has two decimals, as the table keeps them.
    """

    service: ServiceKey
    at: datetime
    status: Status
    reason: Reason
    message: str
    failures_in_row: int
    response_time_ms: float | None
    success_rate: float | None
    details: Mapping[str, Any]
    policy: Policy

    @property
    def by_probe(self) -> bool:
        """Whether the status is what the probe found now, rather than what an hour of traffic adds up to."""
        if self.policy.basis is Basis.PRESENT:
            return True
        return self.status is Status.DEGRADED and self.reason not in _OF_THE_HOUR


def observation(result: CheckResult, policy: Policy) -> Observation:
    """What the collector just decided."""
    verdict = result.verdict
    return Observation(
        service=result.service,
        at=result.timestamp,
        status=verdict.status,
        reason=verdict.reason,
        message=verdict.message,
        failures_in_row=_in_row(verdict.status, verdict.reason, result.error_count, result.details, policy),
        response_time_ms=_whole(verdict.response_time_ms),
        success_rate=_two_decimals(verdict.success_rate),
        details=result.details,
        policy=policy,
    )


def observation_of_row(row: Mapping[str, Any], policy: Policy) -> Observation:
    """What a row of `integration_health_checks` says.

    `row` is by column name, its `details` a mapping or JSON text. A reason this version does not know counts
    as `consecutive_failures` of a service that is down and as `error_rate` otherwise: the status alone speaks
    then.
    """
    given = row.get("details") or {}
    rate, measured = row.get("success_rate"), row.get("response_time_ms")
    return recorded_observation(
        ServiceKey(ServiceType(row["service_type"]), row["service_name"]),
        row["timestamp"],
        Status(row["status"]),
        row["reason"],
        row.get("message") or "",
        row.get("error_count") or 0,
        None if measured is None else float(measured),
        None if rate is None else float(rate),
        json.loads(given) if isinstance(given, str) else given,
        policy,
    )


def recorded_observation(
    service: ServiceKey,
    at: datetime,
    status: Status,
    word: str,
    message: str,
    errors: int,
    response_time_ms: float | None,
    success_rate: float | None,
    details: Mapping[str, Any],
    policy: Policy,
) -> Observation:
    """What the columns of a row say: see `observation_of_row`. `word` is its reason as it was recorded."""
    reason = _known(word, status)
    return Observation(
        service=service,
        at=at,
        status=status,
        reason=reason,
        message=message,
        failures_in_row=_in_row(status, reason, errors, details, policy),
        response_time_ms=response_time_ms,
        success_rate=success_rate,
        details=details,
        policy=policy,
    )


def health(seen: Observation, present: Status | None) -> Health:
    """How the service of `seen` is now; `present` is the status of its last minutes of traffic alone."""
    return Health(seen.service, seen.at, seen.status, _well(seen, present))


def bad_now(seen: Observation, present: Status | None) -> bool | None:
    """Whether a service that is not well by its status is in trouble now, not only earlier in its hour.

    None when nobody knows: its last minutes were without traffic.
    """
    if seen.by_probe:
        return True
    return None if present in (None, Status.UNKNOWN) else present is not Status.HEALTHY


def _well(seen: Observation, present: Status | None) -> bool | None:
    if seen.status is Status.UNKNOWN:
        return None
    if seen.status is not Status.HEALTHY:
        bad = bad_now(seen, present)
        return None if bad is None else not bad
    # A whole hour without anything to complain of needs no traffic in its last minutes.
    return seen.by_probe or present in (None, Status.UNKNOWN, Status.HEALTHY)


def _in_row(status: Status, reason: Reason, errors: int, details: Mapping[str, Any], policy: Policy) -> int:
    if policy.basis is Basis.PRESENT:
        return errors
    probe = int(details.get("probe_failures_in_row") or 0)
    # Recorded calls make an API down by their rate, by their P95, or because this many failed in a row.
    streak = status is Status.DOWN and reason not in _OF_THE_HOUR
    return max(probe, policy.sure_after) if streak else probe


def _known(word: str, status: Status) -> Reason:
    other = Reason.CONSECUTIVE_FAILURES if status is Status.DOWN else Reason.ERROR_RATE
    return _REASONS.get(word, other)


def _whole(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else float(round(milliseconds))


def _two_decimals(percent: float | None) -> float | None:
    """As DuckDB puts a DOUBLE into a DECIMAL(5, 2): halves go up."""
    return None if percent is None else math.floor(percent * 100 + 0.5) / 100
