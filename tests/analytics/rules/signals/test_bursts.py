"""Bursts of traffic minute by minute, through windows and rule: nobody is called for what is over."""

from datetime import timedelta

import pytest

from analytics.alerting import Alert, AlertRule, AlertState
from analytics.model import Window
from analytics.rules.alerting import step_alert
from analytics.rules.signals import PRESENT_SPAN, Evidence, evidence_signals
from analytics.rules.signals.evidence import NEWEST_SPAN
from tests.analytics.rules.signals.samples import HOOKS, HOUR, LIMITS, MINUTE, NOW, POLICY, SHOPIFY

LIMIT_MS = LIMITS[SHOPIFY].healthy_ms


def window(bad: range, until: int, span: timedelta, share: float, a_minute: int, slow: bool) -> Window | None:
    """What the last `span` holds at minute `until`; in the minutes of `bad` a `share` fails, or is slow."""
    minutes = range(until - int(span / MINUTE), until)
    hit = share * sum(minute in bad for minute in minutes) * a_minute
    total = len(minutes) * a_minute
    p95 = 2.0 * LIMIT_MS if slow and hit > total / 20 else 0.1 * LIMIT_MS
    return Window(total, 0 if slow else round(hit), p95) if total else None


def fired(rule: AlertRule, bad: range, share: float = 1.0, a_minute: int = 30) -> list[int]:
    """The minutes in which the alert of `rule` fires, of three hours with a look a minute."""
    service = HOOKS if rule is AlertRule.WEBHOOK_VERIFICATION else SHOPIFY
    settings, alert, found = POLICY.settings(rule, service), None, []
    for minute in range(180):
        now = NOW + minute * MINUTE
        seen = {
            span: {"shopify": made}
            for span in (NEWEST_SPAN, PRESENT_SPAN, 2 * PRESENT_SPAN, HOUR)
            if (made := window(bad, minute, span, share, a_minute, rule is AlertRule.SLOW_RESPONSE))
        }
        evidence = Evidence(now, calls=seen, deliveries=seen)
        made_signals = evidence_signals(evidence, {service: LIMITS[service]}, POLICY, now)
        [signal] = [one for one in made_signals if one.rule is rule]
        alert = step_alert(alert, signal, settings, 2, 5 * MINUTE, now)
        if _fires(alert):
            found.append(minute)
    return found


def _fires(alert: Alert | None) -> bool:
    return alert is not None and alert.state is AlertState.FIRING


@pytest.mark.parametrize("a_minute", [1, 2, 30, 600])
@pytest.mark.parametrize(
    ("rule", "lasting"),
    [
        (AlertRule.HIGH_ERROR_RATE, 1),
        (AlertRule.HIGH_ERROR_RATE, 2),
        (AlertRule.HIGH_ERROR_RATE, 3),
        (AlertRule.SLOW_RESPONSE, 1),
        (AlertRule.SLOW_RESPONSE, 2),
        (AlertRule.SLOW_RESPONSE, 5),
        (AlertRule.SLOW_RESPONSE, 8),
        (AlertRule.WEBHOOK_VERIFICATION, 13),
        (AlertRule.WEBHOOK_VERIFICATION, 20),
        (AlertRule.WEBHOOK_VERIFICATION, 50),
    ],
)
def test_what_is_over_before_its_time_is_told_to_nobody(rule: AlertRule, lasting: int, a_minute: int) -> None:
    assert fired(rule, range(10, 10 + lasting), a_minute=a_minute) == []


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
@pytest.mark.parametrize(
    ("rule", "after"),
    [
        (AlertRule.HIGH_ERROR_RATE, 5),
        (AlertRule.SLOW_RESPONSE, 10),
        (AlertRule.WEBHOOK_VERIFICATION, 60),
    ],
)
def test_what_lasts_is_told_in_time_and_over_soon_after_its_end(
    rule: AlertRule, after: int, share: float
) -> None:
    begin, end = 10, 10 + after + 40
    minutes = fired(rule, range(begin, end), share)
    # As long as it takes until the window as a whole is bad.
    grows = 1 + POLICY.settings(rule, None).window * (0.1 / share) / MINUTE
    assert begin + after <= minutes[0] <= begin + after + 1 + grows
    assert end <= minutes[-1] <= end + 6
    assert minutes == list(range(minutes[0], minutes[-1] + 1))
