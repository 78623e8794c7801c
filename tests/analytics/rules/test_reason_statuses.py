"""Which statuses a reason goes with, as the rules have it."""

import pytest

from analytics.model import MONITOR_REASONS, Reason, Status
from analytics.rules.reason_statuses import statuses_of

HEALTHY, DEGRADED, DOWN, UNKNOWN = Status.HEALTHY, Status.DEGRADED, Status.DOWN, Status.UNKNOWN


@pytest.mark.parametrize(
    ("reason", "statuses"),
    [
        (Reason.OK, {HEALTHY}),
        (Reason.SLOW, {DEGRADED, DOWN}),
        (Reason.PASSED_ON_RETRY, {DEGRADED}),
        (Reason.ERROR_RATE, {DEGRADED, DOWN}),
        (Reason.CONSECUTIVE_FAILURES, {DOWN}),
        (Reason.PROCESSING_FAILED, {DEGRADED, DOWN}),
        (Reason.CONNECT, {DEGRADED, DOWN}),
        (Reason.RATE_LIMITED, {DEGRADED, DOWN}),
        (Reason.EXITED, {DEGRADED, DOWN}),
        (Reason.SCHEMA_CHANGED, {DEGRADED}),
        (Reason.CIRCUIT_OPEN, {DOWN}),
        (Reason.NO_DATA, {UNKNOWN}),
    ],
)
def test_a_reason_goes_with_these(reason: Reason, statuses: set[Status]) -> None:
    assert set(statuses_of(reason)) == statuses


@pytest.mark.parametrize("reason", sorted(MONITOR_REASONS))
def test_what_is_wrong_with_the_monitor_is_always_unknown(reason: Reason) -> None:
    assert statuses_of(reason) == (UNKNOWN,)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_goes_with_something(reason: Reason) -> None:
    assert statuses_of(reason)
