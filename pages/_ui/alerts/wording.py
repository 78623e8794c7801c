"""Alert rules in plain words: what they are for, and what can be set. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from analytics.alerting import AlertRule, RuleSettings
from analytics.rules.alert_words import WORDS
from analytics.rules.rule_changes import change_of
from pages._ui.rule_words import UNITS, duration

#: What each rule is about, in a sentence or two.
ABOUT: Mapping[AlertRule, str] = MappingProxyType(
    {
        AlertRule.SERVICE_DOWN: "A service is down in several checks in a row: it does not answer, or "
        "not as it must. Every attempt or call that failed counts as a check.",
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


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a rule: its word in services.toml, how it is called, its value and that in words."""

    word: str
    label: str
    value: Any
    said: str


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


def written(word: str, value: Any) -> str:
    """A value as one writes it into a field: `10m`, `12.5`."""
    if word not in DURATIONS:
        return f"{value:.15g}" if isinstance(value, int | float) else str(value)
    for size, _, unit in UNITS:
        if value and value % size == 0:
            return f"{value / size:g}{unit}"
    return f"{value:g}s"
