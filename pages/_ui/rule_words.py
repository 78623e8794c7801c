"""Alert rules in a few words: how they are called, and when they fire. Pure text, not yet escaped."""

import re

from analytics.alerting import AlertRule, RuleSettings

#: Units of durations from large to small: seconds, in a sentence, in services.toml.
UNITS = ((86_400, "d", "d"), (3_600, "h", "h"), (60, "min", "m"))

#: What is not a word of its own there, such as a part of a name, stays as it is.
_RULES = re.compile(rf"(?<![\w/.-])(?:{'|'.join(AlertRule)})(?![\w/.-])")


def rule_name(rule: str) -> str:
    """How people call a rule: `Service down`, `SLO burn`; one this version does not know as it is spelt."""
    said = rule.replace("_", " ").strip().capitalize()
    return "SLO" + said[3:] if rule == AlertRule.SLO_BURN else said


def with_rule_names(text: str) -> str:
    """`text` of the collector with its rules called as people call them: `rule service_down` reads `rule
    Service down`."""
    return _RULES.sub(lambda found: rule_name(found[0]), text)


def duration(seconds: float) -> str:
    """So many seconds in the largest unit that needs no fraction: `10 min`, `90 s`."""
    for size, unit, _ in UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def when(rule: AlertRule, settings: RuleSettings) -> str:
    """When a rule fires."""
    limit = f"{settings.limit:g} %"
    window, lasting = duration(settings.window.total_seconds()), duration(settings.lasting.total_seconds())
    during = f", for {lasting}" if settings.lasting else ""
    enough = f", at least {settings.fewest:,} of them" if settings.fewest else ""
    return {
        AlertRule.SERVICE_DOWN: f"down in {_checks(settings.checks)}",
        AlertRule.SERVICE_DEGRADED: f"degraded for {lasting}",
        AlertRule.HIGH_ERROR_RATE: f"over {limit} of the calls of {window} fail{enough}{during}",
        AlertRule.SLOW_RESPONSE: f"the P95 of {window} is over its limit{during}",
        AlertRule.CIRCUIT_OPEN: "a program's circuit breaker opens",
        AlertRule.WEBHOOK_VERIFICATION: f"under {limit} of the deliveries of {window} verify{enough}{during}",
        AlertRule.WEBHOOK_SILENT: "it is silent much longer than usual",
        AlertRule.QUOTA_HEADROOM: f"over {limit} of a quota is used{during}",
        AlertRule.TOOLS_CHANGED: "its tools change",
        AlertRule.CERTIFICATE_EXPIRY: f"its certificate ends within {settings.limit:g} days",
        AlertRule.SLO_BURN: f"the error budget of {settings.objective:g} % is spent too fast",
        AlertRule.COLLECTOR_BLIND: f"nothing can be reached in {_checks(settings.checks)}",
        AlertRule.DELIVERY_FAILING: f"a channel takes nothing for {lasting}",
    }[rule]


def _checks(count: int) -> str:
    return "one check" if count == 1 else f"{count} checks in a row"
