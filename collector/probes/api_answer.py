"""Reading answers of APIs that may hold anything: members, numbers and sentences. Pure functions."""

import math
import re
from collections.abc import Mapping
from typing import Any

from analytics.model import Finding, Reason
from collector.probes.base import ProbeFailure
from collector.probes.http_fetch import Fetched
from collector.probes.http_status import judge_status
from collector.probes.http_url import shown_url
from collector.secrets import MASK

#: The longest sentence taken over from an answer, and how many times as much is looked through for it.
_LONGEST, _LOOKED_THROUGH = 200, 5
#: Of a list of errors: a broken server may send a mebibyte of them.
MOST_ERRORS = 10

_WORD = re.compile(r"[^\s<>\"'(]+")
#: Within one word, from its beginning: a pattern that may begin anywhere takes time with the square of it.
_EMAIL = re.compile(r"\A.+@[\w.-]+\w")
#: Tokens of OpenAI, Shopify and Google, bearer tokens, and JWTs; also when half of one is starred out.
_TOKEN = re.compile(
    r"\b(?:sk-|shp[a-z]{2}_|ya29\.)[\w*.~+/=-]+|(?i:\bbearer )\s*\S+|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"
)


def member(value: Any, *names: str) -> Any:
    """What stands under `names`, one within the other; None when it is not there."""
    for name in names:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text(value: Any, longest: int = _LONGEST) -> str:
    """`value` when it is text, on one line, shortened, without e-mail addresses and tokens; otherwise ''."""
    if not isinstance(value, str):
        return ""
    shown = _WORD.sub(_without_address, value[: _LOOKED_THROUGH * longest])
    shown = _TOKEN.sub(MASK, shown)
    line = " ".join("".join(c if c.isprintable() else " " for c in shown).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _without_address(word: re.Match[str]) -> str:
    return _EMAIL.sub("(an e-mail address)", word[0]) if "@" in word[0] else word[0]


def number(value: Any) -> float | None:
    """`value` when it is a finite number; JSON may hold larger ones than a float can."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def grouped(value: float) -> str:
    """A figure for people: 1988.0 → "1,988"."""
    return f"{value:,.0f}"


def said(message: str, more: str) -> str:
    """`message`, and what the other side said about it when it said anything."""
    return f"{message}: {more}" if more else message


def without(secret: str, value: Any) -> Any:
    """`value` with `secret` masked in every text of it."""
    if not secret:
        return value
    if isinstance(value, str):
        return value.replace(secret, MASK)
    if isinstance(value, Mapping):
        return {key: without(secret, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without(secret, item) for item in value]
    return value


def json_object(fetched: Fetched, hint: str) -> dict[str, Any]:
    """The JSON object in an answer. Raises `ProbeFailure`, which says what came instead, and `hint`."""
    if fetched.truncated:
        raise ProbeFailure(Reason.PROTOCOL, f"the answer is longer than a mebibyte; {hint}")
    try:
        value = fetched.json()
    except ProbeFailure as failure:
        raise ProbeFailure(failure.reason, f"{failure.message}; {hint}") from None
    if not isinstance(value, dict):
        raise ProbeFailure(Reason.PROTOCOL, f"the answer is JSON, but no object; {hint}")
    return value


def error_object(fetched: Fetched) -> dict[str, Any]:
    """The JSON object of an answer that refuses; empty when it holds none."""
    try:
        return json_object(fetched, "")
    except ProbeFailure:
        return {}


def by_status(fetched: Fetched, more: str = "") -> Finding:
    """What the status of an answer that is not 2xx says by itself; `more` is what its body said."""
    reason, message = judge_status(fetched.status)
    if reason is Reason.OK:
        return Finding(True, reason, message)
    place = text(shown_url(fetched.headers.get("location", "")))
    if 300 <= fetched.status < 400 and place.startswith(("http://", "https://")):
        return Finding(False, Reason.PROTOCOL, f"answered {fetched.status}: it has moved to {place}")
    return Finding(False, reason, said(message, more))
