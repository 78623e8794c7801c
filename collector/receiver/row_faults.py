"""The one place where pydantic's errors about a row become our sentences."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from collector.receiver.row_shapes import Shape

_PATTERNS = {
    "id": "is no UUID; write 36 characters like 0198c0de-7abc-7def-8123-456789abcdef",
    "timestamp": "is no time of RFC 3339 with zone; write it like 2026-11-24T09:30:00Z",
    "quota_reset_at": "is no time of RFC 3339 with zone; write it like 2026-11-24T09:30:00Z",
    "api_name": "is no name; use a-z, 0-9, dot, dash and underscore, at most 100, a letter or digit first",
    "source": "is no name; use a-z, 0-9, dot, dash and underscore, at most 100, a letter or digit first",
    "method": "is no HTTP method; write one word of at most 16 characters, like GET",
    "reason": "is no word of 1 to 50 characters of a-z, 0-9 and underscore",
    "old_state": "is no state of a circuit breaker; write closed, open or half_open",
    "new_state": "is no state of a circuit breaker; write closed, open or half_open",
}
_TYPES = {
    "string_type": "is no text",
    "int_type": "is no whole number",
    "int_from_float": "is no whole number",
    "float_type": "is no number",
    "finite_number": "is no finite number",
    "bool_type": "is neither true, false nor null",
    "missing": "is missing; every row needs it",
}
#: Of one row; whoever gets so many wrong sees the point.
_MOST_A_ROW = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: its place in the request, the column (None: all of it), and why, in words.

    `index` counts from 0: the elements of an array, the lines of NDJSON. No value is repeated.
    """

    index: int
    field: str | None
    reason: str


def faults_of(index: int, error: ValidationError, shape: Shape) -> list[Fault]:
    """What `error` says about the row at `index`."""
    found = error.errors(include_url=False, include_input=False)
    return [_fault(index, details, shape) for details in found[:_MOST_A_ROW]]


def _fault(index: int, details: ErrorDetails, shape: Shape) -> Fault:
    kind, place = details["type"], details["loc"]
    if kind == "json_invalid":
        why = str(details.get("ctx", {}).get("error", "")).replace(" at line 1 column ", " at column ")
        return Fault(index, None, f"is no JSON: {why}")
    if not place:
        return Fault(index, None, "is no row; write a JSON object with the columns of the table")
    field = str(place[0])
    if kind == "extra_forbidden":
        return Fault(index, _short(field), f"unknown column; {_known(field, shape.columns)}")
    return Fault(index, field, _sentence(kind, field, details.get("ctx", {})))


def _sentence(kind: str, field: str, context: Mapping[str, Any]) -> str:
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(field, "holds control characters; write plain text")
    if kind == "string_too_long":
        if field in _PATTERNS:
            return _PATTERNS[field]
        return f"is longer than {context['max_length']} characters"
    if kind == "greater_than_equal":
        return f"is out of range; it must be {context['ge']:g} or more"
    if kind == "less_than_equal":
        return f"is out of range; it must be {context['le']:.15g} or less"
    return _TYPES.get(kind, "is not valid")


def _known(field: str, columns: Sequence[str]) -> str:
    near = difflib.get_close_matches(field.lower()[:50], columns, n=1, cutoff=0.6)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return f"{hint}known are {', '.join(columns)}"


def _short(name: str) -> str:
    """A name somebody else chose, on one line."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in name[:51])
    return plain if len(plain) <= 50 else plain[:49] + "…"
