"""What a check says to the rules about being down, degraded and slow: every case, every boundary."""

import pytest

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.model import ALIVE_REASONS, MONITOR_REASONS, Reason, ServiceKey, Status
from analytics.rules.signals import check_signals, health
from tests.analytics.rules.signals.samples import (
    CALLS,
    CONTEXT7,
    CRITICAL,
    HOOKS,
    NOW,
    POLICY,
    PRESENT,
    REDIS,
    SHOPIFY,
    WARNING,
    only,
    seen,
)

HEALTHY, DEGRADED, DOWN, UNKNOWN = Status.HEALTHY, Status.DEGRADED, Status.DOWN, Status.UNKNOWN
TIMEOUT = Reason.TIMEOUT


@pytest.mark.parametrize(
    ("service", "status", "reason", "in_row", "present", "bad", "conclusive"),
    [
        # a probed service: `present` does not matter
        (REDIS, HEALTHY, Reason.OK, 0, None, False, True),
        (REDIS, DEGRADED, Reason.SLOW, 0, None, False, True),
        (REDIS, DEGRADED, Reason.PASSED_ON_RETRY, 0, None, False, True),
        (REDIS, DEGRADED, TIMEOUT, 1, None, True, False),
        (REDIS, DEGRADED, TIMEOUT, 2, None, True, False),
        (REDIS, DEGRADED, TIMEOUT, 0, None, False, True),
        (REDIS, DOWN, TIMEOUT, 3, None, True, True),
        (REDIS, DOWN, TIMEOUT, 3, HEALTHY, True, True),
        (REDIS, UNKNOWN, Reason.NO_DATA, 0, None, None, True),
        *[(REDIS, DEGRADED, reason, 1, None, False, True) for reason in sorted(ALIVE_REASONS)],
        *[(REDIS, UNKNOWN, reason, 3, None, None, True) for reason in sorted(MONITOR_REASONS)],
        # an API: down by its hour counts when its last minutes were not well either
        (SHOPIFY, DOWN, Reason.ERROR_RATE, 0, DOWN, True, True),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, 0, DEGRADED, True, True),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, 0, HEALTHY, False, True),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, 0, None, None, True),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, 0, UNKNOWN, None, True),
        (SHOPIFY, DEGRADED, Reason.ERROR_RATE, 0, DOWN, False, True),
        (SHOPIFY, HEALTHY, Reason.OK, 0, DOWN, False, True),
        (SHOPIFY, UNKNOWN, Reason.NO_DATA, 0, None, None, True),
        # the failures of its probe count until they are sure; then it is up, or the calls would say so too
        (SHOPIFY, DEGRADED, TIMEOUT, 1, HEALTHY, True, False),
        (SHOPIFY, DEGRADED, TIMEOUT, 5, HEALTHY, True, False),
        (SHOPIFY, DEGRADED, TIMEOUT, 6, HEALTHY, False, True),
        (SHOPIFY, DEGRADED, TIMEOUT, 5, None, True, False),
        (SHOPIFY, DEGRADED, Reason.AUTH, 1, HEALTHY, False, True),
        (HOOKS, DOWN, Reason.ERROR_RATE, 0, DOWN, True, True),
        (HOOKS, DOWN, Reason.PROCESSING_FAILED, 0, HEALTHY, False, True),
    ],
)
def test_down(
    service: ServiceKey,
    status: Status,
    reason: Reason,
    in_row: int,
    present: Status | None,
    bad: bool | None,
    conclusive: bool,
) -> None:
    signals = check_signals(seen(service, status, reason, in_row), present, POLICY)
    signal = only(signals, AlertRule.SERVICE_DOWN)
    assert (signal.bad, signal.conclusive, signal.severity) == (bad, conclusive, CRITICAL)
    assert signal.in_row == (in_row if bad else 0)
    assert bool(signal.title) == bool(bad)
    assert (signal.service, signal.at) == (service, NOW)


