"""What every alert rule goes by where nothing else is said: the defaults of `[alerts]` in services.toml."""

from collections.abc import Mapping
from datetime import timedelta

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.model import Severity

_5_MINUTES, _10_MINUTES, _1_HOUR = timedelta(minutes=5), timedelta(minutes=10), timedelta(hours=1)

#: The settings of each rule; what does not apply to a rule is that of `RuleSettings`.
DEFAULTS: Mapping[AlertRule, RuleSettings] = {
    AlertRule.SERVICE_DOWN: RuleSettings(Severity.CRITICAL, checks=3),
    AlertRule.SERVICE_DEGRADED: RuleSettings(Severity.WARNING, lasting=_10_MINUTES),
    AlertRule.HIGH_ERROR_RATE: RuleSettings(
        Severity.WARNING, limit=10.0, window=_5_MINUTES, lasting=_5_MINUTES, fewest=6
    ),
    AlertRule.SLOW_RESPONSE: RuleSettings(Severity.WARNING, window=_10_MINUTES, lasting=_10_MINUTES),
    AlertRule.CIRCUIT_OPEN: RuleSettings(Severity.CRITICAL),
    AlertRule.WEBHOOK_VERIFICATION: RuleSettings(
        Severity.CRITICAL, limit=90.0, window=_1_HOUR, lasting=_1_HOUR, fewest=6
    ),
    AlertRule.WEBHOOK_SILENT: RuleSettings(Severity.WARNING),
    AlertRule.QUOTA_HEADROOM: RuleSettings(Severity.WARNING, limit=90.0, lasting=_5_MINUTES),
    AlertRule.TOOLS_CHANGED: RuleSettings(Severity.INFO),
    AlertRule.CERTIFICATE_EXPIRY: RuleSettings(Severity.WARNING, limit=14.0),
    AlertRule.SLO_BURN: RuleSettings(Severity.WARNING, objective=99.9, fewest=3),
    AlertRule.COLLECTOR_BLIND: RuleSettings(Severity.CRITICAL, checks=2),
    AlertRule.DELIVERY_FAILING: RuleSettings(Severity.WARNING, lasting=_5_MINUTES),
}


def default_policy() -> AlertPolicy:
    """The rules of a services.toml that says nothing of alerts."""
    return AlertPolicy(dict(DEFAULTS))
