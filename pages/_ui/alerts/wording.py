"""Alert rules in plain words: their names, what they are for, when they fire, what can be set. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from analytics.alerting import AlertRule, RuleSettings
from analytics.rules.alert_words import WORDS
from analytics.rules.rule_changes import change_of

#: What each rule is about, in a sentence or two.
ABOUT: Mapping[AlertRule, str] = MappingProxyType(
    {
        AlertRule.SERVICE_DOWN: "A service is down in several checks in a row: it does not answer, or "
        "not as it must.",
        AlertRule.SERVICE_DEGRADED: "A service answers, but slower or less reliably than its limits allow.",
        AlertRule.HIGH_ERROR_RATE: "Too many of the calls that programs really make to an API fail.",
        AlertRule.SLOW_RESPONSE: "The slowest of twenty answers takes longer than the service's limit.",
        AlertRule.CIRCUIT_OPEN: "A program has stopped calling an API: its circuit breaker is open.",
        AlertRule.WEBHOOK_VERIFICATION: "Deliveries of a webhook do not verify: the secret was changed, or "
        "somebody tries to forge them.",
        AlertRule.WEBHOOK_SILENT: "A source of webhooks is silent much longer than it usually is.",
        AlertRule.QUOTA_HEADROOM: "A quota of an API is nearly used up.",
        AlertRule.TOOLS_CHANGED: "An MCP server offers other tools than before, or takes other arguments.",
        AlertRule.CERTIFICATE_EXPIRY: "A certificate ends soon.",
        AlertRule.SLO_BURN: "A service spends the error budget of its objective faster than it may.",
        AlertRule.COLLECTOR_BLIND: "Everything fails at once: that is the collector's own network, "
        "not the services.",
        AlertRule.DELIVERY_FAILING: "A channel does not take messages: people may not have been told.",
    }
)

#: How settings are called where they are changed.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "enabled": "Switched on",
        "severity": "Severity",
        "checks": "Checks in a row",
        "for": "For at least",
        "window": "Measured over",
        "above_percent": "Above, in %",
        "below_percent": "Below, in %",
        "days": "Days before it ends",
        "fewest": "At least so many bad ones",
        "objective": "Objective, in %",
    }
)

DURATIONS = frozenset({"for", "window"})

_UNITS = ((86_400, "d", "d"), (3_600, "h", "h"), (60, "min", "m"))


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a rule: its word in services.toml, how it is called, its value and that in words."""

    word: str
    label: str
    value: Any
    said: str


def rule_name(rule: str) -> str:
    """How people call a rule: `Service down`, `SLO burn`; one this version does not know as it is spelt."""
    said = rule.replace("_", " ").strip().capitalize()
    return "SLO" + said[3:] if rule == AlertRule.SLO_BURN else said


def settings_of(rule: AlertRule, settings: RuleSettings) -> tuple[Setting, ...]:
    """What can be set of `rule`, as `settings` have it."""
    return tuple(
        Setting(word, LABELS[word], value, value_in_words(word, value))
        for word, value in change_of(WORDS[rule], settings).items()
    )


def value_in_words(word: str, value: Any) -> str:
    """A value with its unit: `10 min`, `12.5 %`, `Critical`; durations are seconds, and never rounded."""
    if word in DURATIONS:
        return duration(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if word == "severity":
        return str(value).capitalize()
    if word.endswith("_percent") or word == "objective":
        return f"{value:.15g} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:.15g}"


def duration(seconds: float) -> str:
    """So many seconds in the largest unit that needs no fraction: `10 min`, `90 s`."""
    for size, unit, _ in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def written(word: str, value: Any) -> str:
    """A value as one writes it into a field: `10m`, `12.5`."""
    if word not in DURATIONS:
        return f"{value:.15g}" if isinstance(value, int | float) else str(value)
    for size, _, unit in _UNITS:
        if value and value % size == 0:
            return f"{value / size:g}{unit}"
    return f"{value:g}s"


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
        AlertRule.WEBHOOK_VERIFICATION: f"under {limit} of the deliveries of {window} verify{during}",
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