@pytest.mark.parametrize(
    ("service", "status", "reason", "present", "bad"),
    [
        (REDIS, HEALTHY, Reason.OK, None, False),
        (REDIS, DEGRADED, Reason.SLOW, None, True),
        (REDIS, DEGRADED, Reason.PASSED_ON_RETRY, None, True),
        (REDIS, DEGRADED, TIMEOUT, None, True),
        (REDIS, DOWN, TIMEOUT, None, True),
        (REDIS, UNKNOWN, Reason.COLLECTOR_OFFLINE, None, None),
        (SHOPIFY, HEALTHY, Reason.OK, DEGRADED, False),
        (SHOPIFY, DEGRADED, Reason.ERROR_RATE, DEGRADED, True),
        (SHOPIFY, DEGRADED, Reason.ERROR_RATE, DOWN, True),
        (SHOPIFY, DEGRADED, Reason.ERROR_RATE, HEALTHY, False),
        (SHOPIFY, DEGRADED, Reason.SLOW, HEALTHY, False),
        (SHOPIFY, DEGRADED, Reason.ERROR_RATE, None, None),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, HEALTHY, False),
        (SHOPIFY, DOWN, TIMEOUT, DOWN, True),
        (SHOPIFY, UNKNOWN, Reason.NO_DATA, None, None),
        # what the probe found now is no matter of the hour
        (SHOPIFY, DEGRADED, Reason.AUTH, HEALTHY, True),
        (SHOPIFY, DEGRADED, TIMEOUT, None, True),
        (SHOPIFY, DEGRADED, Reason.PASSED_ON_RETRY, HEALTHY, True),
        (HOOKS, DEGRADED, Reason.PROCESSING_FAILED, HEALTHY, False),
        (HOOKS, DEGRADED, Reason.PROCESSING_FAILED, DOWN, True),
    ],
)
def test_degraded(
    service: ServiceKey, status: Status, reason: Reason, present: Status | None, bad: bool | None
) -> None:
    signals = check_signals(seen(service, status, reason), present, POLICY)
    signal = only(signals, AlertRule.SERVICE_DEGRADED)
    assert (signal.bad, signal.conclusive, signal.severity) == (bad, True, WARNING)
    assert bool(signal.title) == bool(bad)


@pytest.mark.parametrize(
    ("status", "reason", "ms", "bad"),
    [
        (HEALTHY, Reason.OK, 999, False),
        (HEALTHY, Reason.OK, 1000, False),  # 999.6 ms, rounded by the table
        (DEGRADED, Reason.SLOW, 1000, True),
        (DEGRADED, Reason.PASSED_ON_RETRY, 999, False),
        (DEGRADED, Reason.PASSED_ON_RETRY, 1000, True),
        (DEGRADED, Reason.SCHEMA_CHANGED, 5000, True),
        (DEGRADED, Reason.SLOW, None, None),
        # one that did not answer was not slow
        (DEGRADED, TIMEOUT, 10_000, None),
        (DOWN, TIMEOUT, 10_000, None),
        (UNKNOWN, Reason.COLLECTOR_OFFLINE, 10_000, None),
    ],
)
def test_a_slow_answer_of_a_probed_service(
    status: Status, reason: Reason, ms: float | None, bad: bool | None
) -> None:
    signals = check_signals(seen(REDIS, status, reason, ms=ms), None, POLICY)
    signal = only(signals, AlertRule.SLOW_RESPONSE)
    assert signal.bad is bad
    assert signal.reason is (Reason.SLOW if bad else reason)


def test_the_slowness_of_calls_is_not_judged_by_one_check() -> None:
    rules = {signal.rule for signal in check_signals(seen(SHOPIFY, DEGRADED, Reason.SLOW), None, POLICY)}
    assert rules == {AlertRule.SERVICE_DOWN, AlertRule.SERVICE_DEGRADED}


