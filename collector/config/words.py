"""Small pieces of the sentences people read about a wrong file."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from collector.secrets import MASK, Redactor

_CREDENTIAL = re.compile(r"(?i)token|key|passw|pwd|secret|auth|cookie|signature")
_MAY_HOLD_SECRETS = re.compile(r"(?i)credential|^(headers|dsn|body|arguments|args|env)$")
_LOGIN = re.compile(r"(?<=://).*(?=@)", re.DOTALL)
_LONGEST_SHOWN = 60


def is_secret(key: str | int) -> bool:
    """Whether the value of `key`, and everything below it, is never shown."""
    return is_credential(key) or (isinstance(key, str) and _MAY_HOLD_SECRETS.search(key) is not None)


def is_credential(key: str | int) -> bool:
    """Whether the value of `key` is a secret by itself."""
    return isinstance(key, str) and _CREDENTIAL.search(key) is not None


def shown(value: Any, hidden: bool = False) -> str:
    """`value` as a fault names it: short, on one line, without login or password."""
    if hidden:
        return "the value"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        masked = Redactor().mask(_LOGIN.sub(MASK, value))
        short = masked if len(masked) <= _LONGEST_SHOWN else masked[:_LONGEST_SHOWN] + "…"
        return json.dumps(short, ensure_ascii=not short.isprintable())
    if value is None:
        return "null"
    if isinstance(value, date | time):
        return value.isoformat()
    return _number(value)


def _number(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**18:
        return "a number that large"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return str(value)


def quoted(name: str) -> str:
    """`name` in quotes, on one line."""
    return shown(name)


def and_listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
