"""What calls, deliveries, circuit breakers and quotas say to the rules: every boundary."""

from dataclasses import replace
from datetime import timedelta

import pytest

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings, Signal
from analytics.model import Reason, ServiceKey, Status, Window
from analytics.rules.signals import (
    PRESENT_SPAN,
    Circuit,
    CommonFailure,
    Evidence,
    QuotaLevel,
    evidence_signals,
    present_status,
)
from tests.analytics.rules.signals.samples import (
    CALLS,
    CRITICAL,
    DELIVERIES,
    HOOKS,
    HOUR,
    LIMITS,
    MINUTE,
    NOW,
    OPENAI,
    POLICY,
    PRESENT,
    REDIS,
    SHOPIFY,
    WARNING,
)

NOTHING = Evidence(NOW)


def signals_of(evidence: Evidence, rule: AlertRule, service: ServiceKey = SHOPIFY) -> list[Signal]:
    made = evidence_signals(evidence, LIMITS, POLICY, NOW)
    return [signal for signal in made if signal.rule is rule and signal.service == service]


def calls(failed: int, total: int, **more: object) -> Evidence:
    window = replace(Window(total, failed, newest=NOW), **more)
    return Evidence(NOW, calls={5 * MINUTE: {"shopify": window}, 10 * MINUTE: {"shopify": window}})


@pytest.mark.parametrize(
    ("failed", "total", "bad"),
    [
        (0, 0, None),
        (0, 100, False),
        (10, 100, False),
        (11, 100, True),
        (10, 99, True),
        (1000, 10_000, False),
        (1001, 10_000, True),
        # many of few say neither
        (5, 5, None),
        (5, 49, None),
        (5, 50, False),
        (6, 6, True),
        (6, 59, True),
        (6, 60, False),
    ],
)
def test_error_rate(failed: int, total: int, bad: bool | None) -> None:
    [signal] = signals_of(calls(failed, total), AlertRule.HIGH_ERROR_RATE)
    assert (signal.bad, signal.severity, signal.at) == (bad, WARNING, NOW)
    assert bool(signal.title) == bool(bad)


def test_without_calls_the_error_rate_is_not_known() -> None:
    assert [signal.bad for signal in signals_of(NOTHING, AlertRule.HIGH_ERROR_RATE)] == [None]


def test_the_title_of_an_error_rate_says_what_most_calls_failed_with() -> None:
    some = calls(57, 312, reason=Reason.RATE_LIMITED, message="slow down")
    one = replace(some, failures={5 * MINUTE: {"shopify": CommonFailure(Reason.RATE_LIMITED, 429, 57)}})
    [signal] = signals_of(one, AlertRule.HIGH_ERROR_RATE)
    assert signal.title == "Shopify API rate limited: 429 on 18 % of 312 calls in 5 minutes"
    assert signal.message == "57 of 312 calls failed; the newest failure: slow down"
    assert signal.reason is Reason.RATE_LIMITED
    mixed = replace(some, failures={5 * MINUTE: {"shopify": CommonFailure(Reason.TIMEOUT, None, 40)}})
    [signal] = signals_of(mixed, AlertRule.HIGH_ERROR_RATE)
    assert (
        signal.title == "Shopify API not answering: 18 % of 312 calls in 5 minutes failed, most with timeout"
    )


def test_calls_are_found_under_their_own_name() -> None:
    renamed = replace(calls(50, 100), names={OPENAI: "shopify", SHOPIFY: "shop-eu"})
    assert [signal.bad for signal in signals_of(renamed, AlertRule.HIGH_ERROR_RATE, OPENAI)] == [True]
    assert [signal.bad for signal in signals_of(renamed, AlertRule.HIGH_ERROR_RATE)] == [None]


@pytest.mark.parametrize(
    ("p95", "bad"), [(None, None), (999.9, False), (1000, True), (3000, True), (3001, True)]
)
def test_slow_calls(p95: float | None, bad: bool | None) -> None:
    [signal] = signals_of(calls(0, 120, p95_ms=p95), AlertRule.SLOW_RESPONSE)
    assert signal.bad is bad


def test_the_title_of_slow_calls() -> None:
    [signal] = signals_of(calls(2, 122, p95_ms=1234), AlertRule.SLOW_RESPONSE)
    assert signal.title == "Shopify API slow: P95 1.2 s over 120 calls in 10 minutes, limit 1.0 s"


def test_the_p95_of_too_few_calls_is_not_known() -> None:
    settings = RuleSettings(WARNING, window=10 * MINUTE, fewest=20)
    policy = AlertPolicy({AlertRule.SLOW_RESPONSE: settings})
    few, enough = calls(1, 20, p95_ms=9999), calls(1, 21, p95_ms=9999)
    assert [signal.bad for signal in evidence_signals(few, {SHOPIFY: CALLS}, policy, NOW)] == [None]
    assert [signal.bad for signal in evidence_signals(enough, {SHOPIFY: CALLS}, policy, NOW)] == [True]


