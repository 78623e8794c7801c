"""What the newest part of a window says of the rest of it: every boundary."""

from dataclasses import replace

import pytest

from analytics.alerting import AlertRule
from analytics.model import ServiceKey, Window
from analytics.rules.signals import PRESENT_SPAN, Evidence, evidence_signals
from analytics.rules.signals.evidence import NEWEST_SPAN
from tests.analytics.rules.signals.samples import HOOKS, HOUR, LIMITS, MINUTE, NOW, POLICY, SHOPIFY


def signals_of(evidence: Evidence, rule: AlertRule, service: ServiceKey = SHOPIFY) -> list:
    made = evidence_signals(evidence, LIMITS, POLICY, NOW)
    return [signal for signal in made if signal.rule is rule and signal.service == service]


def calls(failed: int, total: int, p95_ms: float | None = None) -> Evidence:
    window = Window(total, failed, p95_ms, newest=NOW)
    return Evidence(NOW, calls={5 * MINUTE: {"shopify": window}, 10 * MINUTE: {"shopify": window}})


@pytest.mark.parametrize(
    ("newest", "bad"),
    [
        (None, True),
        (Window(0, 0), True),
        # a fifth fails, so 15 calls of now would show three
        (Window(15, 0), False),
        (Window(14, 0), None),
        (Window(1, 0), None),
        # it is over where at most half of what is allowed fails
        (Window(100, 5), False),
        (Window(100, 6), True),
        (Window(1, 1), True),
    ],
)
def test_a_burst_that_is_over_is_no_error_rate_any_more(newest: Window | None, bad: bool | None) -> None:
    evidence = calls(20, 100)
    if newest is not None:
        evidence = replace(evidence, calls={**evidence.calls, NEWEST_SPAN: {"shopify": newest}})
    [signal] = signals_of(evidence, AlertRule.HIGH_ERROR_RATE)
    assert (signal.bad, bool(signal.title)) == (bad, bool(bad))


@pytest.mark.parametrize(
    ("newest", "bad"),
    [
        (None, True),
        (Window(60, 60), True),
        (Window(60, 0, 1000), True),
        (Window(60, 0, 999), False),
        (Window(61, 1, 999), False),
        (Window(59, 0, 999), None),
        (Window(60, 1, 999), None),
    ],
)
def test_calls_that_are_quick_again_are_not_slow_any_more(newest: Window | None, bad: bool | None) -> None:
    evidence = calls(0, 120, p95_ms=2000)
    if newest is not None:
        evidence = replace(evidence, calls={**evidence.calls, NEWEST_SPAN: {"shopify": newest}})
    [signal] = signals_of(evidence, AlertRule.SLOW_RESPONSE)
    assert (signal.bad, bool(signal.title)) == (bad, bool(bad))


@pytest.mark.parametrize(
    ("present", "bad"),
    [
        # silence is no recovery
        (None, True),
        (Window(0, 0), True),
        # a third was not verified, so nine of now would show three
        (Window(9, 0), False),
        (Window(8, 0), None),
        (Window(100, 5), False),
        (Window(100, 6), True),
    ],
)
def test_a_secret_that_was_mended_is_no_wrong_signature_any_more(
    present: Window | None, bad: bool | None
) -> None:
    windows = {HOUR: {"shopify": Window(120, 40)}}
    if present is not None:
        windows[PRESENT_SPAN] = {"shopify": present}
    [signal] = signals_of(Evidence(NOW, deliveries=windows), AlertRule.WEBHOOK_VERIFICATION, HOOKS)
    assert (signal.bad, bool(signal.title)) == (bad, bool(bad))
