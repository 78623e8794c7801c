"""A course in a row of a table: a line over its area, cut out of two boxes by CSS. HTML."""

from collections.abc import Sequence
from html import escape

from pages._ui.trends import wording

#: Where the highest and the lowest value stand, in percent from the top.
_TOP, _BOTTOM = 12.0, 82.0


def spark(values: Sequence[float | None], says: str) -> str:
    """The picture of `values`, oldest first, None where there is none; `says` begins its text for those who
    cannot see it: `P95` → `P95 from 410 ms to 1.9 s, at last 520 ms`."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return '<span class="tr-spark tr-none">–</span>'
    least, most = min(known), max(known)
    lowest, highest, last = (wording.latency(value) for value in (least, most, known[-1]))
    text = escape(f"{says} from {lowest} to {highest}, at last {last}")
    parts = "".join(_stretch(stretch, len(values), least, most) for stretch in _stretches(values))
    return f'<span class="tr-spark" role="img" aria-label="{text}" data-tip="{text}">{parts}</span>'


def _stretches(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The places and values of each stretch without a gap."""
    found: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append((place, value))
    return [one for one in found if len(one) > 1]


def _stretch(stretch: Sequence[tuple[int, float]], count: int, least: float, most: float) -> str:
    # A course that hardly moves is drawn flat and not as a mountain range.
    span = max(most - least, 0.25 * most, 1e-9)
    middle = (most + least) / 2
    points = [
        (100.0 * place / (count - 1), _TOP + (_BOTTOM - _TOP) * (0.5 - (value - middle) / span))
        for place, value in stretch
    ]
    line = [f"{x:.3g}% {y:.2g}%" for x, y in points]
    back = [f"{x:.3g}% calc({y:.2g}% + 1.5px)" for x, y in reversed(points)]
    foot = [f"{points[-1][0]:.3g}% 100%", f"{points[0][0]:.3g}% 100%"]
    return (
        f'<i class="tr-area" style="clip-path:polygon({",".join([*line, *foot])})"></i>'
        f'<i class="tr-line" style="clip-path:polygon({",".join([*line, *back])})"></i>'
    )