@pytest.mark.parametrize(
    ("failed", "total", "bad"),
    [
        (0, 0, None),
        (0, 10, False),
        (10, 100, False),
        (11, 100, True),
        (6, 6, True),
        (6, 59, True),
        (6, 60, False),
        (5, 5, None),
    ],
)
def test_verification(failed: int, total: int, bad: bool | None) -> None:
    evidence = Evidence(NOW, deliveries={HOUR: {"shopify": Window(total, failed, newest=NOW)}})
    [signal] = signals_of(evidence, AlertRule.WEBHOOK_VERIFICATION, HOOKS)
    assert (signal.bad, signal.severity) == (bad, CRITICAL)


def test_the_title_of_a_wrong_signature() -> None:
    window = Window(312, 57, newest=NOW, message="bad hmac")
    evidence = Evidence(NOW, deliveries={HOUR: {"shopify": window}})
    [signal] = signals_of(evidence, AlertRule.WEBHOOK_VERIFICATION, HOOKS)
    assert signal.title == "Shopify webhooks: wrong signature on 18 % of 312 deliveries in 1 hour"
    assert signal.message == "255 of 312 deliveries verified; the newest that was not: bad hmac"


def circuit(state: str, origin: str = "worker", age: timedelta = MINUTE, api: str = "shopify") -> Circuit:
    return Circuit(api, origin, state, NOW - age, f"{origin} {state}")


@pytest.mark.parametrize(
    ("circuits", "bad"),
    [
        ((), False),
        ((circuit("closed"),), False),
        ((circuit("open"),), True),
        ((circuit("half_open"),), True),
        ((circuit("closed"), circuit("open", "billing")), True),
        ((circuit("open", api="openai"),), False),
        ((circuit("open", age=HOUR - timedelta(seconds=1)),), True),
        ((circuit("open", age=HOUR),), False),
    ],
)
def test_circuits(circuits: tuple[Circuit, ...], bad: bool) -> None:
    [signal] = signals_of(Evidence(NOW, circuits=circuits), AlertRule.CIRCUIT_OPEN)
    assert (signal.bad, signal.severity) == (bad, CRITICAL)


def test_the_title_names_the_clients_whose_circuits_are_open() -> None:
    one = Evidence(NOW, circuits=(circuit("open"), circuit("closed", "billing")))
    [signal] = signals_of(one, AlertRule.CIRCUIT_OPEN)
    assert signal.title == "Shopify API: the circuit breaker of worker is open"
    assert signal.message == "worker open"
    two = Evidence(NOW, circuits=(circuit("open"), circuit("open", ""), circuit("half_open", "billing")))
    [signal] = signals_of(two, AlertRule.CIRCUIT_OPEN)
    assert (
        signal.title == "Shopify API: the circuit breakers of an unnamed client, billing and worker are open"
    )


def level(
    used: float, age: timedelta = MINUTE, resets_in: timedelta | None = None, name: str = "requests"
) -> QuotaLevel:
    resets_at = None if resets_in is None else NOW + resets_in
    return QuotaLevel("shopify", "worker", name, used, 100, NOW - age, resets_at)


@pytest.mark.parametrize(
    ("quota", "bad"),
    [
        (level(89.9), False),
        (level(90), True),
        (level(120), True),
        (level(95, age=15 * MINUTE), True),
        (level(95, age=16 * MINUTE), False),
        (level(95, age=50 * MINUTE, resets_in=MINUTE), True),
        (level(95, resets_in=timedelta(0)), False),
        (level(95, resets_in=-MINUTE), False),
    ],
)
def test_quota(quota: QuotaLevel, bad: bool) -> None:
    [signal] = signals_of(Evidence(NOW, quotas=(quota,)), AlertRule.QUOTA_HEADROOM)
    assert (signal.bad, signal.about) == (bad, "requests")


def test_each_quota_is_its_own_and_the_fullest_client_counts() -> None:
    other = replace(level(20), origin="probe")
    evidence = Evidence(NOW, quotas=(other, level(95), level(10, name="tokens"), replace(level(99), limit=0)))
    found = signals_of(evidence, AlertRule.QUOTA_HEADROOM)
    assert {signal.about: signal.bad for signal in found} == {"requests": True, "tokens": False}


def test_the_title_of_a_quota_says_when_it_resets() -> None:
    evidence = Evidence(NOW, quotas=(level(93, resets_in=42 * MINUTE),))
    [signal] = signals_of(evidence, AlertRule.QUOTA_HEADROOM)
    assert signal.title == 'Shopify API: 93 % of the quota "requests" used, resets in 42 minutes'
    assert signal.message == "93 of 100, as worker saw it"


