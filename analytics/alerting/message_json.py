"""A message as the JSON that the outbox keeps, and back: what one version wrote, the next one reads."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from analytics.alerting.messages import Action, Message
from analytics.model import Severity

_TIMES = ("at", "began_at", "ended_at")
_KNOWN = frozenset(field.name for field in fields(Message))


def message_json(message: Message) -> dict[str, Any]:
    """`message` as plain JSON values: times in ISO 8601 with their offset, tuples as lists."""
    data: dict[str, Any] = {name: getattr(message, name) for name in _KNOWN}
    for name in _TIMES:
        data[name] = None if data[name] is None else data[name].isoformat()
    return data | {
        "action": message.action.value,
        "severity": message.severity.value,
        "affected": list(message.affected),
    }


def message_from(data: Mapping[str, Any]) -> Message:
    """The message that `message_json` made `data` of; names that only a newer version knows are left out.

    ValueError says in one line what of it is missing or wrong.
    """
    try:
        known: dict[str, Any] = {name: value for name, value in data.items() if name in _KNOWN}
        for name in _TIMES:
            if known.get(name) is not None:
                known[name] = datetime.fromisoformat(known[name])
        known["action"] = Action(known["action"])
        known["severity"] = Severity(known["severity"])
        known["affected"] = tuple(known.get("affected", ()))
        return Message(**known)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the stored message cannot be read: {type(error).__name__}: {error}") from error
