"""What is different between two sets of alert rules and limits, in the words they are written in."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from analytics.alerting import AlertPolicy
from analytics.model import Policy, ServiceKey
from analytics.rules.alert_words import RECOVERY, rule_rows

#: The limits of a service that can be changed: fields of `Policy`.
LIMITS = (
    "healthy_ms",
    "down_ms",
    "sure_after",
    "stale_after",
    "healthy_above_percent",
    "down_below_percent",
)

_DURATIONS = frozenset({"for", "window", "within", "stable", "told_after", "stale_after"})


def differences(
    before: AlertPolicy,
    after: AlertPolicy,
    limits: Mapping[ServiceKey, Policy],
    changed: Mapping[ServiceKey, Policy],
) -> Iterator[str]:
    """One line for each setting that is another one in `after` and `changed`, with what it was."""
    old, new = _written(before, limits), _written(after, changed)
    for path in {**new, **old}:
        was, value = (written.get(path, _inherited(path, written)) for written in (old, new))
        if value != was:
            word = path.rpartition(".")[2]
            yield f"{path}={_shown(word, value)} (was {_shown(word, was)})"


def _inherited(path: str, written: Mapping[str, Any]) -> Any:
    """What held for a service that had nothing of its own."""
    return written.get(path[path.index("alerts.") :]) if "alerts." in path else None


def _written(policy: AlertPolicy, limits: Mapping[ServiceKey, Policy]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rule_rows(policy):
        own = "" if row["service_type"] is None else f"services.{row['service_type']}/{row['service_name']}."
        for word, value in row["settings"].items():
            path = "alerts.recovery_checks" if row["rule"] == RECOVERY else f"alerts.{row['rule']}.{word}"
            found[f"{own}{path}"] = value
    for key, limit in limits.items():
        for word in LIMITS:
            value = getattr(limit, word)
            seconds = value.total_seconds() if isinstance(value, timedelta) else value
            found[f"services.{key}.{word}"] = seconds
    return found


def _shown(word: str, value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_shown(word, one) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    if word in _DURATIONS:
        return _duration(value)
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)


def _duration(seconds: float) -> str:
    """In the largest unit that needs no fraction: `5m`, `90s`."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
