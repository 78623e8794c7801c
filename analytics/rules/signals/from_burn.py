"""Whether a service spends its error budget too fast. Pure functions."""

from datetime import datetime

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Reason, ServiceKey
from analytics.rules.signals import titles
from analytics.rules.signals.evidence import Evidence
from analytics.rules.slo import SLOW, Share, burn_rate, burning


def slo_burn(service: ServiceKey, evidence: Evidence, settings: RuleSettings, now: datetime) -> Signal:
    """The budget of `settings.objective` is spent at one of the paces of `analytics.rules.slo`.

    A check is bad when the service was down; unknown ones do not count. None without a known check in the
    longer one of the short windows.
    """
    looks = evidence.looks.get(service)
    shares = looks.shares if looks is not None else {}
    pace = burning(shares, settings.objective, settings.fewest)
    bad = None if not shares.get(SLOW.short, Share()).known else pace is not None
    title = ""
    if pace is not None and bad:
        share = shares[pace.long]
        rate = burn_rate(share, settings.objective)
        title = titles.burn(service, rate, share.bad, share.known, pace.long, settings.objective)
    return Signal(
        AlertRule.SLO_BURN,
        service,
        now,
        bad,
        settings.severity,
        reason=looks.reason if bad and looks is not None else Reason.OK,
        title=title,
    )
