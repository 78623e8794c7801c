"""Figures in tiles: a label, a number, and how it changed against the period before. HTML."""

from dataclasses import dataclass
from html import escape

from pages._ui import changes


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, all of it text.

    `change` is signed, as `+0.3 pp`; `good` says whether that is for the better, None when it is neither.
    `note` says what it is measured against; `tip` says more on hover.
    """

    label: str
    value: str
    change: str = ""
    good: bool | None = None
    note: str = ""
    tip: str = ""


def moved(label: str, value: str, change: str, more_is_better: bool | None, note: str, tip: str = "") -> Tile:
    """A figure with a `change` of `pages._ui.changes`; `more_is_better` is None for what is neither."""
    return Tile(label, value, change, changes.is_better(change, more_is_better), note if change else "", tip)


def tiles(found: list[Tile], label: str = "Figures") -> str:
    """A row of tiles, two a row on a phone."""
    return f'<section class="tiles" aria-label="{escape(label)}">{"".join(map(_tile, found))}</section>'


def _tile(tile: Tile) -> str:
    tip = f' data-tip="{escape(tile.tip)}"' if tile.tip else ""
    note = f'<span class="note">{escape(tile.note)}</span>' if tile.note else ""
    return (
        f'<div class="tile"{tip}><span class="label">{escape(tile.label)}</span>'
        f"<strong>{escape(tile.value)}</strong>{_change(tile)}{note}</div>"
    )


def _change(tile: Tile) -> str:
    if not tile.change:
        return ""
    kind = {True: "better", False: "worse", None: "same"}[tile.good]
    arrow = {"+": "▲", "-": "▼", "−": "▼"}.get(tile.change[0], "→")
    word = {True: "better", False: "worse", None: ""}[tile.good]
    return (
        f'<span class="change {kind}"><span aria-hidden="true">{arrow}</span> {escape(tile.change)}'
        f'<span class="unseen"> {word}</span></span>'
    )
