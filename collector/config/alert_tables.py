"""The tables `[alerts.RULE]` as pydantic models: each rule has the keys that apply to it, and its defaults.

The durations and limits of the first six are those of the design document, section 6.1.
"""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from analytics.alerting import AlertRule
from analytics.model import Severity
from analytics.rules.wording import did_you_mean, listed
from collector.config.spans import Span, Window

_SEVERITIES = [severity.value for severity in Severity]


def parse_severity(value: Any) -> Severity:
    """`value` as a severity. Raises ValueError with a fault's words."""
    if not isinstance(value, str) or value not in _SEVERITIES:
        hint = did_you_mean(value, _SEVERITIES) if isinstance(value, str) else ""
        raise ValueError(f"is no severity; {hint}write {listed(_SEVERITIES)}")
    return Severity(value)


SeverityWord = Annotated[Severity, BeforeValidator(parse_severity)]
Checks = Annotated[int, Field(ge=1, le=100)]
Fewest = Annotated[int, Field(ge=1, le=1_000_000)]
Days = Annotated[int, Field(ge=1, le=365)]
Above = Annotated[float, Field(ge=0, lt=100, allow_inf_nan=False)]
Below = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
#: What a service promises: the share of good checks, in percent.
Objective = Annotated[float, Field(gt=50, lt=100, allow_inf_nan=False)]


class RuleTable(BaseModel):
    """What every rule has. Subclasses add the keys that apply to them; their defaults are the rule's."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    enabled: bool = True
    severity: SeverityWord = Severity.WARNING


class ServiceDown(RuleTable):
    severity: SeverityWord = Severity.CRITICAL
    checks: Checks = 3


class ServiceDegraded(RuleTable):
    lasting: Span = Field(default=timedelta(minutes=10), alias="for")


class HighErrorRate(RuleTable):
    above_percent: Above = 10.0
    window: Window = timedelta(minutes=5)
    lasting: Span = Field(default=timedelta(minutes=5), alias="for")
    fewest: Fewest = 6


class SlowResponse(RuleTable):
    window: Window = timedelta(minutes=10)
    lasting: Span = Field(default=timedelta(minutes=10), alias="for")


class CircuitOpen(RuleTable):
    severity: SeverityWord = Severity.CRITICAL


class WebhookVerification(RuleTable):
    severity: SeverityWord = Severity.CRITICAL
    below_percent: Below = 90.0
    window: Window = timedelta(hours=1)
    lasting: Span = Field(default=timedelta(hours=1), alias="for")
    fewest: Fewest = 6


class WebhookSilent(RuleTable):
    pass


class QuotaHeadroom(RuleTable):
    above_percent: Above = 90.0
    lasting: Span = Field(default=timedelta(minutes=5), alias="for")


class ToolsChanged(RuleTable):
    severity: SeverityWord = Severity.INFO


class CertificateExpiry(RuleTable):
    days: Days = 14


class SloBurn(RuleTable):
    objective: Objective = 99.9
    fewest: Fewest = 3


class CollectorBlind(RuleTable):
    severity: SeverityWord = Severity.CRITICAL
    checks: Checks = 2


class DeliveryFailing(RuleTable):
    lasting: Span = Field(default=timedelta(minutes=5), alias="for")


class RuleTables(BaseModel):
    """A table for each rule: those of `[alerts]`, and those a service has of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    service_down: ServiceDown = ServiceDown()
    service_degraded: ServiceDegraded = ServiceDegraded()
    high_error_rate: HighErrorRate = HighErrorRate()
    slow_response: SlowResponse = SlowResponse()
    circuit_open: CircuitOpen = CircuitOpen()
    webhook_verification: WebhookVerification = WebhookVerification()
    webhook_silent: WebhookSilent = WebhookSilent()
    quota_headroom: QuotaHeadroom = QuotaHeadroom()
    tools_changed: ToolsChanged = ToolsChanged()
    certificate_expiry: CertificateExpiry = CertificateExpiry()
    slo_burn: SloBurn = SloBurn()
    collector_blind: CollectorBlind = CollectorBlind()
    delivery_failing: DeliveryFailing = DeliveryFailing()

    def of(self, rule: AlertRule) -> RuleTable:
        """The table of `rule`."""
        table = getattr(self, rule.value)
        assert isinstance(table, RuleTable)
        return table
