"""Settings and looks for the tests of the signals."""

from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings, Signal
from analytics.model import Basis, Policy, Reason, ServiceKey, ServiceType, Severity, Status
from analytics.rules.signals import Observation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

REDIS = ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
CONTEXT7 = ServiceKey(ServiceType.MCP, "context7")
SHOPIFY = ServiceKey(ServiceType.API, "shopify")
OPENAI = ServiceKey(ServiceType.API, "openai")
HOOKS = ServiceKey(ServiceType.WEBHOOK, "shopify")

PRESENT = Policy(Basis.PRESENT, 1000, 3000, sure_after=3, stale_after=5 * MINUTE)
CALLS = Policy(Basis.CALLS, 1000, 3000, sure_after=6, stale_after=5 * MINUTE)
DELIVERIES = Policy(Basis.DELIVERIES, 1000, 3000, sure_after=6, stale_after=HOUR)
LIMITS = {REDIS: PRESENT, CONTEXT7: PRESENT, SHOPIFY: CALLS, OPENAI: CALLS, HOOKS: DELIVERIES}

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO

#: As shipped.
POLICY = AlertPolicy(
    {
        AlertRule.SERVICE_DOWN: RuleSettings(CRITICAL, checks=3),
        AlertRule.SERVICE_DEGRADED: RuleSettings(WARNING, lasting=10 * MINUTE),
        AlertRule.HIGH_ERROR_RATE: RuleSettings(
            WARNING, limit=10, window=5 * MINUTE, lasting=5 * MINUTE, fewest=6
        ),
        AlertRule.SLOW_RESPONSE: RuleSettings(WARNING, window=10 * MINUTE, lasting=10 * MINUTE),
        AlertRule.CIRCUIT_OPEN: RuleSettings(CRITICAL),
        AlertRule.WEBHOOK_VERIFICATION: RuleSettings(CRITICAL, limit=90, window=HOUR, lasting=HOUR, fewest=6),
        AlertRule.WEBHOOK_SILENT: RuleSettings(WARNING),
        AlertRule.QUOTA_HEADROOM: RuleSettings(WARNING, limit=90, lasting=5 * MINUTE),
        AlertRule.TOOLS_CHANGED: RuleSettings(INFO),
        AlertRule.CERTIFICATE_EXPIRY: RuleSettings(WARNING, limit=14),
        AlertRule.SLO_BURN: RuleSettings(WARNING, objective=99.9, fewest=3),
        AlertRule.COLLECTOR_BLIND: RuleSettings(CRITICAL, checks=2),
        AlertRule.DELIVERY_FAILING: RuleSettings(WARNING, lasting=5 * MINUTE),
    }
)


def seen(
    service: ServiceKey,
    status: Status,
    reason: Reason = Reason.OK,
    in_row: int = 0,
    ms: float | None = 50,
    message: str = "",
    **details: Any,
) -> Observation:
    """One check of `service`."""
    return Observation(service, NOW, status, reason, message, in_row, ms, None, details, LIMITS[service])


def only(signals: list[Signal], rule: AlertRule) -> Signal:
    """The one signal of `rule`."""
    [signal] = [signal for signal in signals if signal.rule is rule]
    return signal
