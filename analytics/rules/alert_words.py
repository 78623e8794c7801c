"""The alert rules in the words of services.toml: what each can say, and a whole policy as rows, and back.

The rows are those of the table `alert_rules`: one for each rule with all it says, one for each service that
has settings of its own with what differs, `flapping`, and `recovery`. Durations are seconds.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from analytics.alerting import AlertPolicy, AlertRule, FlappingSettings, RuleSettings
from analytics.model import ServiceKey, ServiceType
from analytics.rules.alert_defaults import DEFAULTS
from analytics.rules.rule_changes import change_of, changed

_OF_ALL = ("enabled", "severity")

#: The keys of `[alerts.RULE]`, rule by rule.
WORDS: Mapping[AlertRule, tuple[str, ...]] = {
    AlertRule.SERVICE_DOWN: (*_OF_ALL, "checks"),
    AlertRule.SERVICE_DEGRADED: (*_OF_ALL, "for"),
    AlertRule.HIGH_ERROR_RATE: (*_OF_ALL, "above_percent", "window", "for", "fewest"),
    AlertRule.SLOW_RESPONSE: (*_OF_ALL, "window", "for"),
    AlertRule.CIRCUIT_OPEN: _OF_ALL,
    AlertRule.WEBHOOK_VERIFICATION: (*_OF_ALL, "below_percent", "window", "for", "fewest"),
    AlertRule.WEBHOOK_SILENT: _OF_ALL,
    AlertRule.QUOTA_HEADROOM: (*_OF_ALL, "above_percent", "for"),
    AlertRule.TOOLS_CHANGED: _OF_ALL,
    AlertRule.CERTIFICATE_EXPIRY: (*_OF_ALL, "days"),
    AlertRule.SLO_BURN: (*_OF_ALL, "objective", "fewest"),
    AlertRule.COLLECTOR_BLIND: (*_OF_ALL, "checks"),
    AlertRule.DELIVERY_FAILING: (*_OF_ALL, "for"),
}

#: Rules about the collector itself: no service has settings of its own for them.
OF_THE_COLLECTOR = frozenset({AlertRule.COLLECTOR_BLIND, AlertRule.DELIVERY_FAILING})

#: Rules about some types of service alone; what is not here fits all.
_OF_TYPES: Mapping[AlertRule, frozenset[ServiceType]] = {
    AlertRule.HIGH_ERROR_RATE: frozenset({ServiceType.API}),
    AlertRule.CIRCUIT_OPEN: frozenset({ServiceType.API}),
    AlertRule.QUOTA_HEADROOM: frozenset({ServiceType.API}),
    AlertRule.WEBHOOK_VERIFICATION: frozenset({ServiceType.WEBHOOK}),
    AlertRule.WEBHOOK_SILENT: frozenset({ServiceType.WEBHOOK}),
    AlertRule.SLOW_RESPONSE: frozenset(ServiceType) - {ServiceType.WEBHOOK},
    AlertRule.CERTIFICATE_EXPIRY: frozenset(ServiceType) - {ServiceType.WEBHOOK},
}

#: The keys of `[alerts.flapping]`.
FLAPPING_WORDS = ("within", "stable", "quiet_from", "told_after")

#: What stands in the column `rule` beside the rules.
FLAPPING, RECOVERY = "flapping", "recovery"


def types_of(rule: AlertRule) -> frozenset[ServiceType]:
    """The types of service that may have settings of their own for `rule`; none for one of the collector."""
    return frozenset() if rule in OF_THE_COLLECTOR else _OF_TYPES.get(rule, frozenset(ServiceType))


def rule_rows(policy: AlertPolicy) -> list[dict[str, Any]]:
    """`policy` as rows with rule, service_type, service_name (both None: all services) and settings (a dict).

    In a fixed order, so that the same policy gives the same rows.
    """
    rows = [
        _row(rule.value, None, change_of(WORDS[rule], policy.rules[rule]))
        for rule in AlertRule
        if rule in policy.rules
    ]
    rows += [_row(FLAPPING, None, flapping_words(policy.flapping))]
    rows += [_row(RECOVERY, None, {"checks": policy.recovery_checks})]
    own = sorted(policy.overrides.items(), key=lambda item: (item[0][0], list(AlertRule).index(item[0][1])))
    for (service, rule), settings in own:
        base = change_of(WORDS[rule], policy.rules.get(rule, DEFAULTS[rule]))
        said = change_of(WORDS[rule], settings)
        differing = {word: value for word, value in said.items() if value != base[word]}
        if differing:
            rows.append(_row(rule.value, service, differing))
    return rows


def policy_of_rows(rows: Iterable[Mapping[str, Any]]) -> AlertPolicy:
    """The policy that `rule_rows` made `rows` of; `settings` may be JSON text, as a file has them.

    What is missing is as it is by default. A row or setting that cannot be understood (a later version wrote
    it, or somebody by hand) is left out: it must not keep all others from being read.
    """
    common: dict[AlertRule, Mapping[str, Any]] = {}
    own: dict[tuple[ServiceKey, AlertRule], Mapping[str, Any]] = {}
    policy = AlertPolicy({})
    for row in rows:
        name, settings = row.get("rule"), _settings(row.get("settings"))
        place = _place(row)
        if name == FLAPPING:
            policy = replace(policy, flapping=flapping_of(settings, policy.flapping))
        elif name == RECOVERY:
            policy = replace(policy, recovery_checks=_count(settings.get("checks"), policy.recovery_checks))
        elif name in list(AlertRule) and place is None:
            common[AlertRule(name)] = settings
        elif name in list(AlertRule) and isinstance(place, ServiceKey):
            own[place, AlertRule(name)] = settings
    rules = {rule: _with_words(rule, base, common.get(rule, {})) for rule, base in DEFAULTS.items()}
    overrides = {
        (service, rule): _with_words(rule, rules[rule], said) for (service, rule), said in own.items() if said
    }
    return replace(policy, rules=rules, overrides=overrides)


def flapping_words(flapping: FlappingSettings) -> dict[str, Any]:
    """`flapping` in the words of `[alerts.flapping]`, durations in seconds."""
    return {
        "within": _seconds(flapping.within),
        "stable": [_seconds(one) for one in flapping.stable],
        "quiet_from": flapping.quiet_from,
        "told_after": _seconds(flapping.told_after),
    }


def flapping_of(words: Mapping[str, Any], base: FlappingSettings) -> FlappingSettings:
    """`base` with what `words` say and can be understood; the inverse of `flapping_words`."""
    said = words.get("stable")
    stable = [_span(one) for one in said] if isinstance(said, list) else []
    return FlappingSettings(
        within=_span(words.get("within")) or base.within,
        stable=tuple(one for one in stable if one) if stable and all(stable) else base.stable,
        quiet_from=_count(words.get("quiet_from"), base.quiet_from),
        told_after=_span(words.get("told_after")) or base.told_after,
    )


def _with_words(rule: AlertRule, base: RuleSettings, said: Mapping[str, Any]) -> RuleSettings:
    return changed(base, {word: value for word, value in said.items() if word in WORDS[rule]})


def _row(rule: str, service: ServiceKey | None, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule": rule,
        "service_type": None if service is None else service.service_type.value,
        "service_name": None if service is None else service.service_name,
        "settings": settings,
    }


def _place(row: Mapping[str, Any]) -> ServiceKey | str | None:
    """The service of `row`, None for all, text when nobody knows."""
    service_type, name = row.get("service_type"), row.get("service_name")
    if service_type is None and name is None:
        return None
    if service_type in list(ServiceType) and isinstance(name, str):
        return ServiceKey(ServiceType(service_type), name)
    return "unknown"


def _settings(said: Any) -> Mapping[str, Any]:
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except ValueError:
            return {}
    return said if isinstance(said, Mapping) else {}


def _seconds(duration: timedelta) -> float | int:
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _span(said: Any) -> timedelta | None:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or said <= 0:
        return None
    try:
        return timedelta(seconds=said)
    except OverflowError:
        return None


def _count(said: Any, otherwise: int) -> int:
    return said if type(said) is int and said > 0 else otherwise
