"""What a row of each table may say, as other programs write it: closed, and every bound explicit.

pydantic-core checks a row in 3 µs; a check in Python would cost as much for every field of it. The schemas
are its own: models would make an object of every row, which is a plain dict before and after.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import CoreSchema, SchemaValidator, core_schema

LONGEST_ENDPOINT = 2000
LONGEST_MESSAGE = 2000
_MOST_MS = 2**31 - 1


def _text(pattern: str, max_length: int | None = None) -> CoreSchema:
    return core_schema.str_schema(pattern=pattern, max_length=max_length, strict=True)


_ID = _text("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")
#: RFC 3339, section 5.6; a day that no calendar has is found when it is read.
_TIME = _text(
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_NAME = _text("^[a-z0-9][a-z0-9._-]{0,99}$")
_METHOD = _text(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,16}$")  # a token of RFC 9110, section 5.6.2
_REASON = _text("^[a-z0-9_]{1,50}$")
_STATE = _text("^(closed|open|half_open)$")
_LABEL = _text(r"^[^\x00-\x1f\x7f]*$", 100)
_LONG_LABEL = _text(r"^[^\x00-\x1f\x7f]*$", 200)
_ENDPOINT = _text(r"^[^\x00-\x1f\x7f]*$", LONGEST_ENDPOINT)
_MESSAGE = _text(r"^[^\x00]*$", LONGEST_MESSAGE)
_STATUS = core_schema.int_schema(ge=100, le=599, strict=True)
_MILLISECONDS = core_schema.float_schema(ge=0, le=_MOST_MS, allow_inf_nan=False, strict=True)
_RETRIES = core_schema.int_schema(ge=0, le=1000, strict=True)
_AMOUNT = core_schema.float_schema(allow_inf_nan=False, strict=True)
_FLAG = core_schema.bool_schema(strict=True)

_EVERYWHERE = {"id": _ID, "timestamp": _TIME, "origin": _LABEL}
_CALL = {
    "endpoint": _ENDPOINT,
    "method": _METHOD,
    "status_code": _STATUS,
    "response_time_ms": _MILLISECONDS,
    "error_message": _MESSAGE,
    "retries": _RETRIES,
    "reason": _REASON,
    "quota_name": _LABEL,
    "quota_used": _AMOUNT,
    "quota_limit": _AMOUNT,
    "quota_reset_at": _TIME,
}
_DELIVERY = {
    "webhook_id": _LONG_LABEL,
    "event_type": _LONG_LABEL,
    "verified": _FLAG,
    "processed": _FLAG,
    "error_message": _MESSAGE,
    "processing_time_ms": _MILLISECONDS,
    "reason": _REASON,
}
_CIRCUIT_EVENT = {"message": _MESSAGE}


@dataclass(frozen=True, slots=True)
class Shape:
    """How rows of `table` are checked: `one`, or `many` in a JSON array at once.

    `message` and `milliseconds` name the columns that hold those.
    """

    table: str
    one: SchemaValidator
    many: SchemaValidator
    columns: tuple[str, ...]
    message: str
    milliseconds: str | None


def _shape(
    table: str,
    required: Mapping[str, CoreSchema],
    optional: Mapping[str, CoreSchema],
    message: str,
    milliseconds: str | None,
) -> Shape:
    fields = {name: core_schema.typed_dict_field(schema, required=True) for name, schema in required.items()}
    for name, schema in {**_EVERYWHERE, **optional}.items():
        fields[name] = core_schema.typed_dict_field(core_schema.nullable_schema(schema), required=False)
    row = core_schema.typed_dict_schema(fields, extra_behavior="forbid", strict=True)
    many = SchemaValidator(core_schema.list_schema(row, strict=True))
    return Shape(table, SchemaValidator(row), many, tuple(sorted(fields)), message, milliseconds)


SHAPES: Mapping[str, Shape] = {
    shape.table: shape
    for shape in (
        _shape("api_metrics", {"api_name": _NAME}, _CALL, "error_message", "response_time_ms"),
        _shape("webhook_metrics", {"source": _NAME}, _DELIVERY, "error_message", "processing_time_ms"),
        _shape(
            "circuit_events",
            {"api_name": _NAME, "old_state": _STATE, "new_state": _STATE},
            _CIRCUIT_EVENT,
            "message",
            None,
        ),
    )
}
