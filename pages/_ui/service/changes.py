"""How a figure moved against the period before: shares in percentage points, times and counts in percent."""

from pages._ui.tiles import Tile

#: What rounds to nothing is no change.
_NOTHING = 0.005


def points(
    label: str, value: str, change: float | None, note: str, more_is_better: bool, tip: str = ""
) -> Tile:
    """A share as a tile; `change` in percentage points, None when it is not known."""
    if change is None:
        return Tile(label, value, tip=tip)
    return _tile(label, value, change, "pp", note, more_is_better, tip)


def ratio(
    label: str, value: str, change: float | None, note: str, more_is_better: bool | None, tip: str = ""
) -> Tile:
    """A time or a count as a tile; `change` in percent of the figure before, None when it is not known.
    `more_is_better` is None for what is neither."""
    if change is None:
        return Tile(label, value, tip=tip)
    return _tile(label, value, change, "%", note, more_is_better, tip)


def _tile(
    label: str, value: str, change: float, unit: str, note: str, more_is_better: bool | None, tip: str
) -> Tile:
    if abs(change) < _NOTHING:
        return Tile(label, value, "±0", None, note, tip)
    digits = 0 if abs(change) >= 10 else 1 if abs(change) >= 1 else 2
    text = f"{'+' if change > 0 else '−'}{abs(change):,.{digits}f} {unit}"
    good = None if more_is_better is None else (change > 0) is more_is_better
    return Tile(label, value, text, good, note, tip)
