"""What the values of a column are, in words, and a value as the preview shows it. Text, not escaped."""

import json
import math
from collections.abc import Sequence
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


def shown_column(column: Column, values: Sequence[Any]) -> list[str]:
    """The `values` of a column for a person: numbers with as many decimals, to be compared."""
    if not is_number(column):
        return [shown(value) for value in values]
    numbers = [float(value) for value in values if _is_there(value)]
    decimals = _decimals([abs(one) for one in numbers if math.isfinite(one)])
    return [_number(float(value), decimals) if _is_there(value) else "" for value in values]


def _decimals(sizes: Sequence[float]) -> int:
    """None for whole numbers, more for small shares than for what reaches 1."""
    if all(size == int(size) for size in sizes):
        return 0
    return 2 if max(sizes) >= 1 else 4


def _number(value: float, decimals: int) -> str:
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    smallest = 10.0**-decimals
    if 0 < abs(value) < smallest / 2:
        return f"{'<' if value > 0 else '>−'}{smallest:.{decimals}f}"
    return f"{value:,.{decimals}f}"


def _is_there(value: Any) -> bool:
    return value is not None and value == value


def shown(value: Any) -> str:
    """A value that is no number for a person: times in UTC; nothing of what is not there."""
    if not _is_there(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    text = json.dumps(value, default=str) if isinstance(value, list | dict) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