def test_an_api_without_a_quota_says_nothing_of_it() -> None:
    assert signals_of(NOTHING, AlertRule.QUOTA_HEADROOM) == []


def present(window: Window) -> Status | None:
    evidence = Evidence(
        NOW, calls={PRESENT_SPAN: {"shopify": window}}, deliveries={PRESENT_SPAN: {"shopify": window}}
    )
    assert present_status(REDIS, PRESENT, evidence, NOW) is None
    by_calls = present_status(SHOPIFY, CALLS, evidence, NOW)
    if not window.consecutive_failures:
        assert by_calls is present_status(HOOKS, DELIVERIES, evidence, NOW)
    return by_calls


@pytest.mark.parametrize(
    ("window", "status"),
    [
        (Window(100, 4, 50, newest=NOW), Status.HEALTHY),
        (Window(100, 5, 50, newest=NOW), Status.DEGRADED),
        (Window(100, 11, 50, newest=NOW), Status.DOWN),
        (Window(6, 6, None, 6, newest=NOW), Status.DOWN),
        # few bad ones among good ones say neither; without a good one they do
        (Window(4, 2, 50, newest=NOW), None),
        (Window(4, 3, 50, newest=NOW), Status.DEGRADED),
        (Window(2, 1, 50, newest=NOW), None),
        (Window(1, 1, None, newest=NOW), Status.DEGRADED),
        (Window(2, 2, None, newest=NOW), Status.DEGRADED),
        (Window(0, 0), None),
    ],
)
def test_the_last_minutes_are_judged_like_an_hour(window: Window, status: Status | None) -> None:
    assert present(window) is status


def test_slow_minutes_are_slow_however_few_fail() -> None:
    evidence = Evidence(NOW, calls={PRESENT_SPAN: {"shopify": Window(40, 1, 2000, newest=NOW)}})
    assert present_status(SHOPIFY, CALLS, evidence, NOW) is Status.DEGRADED


def test_a_few_that_the_application_did_not_process_say_neither() -> None:
    for missed, status in ((2, None), (3, Status.DEGRADED)):
        window = Window(9, 0, newest=NOW, handed_on=9, unprocessed=missed)
        evidence = Evidence(NOW, deliveries={PRESENT_SPAN: {"shopify": window}})
        assert present_status(HOOKS, DELIVERIES, evidence, NOW) is status


def test_without_traffic_the_present_is_not_known() -> None:
    assert present_status(SHOPIFY, CALLS, NOTHING, NOW) is None
    assert present_status(HOOKS, DELIVERIES, NOTHING, NOW) is None


def test_each_service_hears_only_from_rules_about_it() -> None:
    rules = {
        service: {
            signal.rule
            for signal in evidence_signals(NOTHING, LIMITS, POLICY, NOW)
            if signal.service == service
        }
        for service in (REDIS, SHOPIFY, HOOKS)
    }
    assert rules == {
        REDIS: {AlertRule.SLO_BURN},
        SHOPIFY: {
            AlertRule.HIGH_ERROR_RATE,
            AlertRule.SLOW_RESPONSE,
            AlertRule.CIRCUIT_OPEN,
            AlertRule.SLO_BURN,
        },
        HOOKS: {AlertRule.WEBHOOK_VERIFICATION, AlertRule.SLO_BURN},
    }


def test_rules_that_are_off_say_nothing() -> None:
    assert evidence_signals(calls(100, 100), LIMITS, AlertPolicy({}), NOW) == []


def test_only_what_is_asked_is_said_in_the_order_of_asking() -> None:
    every = evidence_signals(calls(11, 100), LIMITS, POLICY, NOW)
    asked = {
        None: {AlertRule.COLLECTOR_BLIND},
        SHOPIFY: {AlertRule.SLOW_RESPONSE, AlertRule.HIGH_ERROR_RATE, AlertRule.SERVICE_DOWN},
        REDIS: {AlertRule.SLO_BURN, AlertRule.HIGH_ERROR_RATE},
        HOOKS: set(),
    }
    made = evidence_signals(calls(11, 100), LIMITS, POLICY, NOW, asked)
    assert [(one.service, one.rule) for one in made] == [
        (SHOPIFY, AlertRule.HIGH_ERROR_RATE),
        (SHOPIFY, AlertRule.SLOW_RESPONSE),
        (REDIS, AlertRule.SLO_BURN),
        (None, AlertRule.COLLECTOR_BLIND),
    ]
    assert all(one in every for one in made)
    assert evidence_signals(calls(11, 100), LIMITS, POLICY, NOW, {}) == []
