"""The alert rules and their settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from analytics.model import ServiceKey, Severity


class AlertRule(StrEnum):
    """What may be alerted on. The first six are those of the design document, section 6.1."""

    SERVICE_DOWN = "service_down"
    SERVICE_DEGRADED = "service_degraded"
    HIGH_ERROR_RATE = "high_error_rate"
    SLOW_RESPONSE = "slow_response"
    CIRCUIT_OPEN = "circuit_open"
    WEBHOOK_VERIFICATION = "webhook_verification"
    WEBHOOK_SILENT = "webhook_silent"
    QUOTA_HEADROOM = "quota_headroom"
    TOOLS_CHANGED = "tools_changed"
    CERTIFICATE_EXPIRY = "certificate_expiry"
    SLO_BURN = "slo_burn"
    COLLECTOR_BLIND = "collector_blind"
    DELIVERY_FAILING = "delivery_failing"


#: These say that a service is in trouble now, and open an incident of it. The others are notices: they are
#: told, and told to be over, but what they are about is no outage.
INCIDENT_RULES = frozenset(
    {
        AlertRule.SERVICE_DOWN,
        AlertRule.SERVICE_DEGRADED,
        AlertRule.HIGH_ERROR_RATE,
        AlertRule.SLOW_RESPONSE,
        AlertRule.CIRCUIT_OPEN,
        AlertRule.WEBHOOK_VERIFICATION,
        AlertRule.WEBHOOK_SILENT,
    }
)


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """How one rule decides. What does not apply to a rule is ignored by it.

    It fires when it was bad in `checks` looks in a row and for `lasting`. `window` is the time one look at
    traffic covers, `limit` the figure it is compared with (percent, days or a burn rate), `fewest` how many
    bad ones there must be in the window. `objective` is the share of good checks an SLO promises, in percent.
    """

    severity: Severity
    enabled: bool = True
    checks: int = 1
    lasting: timedelta = timedelta(0)
    window: timedelta = timedelta(0)
    limit: float = 0.0
    fewest: int = 0
    objective: float = 99.9


@dataclass(frozen=True, slots=True)
class FlappingSettings:
    """When troubles that come and go are one: see `analytics.rules.flapping`.

    A trouble that begins within `within` of the end of the last one is a relapse of it. After the n-th
    relapse it must have been good for `stable[n - 1]` (the last of them from then on) before it counts as
    over. From the `quiet_from`-th relapse on, people are told only when it stays bad for `told_after`.
    """

    within: timedelta = timedelta(hours=2)
    stable: tuple[timedelta, ...] = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
    quiet_from: int = 3
    told_after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class AlertPolicy:
    """The settings of every rule, what single services have of their own, and what holds for all.

    An alert is over after `recovery_checks` good looks in a row.
    """

    rules: Mapping[AlertRule, RuleSettings]
    overrides: Mapping[tuple[ServiceKey, AlertRule], RuleSettings] = field(default_factory=dict)
    recovery_checks: int = 2
    flapping: FlappingSettings = FlappingSettings()

    def settings(self, rule: AlertRule, service: ServiceKey | None) -> RuleSettings:
        """What `rule` goes by for `service`; None is the collector itself."""
        own = self.overrides.get((service, rule)) if self.overrides and service is not None else None
        return own or self.rules[rule]
