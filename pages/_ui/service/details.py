"""What a probe found out, as names and values that people can read. HTML, safe as it is."""

import json
from html import escape
from typing import Any

from pages._ui import words
from pages._ui.service.phases import WORDS

#: What is deeper, longer or more than this is cut: it is a page for people.
_DEEPEST = 4
_MOST = 60
_LONGEST = 600


def listed(text: str) -> str:
    """The JSON `text` of one check as a list of names and values; what is no JSON object is said to be so."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return '<p class="soft">What this check stored beside its message cannot be read.</p>'
    if not isinstance(found, dict) or not found:
        return '<p class="soft">This check stored nothing beside its message.</p>'
    return _pairs(found, 1)


def _pairs(found: dict[str, Any], depth: int) -> str:
    shown = list(found.items())[:_MOST]
    rows = "".join(
        f"<div><dt>{escape(_name(name))}</dt><dd>{_value(name, value, depth)}</dd></div>"
        for name, value in shown
    )
    more = f"<div><dt>…</dt><dd>{len(found) - _MOST} more</dd></div>" if len(found) > _MOST else ""
    return f'<dl class="pairs">{rows}{more}</dl>'


def _name(name: str) -> str:
    return "Phases" if name == "steps_ms" else name


def _value(name: str, value: Any, depth: int) -> str:
    if isinstance(value, dict) and name == "steps_ms":
        return _phases(value)
    if isinstance(value, dict) and depth < _DEEPEST and value:
        return _pairs(value, depth + 1)
    if isinstance(value, list) and all(not isinstance(one, dict | list) for one in value):
        return escape(_cut(", ".join(_plain(one) for one in value[:_MOST])) or "none")
    if isinstance(value, dict | list):
        return f"<code>{escape(_cut(json.dumps(value, ensure_ascii=False)))}</code>"
    return escape(_cut(_plain(value)))


def _phases(found: dict[str, Any]) -> str:
    return " · ".join(
        f"{escape(WORDS.get(name, name))} {_time(value)}" for name, value in list(found.items())[:_MOST]
    )


def _time(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return escape(words.milliseconds(value))
    return escape(_cut(_plain(value)))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
