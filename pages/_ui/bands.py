"""What was when: one band a service along one axis of time, as HTML that the arrow keys can walk through.

    bands([Band("Shopify", stretches, href="service?service=api/shopify")], since, until, zone, now, "Status")

Colour and height tell kinds apart, a time without a stretch stays empty, and what is too short to be seen is
drawn together with its neighbours. Dragging over the bands asks for that time in the address
(`scripts/bands.js`), arrow keys walk along them, Enter follows where a stretch leads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from pages._ui import words
from pages._ui.times import day_and_minute
from pages._ui.timescale import LAST_TICK, Scale

#: What a stretch may be, the loudest last: drawn together, the loudest gives the colour.
KINDS = ("healthy", "unknown", "maintenance", "info", "degraded", "warning", "down", "critical")

#: A band has at most about so many pieces; what is shorter than one of them is drawn with its neighbours.
_PIECES = 240


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begun` to `ended` (None: it goes on) it was `kind`, one of `KINDS`. `said` is plain text: why.

    `href` leads to more about it, unescaped.
    """

    kind: str
    begun: datetime
    ended: datetime | None
    said: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """One line of the picture: stretches from old to new, and incidents as a thin line below them."""

    label: str
    stretches: Sequence[Stretch]
    below: Sequence[Stretch] = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is drawn as one: a stretch, or several too short to be told apart."""

    parts: tuple[Stretch, ...]

    @property
    def kind(self) -> str:
        return max((part.kind for part in self.parts), key=KINDS.index)


def bands(
    lines: Sequence[Band], since: datetime, until: datetime, zone: ZoneInfo, now: datetime, label: str
) -> str:
    """The bands and their axis from `since` to `until` by the clock of `zone`; `label` says what they are."""
    scale = Scale(since, until, _PIECES)
    roomy = any(line.below for line in lines)
    rows = "".join(_row(line, scale, zone, now, roomy) for line in lines)
    single = " single" if len(lines) == 1 else ""
    return (
        f'<section class="bands{single}" aria-label="{escape(label)}" data-since="{scale.since_ms}" '
        f'data-until="{scale.until_ms}">{rows}{_axis(scale, zone)}</section>'
    )


def legend(*kinds: str, incidents: bool = False) -> str:
    """What the colours and heights mean; `incidents` are the lines below the bands."""
    said = "".join(f'<span><i class="{kind}"></i>{_word(kind).lower()}</span>' for kind in kinds)
    lines = '<span><i class="incident"></i>incident</span>' if incidents else ""
    gap = '<span><i class="gap"></i>nobody looked</span>'
    return (
        f'<p class="bands-legend">{said}{lines}{gap}<span class="hint">drag over it to look closer</span></p>'
    )


def pieces(stretches: Sequence[Stretch], shortest: timedelta, until: datetime) -> list[Piece]:
    """`stretches` (from old to new) as they are drawn: equal neighbours are one, and those shorter than
    `shortest` are joined until together they are as long, unless there is a gap between them."""
    found: list[list[Stretch]] = []
    for stretch in _merged(stretches):
        before = found[-1] if found else None
        if (
            before is not None
            and before[-1].ended == stretch.begun
            and _is_short(before, shortest, until)
            and _is_short([stretch], shortest, until)
        ):
            before.append(stretch)
        else:
            found.append([stretch])
    return [Piece(tuple(parts)) for parts in found]


def summary(stretches: Sequence[Stretch], since: datetime, until: datetime) -> str:
    """The band in words for those who cannot see it: `down twice for 12 min, degraded once for 3 min`."""
    parts = []
    for kind in reversed(KINDS):
        met = [one for one in _merged(stretches) if one.kind == kind]
        if met and kind != "healthy":
            times = {1: "once", 2: "twice"}.get(len(met), f"{len(met)} times")
            took = sum((_length(one, since, until) for one in met), timedelta(0))
            parts.append(f"{_word(kind).lower()} {times} for {words.span(took)}")
    if parts:
        return ", ".join(parts)
    return "healthy all the time it was watched" if stretches else "nothing recorded"


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for one in stretches:
        before = found[-1] if found else None
        same = before and (before.kind, before.said, before.href) == (one.kind, one.said, one.href)
        if before and same and before.ended == one.begun:
            found[-1] = Stretch(one.kind, before.begun, one.ended, one.said, one.href)
        else:
            found.append(one)
    return found


def _is_short(parts: Sequence[Stretch], shortest: timedelta, until: datetime) -> bool:
    return (parts[-1].ended or until) - parts[0].begun < shortest


def _length(stretch: Stretch, since: datetime, until: datetime) -> timedelta:
    return max(timedelta(0), min(stretch.ended or until, until) - max(stretch.begun, since))


def _row(line: Band, scale: Scale, zone: ZoneInfo, now: datetime, roomy: bool) -> str:
    """One band; `roomy` when there is room below all of them, so that they stand evenly."""
    name = escape(line.label)
    link = f'<a data-in-app href="{escape(line.href)}">{name}</a>' if line.href else f"<span>{name}</span>"
    said = f"{line.label}: {summary(line.stretches, scale.since, scale.until)}."
    drawn = "".join(
        _piece(one, scale, zone, now) for one in pieces(line.stretches, scale.shortest, scale.until)
    )
    below = "".join(_piece(Piece((one,)), scale, zone, now) for one in line.below)
    under = f'<div class="band-below">{below}</div>' if roomy else ""
    kept = f' data-keep="band-{name}"'
    role = "group" if any(one.href for one in (*line.stretches, *line.below)) else "img"
    return (
        f'<div class="band"><div class="band-name">{link}</div>'
        f'<div class="band-line" data-strip tabindex="0"{kept} '
        f'role="{role}" aria-label="{escape(said)}"><div class="band-track">{drawn}</div>'
        f"{under}</div></div>"
    )


def _piece(piece: Piece, scale: Scale, zone: ZoneInfo, now: datetime) -> str:
    first, last = piece.parts[0], piece.parts[-1]
    left, width = scale.place(first.begun, last.ended)
    tip = escape(_tip(piece, zone, now)).replace("\n", "&#10;")
    style = f"left:{left:.2f}%;width:{width:.2f}%"
    if first.href:
        return (
            f'<a class="{piece.kind}" data-in-app tabindex="-1" href="{escape(first.href)}" style="{style}" '
            f'data-tip="{tip}" aria-label="{tip}"></a>'
        )
    return f'<i class="{piece.kind}" style="{style}" data-tip="{tip}"></i>'


def _tip(piece: Piece, zone: ZoneInfo, now: datetime) -> str:
    first, last = piece.parts[0], piece.parts[-1]
    begun = day_and_minute(first.begun, zone, now)
    ended = f"to {day_and_minute(last.ended, zone, now)}" if last.ended else "still going on"
    if len(piece.parts) == 1:
        lasted = f", {words.span(last.ended - first.begun)}" if last.ended else ""
        said = f" · {first.said}" if first.said else ""
        return f"{_word(first.kind)}{said}\n{begun} {ended}{lasted}"
    return "\n".join([f"{begun} {ended}", *_told(piece.parts, last.ended or now)])


def _told(parts: Sequence[Stretch], until: datetime) -> list[str]:
    """What several short stretches were, the loudest first: `Down · Timed out, 3 times, 4 min`."""
    met: dict[tuple[str, str], list[timedelta]] = {}
    for one in parts:
        met.setdefault((one.kind, one.said), []).append((one.ended or until) - one.begun)
    ordered = sorted(met.items(), key=lambda item: KINDS.index(item[0][0]), reverse=True)
    return [
        f"{_word(kind)}{f' · {said}' if said else ''}, {f'{len(took)} times, ' if len(took) > 1 else ''}"
        f"{words.span(sum(took, timedelta(0)))}"
        for (kind, said), took in ordered[:5]
    ]


def _word(kind: str) -> str:
    return kind.capitalize()


def _axis(scale: Scale, zone: ZoneInfo) -> str:
    places = [(scale.place(at, None)[0], text) for at, text in scale.ticks(zone)]
    ticks = "".join(
        f'<span class="end">{escape(text)}</span>'
        if left >= LAST_TICK
        else f'<span style="left:{left:.2f}%">{escape(text)}</span>'
        for left, text in places
    )
    return (
        '<div class="band band-axis" aria-hidden="true"><div class="band-name"></div>'
        f'<div class="band-line">{ticks}</div></div>'
    )
