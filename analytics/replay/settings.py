"""Other settings to replay with, as people write them: `alerts.service_down.checks=5`.

    alerts.RULE.SETTING                        a setting of [alerts.RULE] of services.toml
    alerts.flapping.SETTING, alerts.recovery_checks
    services.TYPE/NAME.LIMIT                   healthy_ms, down_ms, sure_after, … of one service
    services.TYPE/NAME.slo                     what it promises, in percent
    services.TYPE/NAME.alerts.RULE.SETTING     what the service has of its own

Durations are "5m", "1h", "7d" or seconds. What is said of a rule holds for every service but those that have
the setting of their own. The later of two words beats the earlier.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.alerting import AlertPolicy, AlertRule, FlappingSettings
from analytics.model import Policy, ServiceKey
from analytics.replay.setting_differences import LIMITS, differences
from analytics.rules.alert_values import value_of
from analytics.rules.alert_words import (
    FLAPPING,
    FLAPPING_WORDS,
    OF_THE_COLLECTOR,
    WORDS,
    flapping_of,
    flapping_words,
    types_of,
)
from analytics.rules.rule_changes import RuleChange, with_changes
from analytics.rules.wording import did_you_mean, listed

_RECOVERY = "recovery_checks"
_SLO = "slo"
_LONGEST_SHOWN = 100
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class WrongSettings(ValueError):
    """Settings that cannot be replayed with; `faults` has one line for each thing that is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Changed:
    """Rules and limits with what was said, and a line for each setting that is another one now."""

    policy: AlertPolicy
    limits: Mapping[ServiceKey, Policy]
    said: tuple[str, ...] = ()


