"""What the values of a column are, in words, and a value as the preview shows it. Text, not escaped."""

import json
from datetime import UTC, datetime
from typing import Any

from analytics.export.cells import Column, Kind

#: How a column's name ends, and the unit that says.
_UNITS = (
    ("_ms", "ms"),
    ("_pp", "percentage points"),
    ("_percent", "%"),
    ("_rate", "%"),
    ("_seconds", "s"),
    ("_minutes", "min"),
    ("_hours", "h"),
    ("_bytes", "bytes"),
    ("_per_second", "a second"),
)
_KINDS = {
    Kind.TEXT: "text",
    Kind.MOMENT: "time",
    Kind.JSON: "JSON",
    Kind.NESTED: "list",
    Kind.PLAIN: "id",
    Kind.FLOAT: "number",
}

#: A cell of the preview shows so much.
_LONGEST = 120


def unit(column: Column) -> str:
    """The unit of a column of numbers, from its name; empty for what has none."""
    if not is_number(column):
        return ""
    return next((said for ending, said in _UNITS if column.name.endswith(ending)), "")


def kind(column: Column) -> str:
    """What its values are: `text`, `time`, `whole number`, …"""
    if column.kind is Kind.NUMBER:
        if column.type == "BOOLEAN":
            return "yes or no"
        return "number" if column.type.startswith("DECIMAL") else "whole number"
    return _KINDS[column.kind]


def is_number(column: Column) -> bool:
    """Whether it holds numbers, which stand at the right."""
    return column.kind in (Kind.NUMBER, Kind.FLOAT) and column.type != "BOOLEAN"


def shown(value: Any) -> str:
    """A value for a person: times in UTC, numbers with few digits; nothing of what is not there."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1 else f"{value:,.2f}".rstrip("0").rstrip(".")
    text = json.dumps(value, default=str) if isinstance(value, list | dict) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
