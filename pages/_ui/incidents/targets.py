"""How fast people were against the targets: tiles with the mean and how many made it in time. HTML."""

from collections.abc import Sequence
from html import escape
from types import MappingProxyType

from pages._ui.incidents.question import Figure
from pages._ui.words import span

#: The measures by name: a label, and what is measured.
_MEASURES = MappingProxyType(
    {
        "detection": ("Time to detect", "from the first sign until it was sure"),
        "alert": ("Time to alert (MTTA)", "from the first sign until a channel took the first message"),
        "acknowledge": ("Time to acknowledge (MTTACK)", "from that message until somebody was on it"),
        "resolve": ("Time to resolve (MTTR)", "from the first sign to the confirmed end"),
    }
)


def targets(figures: Sequence[Figure], count: int, narrowed: bool = False) -> str:
    """A tile a measure, in the order of an incident's life; `narrowed` says that they are of all `count`
    incidents of the period, though fewer are listed."""
    known = [one for one in figures if one.measure in _MEASURES]
    drawn = "".join(map(_tile, known))
    tiles = f'<section class="tiles incidents-targets" aria-label="Against the targets">{drawn}</section>'
    if not narrowed:
        return tiles
    return f'<p class="incidents-all">Of all {count} incidents of the period, filtered or not.</p>{tiles}'


def _tile(one: Figure) -> str:
    label, what = _MEASURES[one.measure]
    target = span(one.target)
    tip = f"{label}: {what}.&#10;Mean of all incidents that got so far; the target is under {target}."
    if one.median is not None:
        tip += f"&#10;Median {span(one.median)}."
    if one.mean is None:
        value, verdict = "–", f'<span class="note">target {target}</span>'
    else:
        good = one.mean < one.target
        word = "under" if good else "over"
        value = span(one.mean)
        verdict = f'<span class="change {"better" if good else "worse"}">{word} {target}</span>'
    return (
        f'<div class="tile" data-tip="{tip}"><span class="label">{escape(label)}</span>'
        f"<strong>{value}</strong>{verdict}{_share(one)}</div>"
    )


def _share(one: Figure) -> str:
    if not one.of:
        return '<span class="incidents-share note">none got so far</span>'
    percent = 100 * one.met / one.of
    return (
        f'<span class="incidents-share note">{one.met} of {one.of} in time'
        f'<i aria-hidden="true"><b style="width:{percent:.0f}%"></b></i></span>'
    )
