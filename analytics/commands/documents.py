"""What programs are told: one JSON document. Times are ISO 8601 with Z, what nobody knows is null."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd


def written(document: Mapping[str, Any]) -> str:
    """`document` as JSON in plain ASCII: no letter of it means anything to a terminal."""
    return json.dumps(plain(document), indent=2, allow_nan=False)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of `frame`, each with its columns: None where pandas has NaN or NaT, times aware."""
    columns = {str(name): [_known(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _known(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def plain(value: Any) -> Any:
    """`value` as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None:
        return None
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    if isinstance(value, float):
        return value if math.isfinite(value) else _without_bounds(value)
    return value if isinstance(value, bool | int | str) else str(value)


def _without_bounds(value: float) -> str | None:
    """JSON has no number for it. Of these words most languages make one again."""
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