@pytest.mark.parametrize(
    ("service", "status", "reason", "present", "well"),
    [
        (REDIS, HEALTHY, Reason.OK, None, True),
        (REDIS, DEGRADED, Reason.SLOW, None, False),
        (REDIS, DOWN, TIMEOUT, None, False),
        (REDIS, UNKNOWN, Reason.COLLECTOR_OFFLINE, None, None),
        (SHOPIFY, HEALTHY, Reason.OK, HEALTHY, True),
        (SHOPIFY, HEALTHY, Reason.OK, None, True),
        (SHOPIFY, HEALTHY, Reason.OK, DEGRADED, False),
        (SHOPIFY, HEALTHY, Reason.OK, DOWN, False),
        (SHOPIFY, DEGRADED, Reason.ERROR_RATE, HEALTHY, True),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, HEALTHY, True),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, DEGRADED, False),
        (SHOPIFY, DOWN, Reason.ERROR_RATE, None, None),
        (SHOPIFY, DEGRADED, Reason.AUTH, HEALTHY, False),
        (SHOPIFY, UNKNOWN, Reason.NO_DATA, None, None),
        (HOOKS, HEALTHY, Reason.OK, None, True),
        (HOOKS, UNKNOWN, Reason.NO_DATA, HEALTHY, None),
    ],
)
def test_how_a_service_is_now(
    service: ServiceKey, status: Status, reason: Reason, present: Status | None, well: bool | None
) -> None:
    found = health(seen(service, status, reason), present)
    assert (found.service, found.at, found.status, found.well) == (service, NOW, status, well)


@pytest.mark.parametrize("service", [REDIS, CONTEXT7, SHOPIFY, HOOKS])
@pytest.mark.parametrize("reason", [Reason.NO_DATA, *sorted(MONITOR_REASONS)])
@pytest.mark.parametrize("present", [None, *Status])
def test_a_service_that_is_unknown_says_nothing_bad_and_nothing_good(
    service: ServiceKey, reason: Reason, present: Status | None
) -> None:
    look = seen(service, UNKNOWN, reason, in_row=9)
    assert [signal.bad for signal in check_signals(look, present, POLICY)] == [
        None for _ in check_signals(look, present, POLICY)
    ]
    assert health(look, present).well is None


def test_a_rule_that_is_off_says_nothing() -> None:
    down = RuleSettings(CRITICAL, enabled=False)
    own = {(REDIS, AlertRule.SERVICE_DOWN): down, (REDIS, AlertRule.SLOW_RESPONSE): RuleSettings(WARNING)}
    policy = AlertPolicy({AlertRule.SERVICE_DOWN: RuleSettings(CRITICAL)}, own)
    look = seen(REDIS, DOWN, TIMEOUT, 3)
    assert [signal.rule for signal in check_signals(look, None, policy)] == [AlertRule.SLOW_RESPONSE]
    other = seen(CONTEXT7, DOWN, TIMEOUT, 3)
    assert [signal.rule for signal in check_signals(other, None, policy)] == [AlertRule.SERVICE_DOWN]


def test_only_the_rules_that_are_asked_say_something() -> None:
    look = seen(REDIS, DOWN, TIMEOUT, 3)
    every = check_signals(look, None, POLICY)
    asked = {AlertRule.SERVICE_DOWN, AlertRule.SLO_BURN}
    assert check_signals(look, None, POLICY, asked) == [only(every, AlertRule.SERVICE_DOWN)]
    assert check_signals(look, None, POLICY, frozenset()) == []


def test_a_service_may_have_a_severity_of_its_own() -> None:
    own = {(REDIS, AlertRule.SERVICE_DOWN): RuleSettings(WARNING)}
    policy = AlertPolicy(POLICY.rules, own)
    signals = check_signals(seen(REDIS, DOWN, TIMEOUT, 3), None, policy)
    assert only(signals, AlertRule.SERVICE_DOWN).severity is WARNING


def test_titles_say_who_what_and_why() -> None:
    down = check_signals(seen(REDIS, DOWN, Reason.CONNECT, 3, message="connection refused"), None, POLICY)
    assert only(down, AlertRule.SERVICE_DOWN).title == "Redis cannot be reached: connection refused"
    slow = check_signals(seen(REDIS, DEGRADED, Reason.SLOW, ms=1234), None, POLICY)
    assert only(slow, AlertRule.SLOW_RESPONSE).title == "Redis slow: answered in 1.2 s, limit 1.0 s"
    said = "93 of 100 calls succeeded (93 %)"
    degraded = check_signals(seen(SHOPIFY, DEGRADED, Reason.ERROR_RATE, message=said), DEGRADED, POLICY)
    assert only(degraded, AlertRule.SERVICE_DEGRADED).title == f"Shopify API degraded: {said}"


def test_the_samples_have_the_limits_of_the_design() -> None:
    assert (PRESENT.sure_after, CALLS.sure_after) == (3, 6)
