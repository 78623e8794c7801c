"""The one place where pydantic's errors become our sentences."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from analytics.rules.wording import did_you_mean, listed
from collector.config.faults import Fault, Where
from collector.config.words import is_secret, shown

#: pydantic's error type → what is wrong, and what would be right.
_WRONG_TYPE = {
    "string_type": 'is no text; write it in quotes, "…"',
    "int_type": "is no whole number; write it without quotes and fraction",
    "int_parsing_size": "is too large a number",
    "int_from_float": "is no whole number; write it without a fraction",
    "float_type": "is no number; write it without quotes",
    "finite_number": "is no finite number; write one such as 99.5",
    "bool_type": "is neither true nor false; write one of them, without quotes",
    "list_type": 'is no list; write it in brackets, ["…"]',
    "tuple_type": 'is no list; write it in brackets, ["…"]',
    "dict_type": 'is no table; write it in braces, { name = "…" }',
    "model_type": "is no table; write it in braces, { name = … }",
    "model_attributes_type": "is no table; write it in braces, { name = … }",
}
_BOUNDS = {
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le:g} or less",
}
_EMPTY = {"string_too_short": "is empty; write a value", "too_short": "is empty; write at least one value"}


Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Wording:
    """What the sentences about a table need to know besides its model.

    `also_known` names keys that may stand beside its fields, `needed_by` says who needs what is missing, and
    values of the keys `hidden` are never shown, beside those whose names say so.
    """

    also_known: Sequence[str] = ()
    needed_by: str = "this probe needs it"
    hidden: frozenset[str] = frozenset()


_PLAIN = Wording()


def sound_part(
    model: type[Model], table: Mapping[str, Any], where: Where, wording: Wording = _PLAIN
) -> tuple[Model | None, list[Fault]]:
    """`table`, which stands at `where`, as a `model` of the keys that are right, and a fault for each other.

    None when what is right is not enough for a `model`.
    """
    try:
        return model.model_validate(dict(table)), []
    except ValidationError as error:
        faults = _faults(error, model, table, where, wording)
    wrong = {fault.where[len(where)] for fault in faults if len(fault.where) > len(where)}
    try:
        return model.model_validate({key: table[key] for key in table if key not in wrong}), faults
    except ValidationError:
        return None, faults


def _faults(
    error: ValidationError, model: type[BaseModel], table: Any, where: Where, wording: Wording
) -> list[Fault]:
    """A value that may be one of several types is told of once."""
    sentences: dict[Where, list[str]] = {}
    for found in error.errors(include_url=False):
        place = _place(found, table)
        text = _sentence(found, place, model, wording)
        said = sentences.setdefault(place, [])
        if text not in said:
            said.append(text)
    return [Fault((*where, *place), _joined(said)) for place, said in sentences.items()]


def _joined(said: list[str]) -> str:
    """Alternatives of one value: `5 is no text; write …; or: is no list; write …`, its name once."""
    return "; or ".join(said) if len(said) < 3 else said[0]


def _place(found: ErrorDetails, table: Any) -> Where:
    """The error's place as it stands in the file: pydantic adds names of union members and of checks."""
    place: list[str | int] = []
    for part in found["loc"]:
        missing = found["type"] == "missing" and part == found["loc"][-1]
        if isinstance(table, Mapping) and isinstance(part, str) and (part in table or missing):
            table = table.get(part)
        elif isinstance(table, list) and isinstance(part, int) and part < len(table):
            table = table[part]
        else:
            continue
        place.append(part)
    return tuple(place)


def _sentence(found: ErrorDetails, place: Where, model: type[BaseModel], wording: Wording) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "missing":
        return f"is missing; {wording.needed_by}"
    if kind == "extra_forbidden":
        fields = _fields(model, place[:-1])
        known = sorted([*fields, *wording.also_known]) if len(place) == 1 else sorted(fields)
        return f"unknown key; {did_you_mean(str(place[-1]), known)}known are {', '.join(known)}"
    hidden = any(is_secret(part) or part in wording.hidden for part in place)
    value = shown(found["input"], hidden)
    if kind in ("value_error", "assertion_error"):
        words = re.sub(r"^(Value error|Assertion failed), ", "", found["msg"])
        return words if isinstance(found["input"], Mapping) else f"{value} {words}"
    if kind in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", context["expected"])
        hint = did_you_mean(found["input"], known) if isinstance(found["input"], str) and not hidden else ""
        return f"{value} is not known here; {hint}write {listed(known) if known else context['expected']}"
    if kind in _BOUNDS:
        return f"{value} is out of range; it {_BOUNDS[kind].format(**context)}"
    if kind in _EMPTY:
        return _EMPTY[kind]
    return f"{value} {_WRONG_TYPE.get(kind, 'is not valid: ' + _lower(found['msg']))}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _fields(model: type[BaseModel], place: Where) -> list[str]:
    """The names a table at `place` inside `model` may hold."""
    for part in place:
        if isinstance(part, int):
            continue
        named = {field.alias or name: field for name, field in model.model_fields.items()}
        inner = _model_in(named[part].annotation) if part in named else None
        if inner is None:
            return []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
