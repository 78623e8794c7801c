"""The alert rules of a services.toml that is not in force, and what it says of the limits of services."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics.alerting import AlertPolicy
from analytics.model import Policy, ServiceKey
from analytics.replay.setting_differences import LIMITS
from analytics.replay.settings import WrongSettings, changed_settings
from analytics.rules.alert_defaults import default_policy

#: What `[alerts]` says beside rules; it changes where links lead, and nothing else.
_OF_MESSAGES = ("runbooks", "dashboard")
_LARGEST = 1_000_000
_OF_SERVICES = (*LIMITS, "slo", "alerts")


def read_rules(
    path: Path, limits: Mapping[ServiceKey, Policy]
) -> tuple[AlertPolicy, Mapping[ServiceKey, Policy]]:
    """The alert rules that the services.toml at `path` sets up, and `limits` with what it says of them.

    A rule that it does not name is as by default; a limit that it does not name stays. Services that have no
    `limits` are passed over. Raises `WrongSettings` with a line for everything that is wrong.
    """
    try:
        table = tomllib.loads(_text(path))
    except (OSError, ValueError, RecursionError) as error:
        raise WrongSettings(
            [f"{path}: cannot be read: {_why(error)}; write it like services.toml"]
        ) from error
    alerts = table.get("alerts", {})
    if not isinstance(alerts, Mapping):
        raise WrongSettings([f"{path}: alerts is no table; write it as [alerts]"])
    services = table.get("services", [])
    if not isinstance(services, list) or not all(isinstance(one, Mapping) for one in services):
        raise WrongSettings([f"{path}: services is no list of tables; write each as [[services]]"])
    settings = {
        "alerts": {name: value for name, value in alerts.items() if name not in _OF_MESSAGES},
        "services": _of_services(services, limits),
    }
    try:
        changed = changed_settings(default_policy(), limits, settings)
    except WrongSettings as wrong:
        raise WrongSettings([f"{path}: {fault}" for fault in wrong.faults]) from wrong
    except RecursionError as error:
        raise WrongSettings([f"{path}: {_why(error)}; write it like services.toml"]) from error
    return changed.policy, changed.limits


def _text(path: Path) -> str:
    """What is in it; a device may have no end."""
    with path.open("rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("it is larger than 1 MB")
    return content.decode("utf-8")


def _of_services(
    services: list[Mapping[str, Any]], limits: Mapping[ServiceKey, Policy]
) -> dict[str, dict[str, Any]]:
    known = {str(key) for key in limits}
    found = {}
    for service in services:
        name = f"{service.get('type')}/{service.get('name')}"
        if name in known:
            found[name] = {word: value for word, value in service.items() if word in _OF_SERVICES}
    return found


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "its values are nested too deeply"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    # What Python says of a number of thousands of digits is for programmers.
    return "a number in it has too many digits" if "digits" in str(error) else str(error)
