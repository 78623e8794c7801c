"""A failure is confirmed before it counts: at once, then every five seconds, until it is sure."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.model import Attempt, Basis, Finding, Policy, Reason, ServiceKey, ServiceType, Status
from analytics.rules.confirmation import is_failure, present_window, retry_delay
from analytics.rules.status import decide

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERVICE = ServiceKey(ServiceType.MCP, "context7")
FIVE = timedelta(seconds=5)


def policy(sure_after: int) -> Policy:
    return Policy(Basis.PRESENT, 1000, 3000, sure_after, timedelta(minutes=5))


def attempt(ok: bool, number: int = 1, reason: Reason = Reason.CONNECT) -> Attempt:
    finding = Finding(ok, Reason.OK if ok else reason, "answered" if ok else "refused")
    return Attempt(SERVICE, NOW, 20.0, number, finding)


@pytest.mark.parametrize(("sure_after", "expected"), [(3, [0, 5]), (6, [0, 5, 5, 5, 5])])
def test_a_dead_service_is_sure_in_seconds(sure_after: int, expected: list[int]) -> None:
    waits, failures, number = [], 0, 1
    while True:
        failures += 1
        delay = retry_delay(failures, number, policy(sure_after), FIVE)
        if delay is None:
            break
        waits.append(int(delay.total_seconds()))
        number += 1
    assert waits == expected
    assert failures == sure_after


def test_a_known_outage_is_not_tried_again() -> None:
    assert retry_delay(failures_in_row=4, number=1, policy=policy(3), retry_interval=FIVE) is None


@pytest.mark.parametrize(
    ("reason", "counts"),
    [
        (Reason.CONNECT, True),
        (Reason.HTTP_5XX, True),
        (Reason.EXITED, True),
        (Reason.AUTH, False),
        (Reason.RATE_LIMITED, False),
        (Reason.SCHEMA_CHANGED, False),
        (Reason.MISSING_CREDENTIALS, False),
        (Reason.COMMAND_MISSING, False),
        (Reason.COLLECTOR_OFFLINE, False),
        (Reason.COLLECTOR_ERROR, False),
    ],
)
def test_what_counts_as_a_failure(reason: Reason, counts: bool) -> None:
    assert is_failure(Finding(False, reason, "")) is counts


def test_the_sequence_a_person_sees() -> None:
    steps = [
        (False, 0, False),
        (False, 1, True),
        (False, 2, True),
        (True, 3, False),
        (False, 0, False),
        (True, 1, True),
    ]
    seen = []
    for number, (ok, streak, failed_before) in enumerate(steps, start=1):
        verdict = decide(present_window(attempt(ok, number), streak, failed_before), policy(3), NOW)
        seen.append((verdict.status, verdict.reason))
    assert seen == [
        (Status.DEGRADED, Reason.CONNECT),
        (Status.DEGRADED, Reason.CONNECT),
        (Status.DOWN, Reason.CONNECT),
        (Status.HEALTHY, Reason.OK),
        (Status.DEGRADED, Reason.CONNECT),
        (Status.DEGRADED, Reason.PASSED_ON_RETRY),
    ]
