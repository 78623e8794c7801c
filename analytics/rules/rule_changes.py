"""Settings of alert rules that people changed while the collector ran: what holds when all is taken together.

From weak to strong: the rule in services.toml, a change of the rule, what a service has of its own in
services.toml, a change for that service. A change says single settings, in the words of services.toml, with
durations in seconds. What it does not say stays as it is.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.model import ServiceKey, Severity

#: The words of services.toml and the settings they are.
FIELDS: Mapping[str, str] = {
    "enabled": "enabled",
    "severity": "severity",
    "checks": "checks",
    "for": "lasting",
    "window": "window",
    "above_percent": "limit",
    "below_percent": "limit",
    "days": "limit",
    "fewest": "fewest",
    "objective": "objective",
}


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What somebody changed of a rule, for one service or (None) for all; empty `settings` take it back."""

    rule: AlertRule
    service: ServiceKey | None
    settings: Mapping[str, Any]
    at: datetime
    author: str
    note: str = ""


def with_changes(policy: AlertPolicy, changes: Iterable[RuleChange]) -> AlertPolicy:
    """`policy`, the one of services.toml, with `changes`: of several of a rule and service the last.

    A setting that cannot be understood (somebody wrote into the table) is left out: it must not keep
    all others from being judged.
    """
    told = {(change.service, change.rule): change.settings for change in changes}
    if not any(told.values()):
        return policy
    rules = {rule: changed(settings, told.get((None, rule), {})) for rule, settings in policy.rules.items()}
    told_services = (
        (service, rule) for (service, rule), said in told.items() if service is not None and said
    )
    places = {*policy.overrides, *told_services}
    overrides = {
        (service, rule): changed(_inherited(policy, rules, service, rule), told.get((service, rule), {}))
        for service, rule in places
        if rule in rules
    }
    return replace(policy, rules=rules, overrides=overrides)


def changed(settings: RuleSettings, change: Mapping[str, Any]) -> RuleSettings:
    """`settings` with those that `change` names, in the words of services.toml and seconds."""
    values = {}
    for word, value in change.items():
        try:
            values[FIELDS[word]] = _value(FIELDS[word], value)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    return replace(settings, **values)


def change_of(words: Iterable[str], settings: RuleSettings) -> dict[str, Any]:
    """What `settings` say for `words` of services.toml, in the form a `RuleChange` has (JSON, seconds)."""
    return {word: _plain(getattr(settings, FIELDS[word])) for word in words}


def _inherited(
    policy: AlertPolicy, rules: Mapping[AlertRule, RuleSettings], service: ServiceKey, rule: AlertRule
) -> RuleSettings:
    """The rule as it is now, with what the service has of its own in services.toml.

    Own is what differs from the rule there: an override that was read holds all settings.
    """
    own, common = policy.overrides.get((service, rule)), policy.rules[rule]
    if own is None:
        return rules[rule]
    differing = {
        name: value
        for name in (field.name for field in fields(RuleSettings))
        if (value := getattr(own, name)) != getattr(common, name)
    }
    return replace(rules[rule], **differing)


def _value(name: str, value: Any) -> Any:
    if name == "enabled":
        return _exactly(bool, value)
    if name == "severity":
        return Severity(value)
    if name in ("checks", "fewest"):
        return _exactly(int, value)
    number = _exactly(float, float(value) if type(value) is int else value)
    return timedelta(seconds=number) if name in ("lasting", "window") else number


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.value if isinstance(value, Severity) else value
