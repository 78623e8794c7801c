"""Which rules are on, and what they look back on."""

from collections.abc import Iterable
from datetime import timedelta

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.model import ServiceKey
from analytics.rules.signals.evidence import NEWEST_SPAN

_BY_NEWEST = frozenset({AlertRule.HIGH_ERROR_RATE, AlertRule.SLOW_RESPONSE})


def active(policy: AlertPolicy, rule: AlertRule, service: ServiceKey | None) -> RuleSettings | None:
    """The settings of `rule` for `service`, None when it is off there."""
    try:
        settings = policy.settings(rule, service)
    except KeyError:
        return None
    return settings if settings.enabled else None


def spans(policy: AlertPolicy, rules: Iterable[AlertRule]) -> set[timedelta]:
    """The different lengths of the windows that `rules` look at, the newest part of them included."""
    wanted = set(rules)
    found = lengths(policy, wanted)
    return found | {NEWEST_SPAN} if found and wanted & _BY_NEWEST else found


def lengths(policy: AlertPolicy, rules: Iterable[AlertRule]) -> set[timedelta]:
    """The different lengths of the windows that `rules` are set to, those of single services among them."""
    wanted = set(rules)
    every = [settings for rule, settings in policy.rules.items() if rule in wanted]
    every += [settings for (_, rule), settings in policy.overrides.items() if rule in wanted]
    return {settings.window for settings in every if settings.enabled and settings.window}
