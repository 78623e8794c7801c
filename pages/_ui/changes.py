"""How a figure moved against the period before: shares in percentage points, times and counts in percent.

Pure text, not yet escaped; empty when it is not known how it moved.
"""

#: A change smaller than this is none: percentage points, and percent.
_LEAST_POINTS = 0.005
_LEAST_PERCENT = 0.05


def points(value: float | None) -> str:
    """A change of a share in percentage points, signed: `+0.32 pp`."""
    return "" if value is None else _signed(value, 2, _LEAST_POINTS, "pp")


def percent(value: float | None) -> str:
    """A change of a time or a count in percent of it, signed: `−12 %`."""
    return "" if value is None else _signed(value, 1 if abs(value) < 10 else 0, _LEAST_PERCENT, "%")


def is_better(said: str, more_is_better: bool | None) -> bool | None:
    """Whether a change is for the better, from its text; None for none, and for what is neither."""
    if more_is_better is None or not said or said.startswith("±"):
        return None
    return said.startswith("+") is more_is_better


def _signed(value: float, digits: int, least: float, unit: str) -> str:
    if abs(value) < least:
        return f"±0 {unit}"
    return f"{'+' if value > 0 else '−'}{abs(value):,.{digits}f} {unit}"
