"""What the deliveries of a webhook source say about its signatures. Pure functions."""

from datetime import datetime

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Reason, ServiceKey
from analytics.rules.signals import titles
from analytics.rules.signals.evidence import PRESENT_SPAN, Evidence
from analytics.rules.signals.over import failures_over, still_bad


def webhook_verification(
    service: ServiceKey, evidence: Evidence, settings: RuleSettings, now: datetime
) -> Signal:
    """Less than `settings.limit` percent of the deliveries carried a valid signature.

    At least `settings.fewest` did not. None without deliveries, and when fewer of so few did not. Not when
    the last minutes show that it is over (`analytics.rules.signals.over`): a secret that was mended. Design
    document, section 6.1: under 90 % for one hour.
    """
    window = evidence.deliveries_of(service, settings.window)
    bad: bool | None = None
    title = message = ""
    if window is not None and window.total:
        verified = window.total - window.failed
        below = 100 * verified < settings.limit * window.total
        if not below:
            bad = False
        elif window.failed >= settings.fewest:
            newest = evidence.deliveries_of(service, PRESENT_SPAN)
            bad = still_bad(failures_over(window, newest, 100 - settings.limit))
        if bad:
            title = titles.unverified(service, window.failed, window.total, settings.window)
            message = f"{verified} of {titles.plural(window.total, 'delivery')} verified"
            message += f"; the newest that was not: {window.message}" if window.message else ""
    return Signal(
        AlertRule.WEBHOOK_VERIFICATION,
        service,
        now,
        bad,
        settings.severity,
        reason=Reason.AUTH if bad else Reason.OK,
        title=title,
        message=message,
    )