@dataclass
class _Draft:
    """What the words say, sorted by what it is about."""

    services: Mapping[str, ServiceKey]
    rules: dict[tuple[AlertRule, ServiceKey | None], dict[str, Any]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    limits: dict[ServiceKey, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    flapping: dict[str, Any] = field(default_factory=dict)
    recovery_checks: int | None = None


def changed_settings(
    policy: AlertPolicy,
    limits: Mapping[ServiceKey, Policy],
    settings: Sequence[str] | Mapping[str, Any],
) -> Changed:
    """`policy` and `limits` with `settings`: words `path=value`, or a mapping of paths (nested as you like).

    Raises `WrongSettings` with a line for everything that is wrong: where, what, and what would be right.
    """
    faults: list[str] = []
    draft = _Draft({str(key): key for key in limits})
    for path, value in _said(settings, faults):
        try:
            _put(draft, path, value)
        except ValueError as error:
            faults.append(f"{_place(path, value)}: {error}")
    changed_limits = dict(limits)
    for key, said in draft.limits.items():
        changed_limits[key] = _with_limits(limits[key], said)
        faults += _crossed(key, changed_limits[key])
    if faults:
        raise WrongSettings(faults)
    after = _with_rules(policy, draft)
    return Changed(after, changed_limits, tuple(differences(policy, after, limits, changed_limits)))


def _said(settings: Sequence[str] | Mapping[str, Any], faults: list[str]) -> Iterator[tuple[str, Any]]:
    if isinstance(settings, Mapping):
        yield from _flat("", settings)
        return
    for word in [settings] if isinstance(settings, str) else settings:
        path, equals, value = word.partition("=")
        if equals:
            yield path.strip(), value.strip()
        else:
            faults.append(f'"{word}": has no value; write it like alerts.service_down.checks=5')


def _place(path: str, value: Any) -> str:
    """Where a fault is, on one line: what was written, cut where it is long."""
    written = " ".join(f"{path}={value}".split())
    return written if len(written) <= _LONGEST_SHOWN else written[: _LONGEST_SHOWN - 1] + "…"


def _flat(path: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        place = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping):
            yield from _flat(place, value)
        else:
            yield place, value


def _put(draft: _Draft, path: str, value: Any) -> None:
    """Raises ValueError with what is wrong of `path` or `value`, as the rest of a sentence."""
    first, _, rest = path.partition(".")
    if first == "alerts":
        _put_alerts(draft, None, rest, value)
    elif first == "services":
        _put_service(draft, rest, value)
    else:
        hint = did_you_mean(first, ("alerts", "services"))
        raise ValueError(
            f"is no setting; {hint}write alerts.RULE.SETTING=value or services.TYPE/NAME.LIMIT=value"
        )


def _put_alerts(draft: _Draft, service: ServiceKey | None, path: str, value: Any) -> None:
    name, _, word = path.partition(".")
    if service is None and path == _RECOVERY:
        draft.recovery_checks = value_of(_RECOVERY, value)
    elif service is None and name == FLAPPING:
        setting = _one_of(word, FLAPPING_WORDS, f"setting of {FLAPPING}")
        draft.flapping[setting] = value_of(setting, value)
    else:
        own = () if service is not None else (FLAPPING, _RECOVERY)
        rule = AlertRule(_one_of(name, [*(rule.value for rule in AlertRule), *own], "alert rule"))
        if service is not None and rule in OF_THE_COLLECTOR:
            raise ValueError(f"is about the collector itself; write alerts.{rule}.SETTING=value")
        if service is not None and service.service_type not in types_of(rule):
            raise ValueError(f'is no rule for services of type "{service.service_type}"; take it out')
        setting = _one_of(word, WORDS[rule], f"setting of {rule}")
        draft.rules[rule, service][setting] = value_of(setting, value)


def _put_service(draft: _Draft, path: str, value: Any) -> None:
    name, word = _service_and_rest(draft, path)
    service = draft.services[name]
    if word.startswith("alerts."):
        _put_alerts(draft, service, word.removeprefix("alerts."), value)
    elif word == _SLO:
        draft.rules[AlertRule.SLO_BURN, service]["objective"] = value_of(_SLO, value)
    else:
        known = _one_of(word, LIMITS, "limit of a service", (_SLO, "alerts.RULE.SETTING"))
        draft.limits[service][known] = value_of(known, value)


def _service_and_rest(draft: _Draft, path: str) -> tuple[str, str]:
    """The service that `path` begins with; names may have dots, so the longest that fits."""
    fitting = [name for name in draft.services if path.startswith(f"{name}.") or path == name]
    if fitting:
        name = max(fitting, key=len)
        return name, path[len(name) + 1 :]
    name = path.split(".")[0]
    hint = did_you_mean(name, draft.services)
    what = f'"{name}" is no service that is monitored' if name else "names no service"
    raise ValueError(f"{what}; {hint}{_known(draft)}")


def _known(draft: _Draft) -> str:
    return f"known: {', '.join(sorted(draft.services))}" if draft.services else "the file names none"


def _one_of(word: str, known: Sequence[str], noun: str, more: Sequence[str] = ()) -> str:
    if word in known:
        return word
    hint = did_you_mean(word, known) if word else ""
    what = f'"{word}" is no {noun}' if word else f"names no {noun}"
    raise ValueError(f"{what}; {hint}write {listed([*known, *more])}")


def _with_limits(limits: Policy, said: Mapping[str, Any]) -> Policy:
    values: dict[str, Any] = {
        word: timedelta(seconds=value) if word == "stale_after" else value for word, value in said.items()
    }
    changed = replace(limits, **values)
    # As in services.toml: whoever allows more than the down limit, and says nothing of it, moves it too.
    return (
        changed if "down_ms" in said else replace(changed, down_ms=max(changed.down_ms, changed.healthy_ms))
    )


def _crossed(key: ServiceKey, limits: Policy) -> Iterator[str]:
    """What cannot hold at once."""
    if limits.down_ms < limits.healthy_ms:
        yield (
            f"services.{key}.down_ms: {limits.down_ms:g} is less than healthy_ms, which is "
            f"{limits.healthy_ms:g}; set healthy_ms too"
        )
    if limits.healthy_above_percent < limits.down_below_percent:
        yield (
            f"services.{key}.healthy_above_percent: {limits.healthy_above_percent:g} is less than "
            f"down_below_percent, which is {limits.down_below_percent:g}; set both"
        )


def _with_rules(policy: AlertPolicy, draft: _Draft) -> AlertPolicy:
    changes = [
        RuleChange(rule, service, said, _LONG_AGO, "replay") for (rule, service), said in draft.rules.items()
    ]
    after = with_changes(policy, changes)
    flapping: FlappingSettings = policy.flapping
    if draft.flapping:
        flapping = flapping_of({**flapping_words(flapping), **draft.flapping}, flapping)
    recovery = policy.recovery_checks if draft.recovery_checks is None else draft.recovery_checks
    return replace(after, flapping=flapping, recovery_checks=recovery)
