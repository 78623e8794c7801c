"""What the recorded calls of an API say: too many fail, or they are too slow. Pure functions."""

from datetime import datetime

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Policy, Reason, ServiceKey, Window
from analytics.rules.signals import titles
from analytics.rules.signals.evidence import NEWEST_SPAN, Evidence
from analytics.rules.signals.over import failures_over, slowness_over, still_bad


def high_error_rate(service: ServiceKey, evidence: Evidence, settings: RuleSettings, now: datetime) -> Signal:
    """More than `settings.limit` percent of the calls failed, at least `settings.fewest` of them.

    None without calls, and when so many of so few failed that it says neither. Not when the newest calls show
    that it is over (`analytics.rules.signals.over`). Design document, section 6.1: over 10 % for 5 minutes.
    """
    window = evidence.calls_of(service, settings.window)
    bad: bool | None = None
    if window is not None and window.total:
        # Multiplied rather than divided: exactly at the limit is not above it.
        above = 100 * window.failed > settings.limit * window.total
        if not above:
            bad = False
        elif window.failed >= settings.fewest:
            newest = evidence.calls_of(service, NEWEST_SPAN)
            bad = still_bad(failures_over(window, newest, settings.limit))
    # Counting how the calls failed takes a while, and is told of bad ones only.
    common = evidence.failure_of(service, settings.window) if bad else None
    reason = common.reason if common is not None else window.reason if window is not None else Reason.OK
    title = message = ""
    if bad and window is not None:
        code, alike = (common.status_code, common.failed) if common is not None else (None, window.failed)
        title = titles.failing_calls(
            service, reason, code, alike, window.failed, window.total, settings.window
        )
        message = f"{window.failed} of {titles.plural(window.total, 'call')} failed"
        message += f"; the newest failure: {window.message}" if window.message else ""
    return Signal(
        AlertRule.HIGH_ERROR_RATE,
        service,
        now,
        bad,
        settings.severity,
        reason=reason if bad else Reason.OK,
        title=title,
        message=message,
    )


def slow_calls(
    service: ServiceKey, policy: Policy, evidence: Evidence, settings: RuleSettings, now: datetime
) -> Signal:
    """The P95 of the calls that succeeded has reached the healthy limit, as the status rules have it.

    None without such calls, or with fewer than `settings.fewest`. Not when the newest calls are quick again.
    """
    window = evidence.calls_of(service, settings.window)
    bad: bool | None = None
    title = ""
    if window is not None and window.p95_ms is not None and _succeeded(window) >= settings.fewest:
        bad = False
        if window.p95_ms >= policy.healthy_ms:
            bad = still_bad(slowness_over(evidence.calls_of(service, NEWEST_SPAN), policy.healthy_ms))
        if bad:
            title = titles.slow_calls(
                service, window.p95_ms, policy.healthy_ms, _succeeded(window), settings.window
            )
    return Signal(
        AlertRule.SLOW_RESPONSE,
        service,
        now,
        bad,
        settings.severity,
        reason=Reason.SLOW if bad else Reason.OK,
        title=title,
    )


def _succeeded(window: Window) -> int:
    return window.total - window.failed
