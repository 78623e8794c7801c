"""Whether the collector itself sees anything. Pure functions."""

from collections.abc import Mapping
from datetime import datetime

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Policy, Reason, ServiceKey, Status
from analytics.rules.signals import titles
from analytics.rules.signals.evidence import Evidence, Looks


def collector_blind(
    services: Mapping[ServiceKey, Policy], evidence: Evidence, settings: RuleSettings, now: datetime
) -> Signal:
    """The newest look at some of `services` found the collector's own network lost.

    None before the first look. The network is back as soon as a service that could not be seen is seen again:
    the others are looked at in their own time.
    """
    fresh = [
        looks
        for service, policy in services.items()
        if (looks := evidence.looks.get(service)) is not None and now - looks.newest <= policy.stale_after
    ]
    offline = [looks for looks in fresh if looks.reason is Reason.COLLECTOR_OFFLINE]
    bad = None if not fresh else bool(offline) and not _is_back(fresh)
    return Signal(
        AlertRule.COLLECTOR_BLIND,
        None,
        now,
        bad,
        settings.severity,
        reason=Reason.COLLECTOR_OFFLINE if bad else Reason.OK,
        title=titles.blind(len(offline)) if bad else "",
        message="no probe got through, and neither did the canary; nothing is known of them" if bad else "",
    )


def _is_back(fresh: list[Looks]) -> bool:
    lost_at = max(looks.offline_at for looks in fresh if looks.offline_at is not None)
    return any(
        looks.offline_at is not None and looks.status is not Status.UNKNOWN and looks.newest > lost_at
        for looks in fresh
    )
