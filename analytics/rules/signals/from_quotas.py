"""What is left of the quotas of an API. Pure functions."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Reason, ServiceKey
from analytics.rules.signals import titles
from analytics.rules.signals.evidence import Evidence, QuotaLevel

#: A level that old says nothing of now, unless it holds until a reset that is still to come.
FRESH = timedelta(minutes=15)


def quota_headroom(
    service: ServiceKey, evidence: Evidence, settings: RuleSettings, now: datetime
) -> list[Signal]:
    """One signal a quota that was spoken of in the last hour: is `settings.limit` percent of it used?

    Of several clients with a quota of the same name the fullest counts. A quota whose reset has passed, or
    that nobody has used for 15 minutes and that names no reset, has room again.
    """
    levels = sorted(
        (level for level in evidence.quotas if level.api_name == evidence.name(service) and level.limit > 0),
        key=lambda level: level.name,
    )
    return [
        _signal(service, name, _fullest(same, now), settings, now)
        for name, same in groupby(levels, key=lambda level: level.name)
    ]


def _signal(
    service: ServiceKey, name: str, level: QuotaLevel | None, settings: RuleSettings, now: datetime
) -> Signal:
    bad, title, message = False, "", ""
    if level is not None:
        share = 100.0 * level.used / level.limit
        bad = share >= settings.limit
        resets_in = level.resets_at - now if level.resets_at is not None else None
        title = titles.quota(service, name, share, resets_in) if bad else ""
        message = f"{level.used:g} of {level.limit:g}" + (
            f", as {level.origin} saw it" if level.origin else ""
        )
    return Signal(
        AlertRule.QUOTA_HEADROOM,
        service,
        now,
        bad,
        settings.severity,
        reason=Reason.QUOTA_EXHAUSTED if bad else Reason.OK,
        title=title,
        message=message if bad else "",
        about=name,
    )


def _fullest(levels: Iterable[QuotaLevel], now: datetime) -> QuotaLevel | None:
    """The fullest of those that still hold, None when none does."""
    holding = [level for level in levels if _holds(level, now)]
    return max(holding, key=lambda level: level.used / level.limit, default=None)


def _holds(level: QuotaLevel, now: datetime) -> bool:
    if level.resets_at is not None:
        return level.resets_at > now
    return now - level.at <= FRESH
