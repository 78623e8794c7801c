"""How full something is, as a bar between two texts. HTML."""

from html import escape
from typing import Literal

#: Plenty of room, nearly full, full.
Look = Literal["room", "nearly", "full"]


def meter(share: float, look: Look, said: str, left: str, right: str) -> str:
    """A bar filled to `share` percent; `said` tells it in plain text, `left` and `right` above it: HTML."""
    width = min(100.0, max(0.0, share))
    return (
        f'<div class="meter-head"><span>{left}</span><span class="meter-figure">{right}</span></div>'
        f'<div class="meter is-{look}" role="img" aria-label="{escape(said)}">'
        f'<i style="width:{width:.1f}%"></i></div>'
    )
