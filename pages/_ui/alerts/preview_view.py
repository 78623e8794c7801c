"""A rehearsal as people read it: what was sent, what would have been, and what would be missed. HTML."""

from collections.abc import Callable
from datetime import datetime
from html import escape
from types import MappingProxyType
from zoneinfo import ZoneInfo

from analytics.alerting import AlertRule
from pages._ui import notices, words
from pages._ui.alerts.preview import Difference, Mark, Preview, Side
from pages._ui.alerts.selection import service_label
from pages._ui.marks import severity_pill
from pages._ui.rule_words import rule_name
from pages._ui.tables import Column, Row, table
from pages._ui.times import day_and_minute, moment
from pages._ui.timescale import LAST_TICK, Scale

#: What each kind of difference means, for one incident and for several, and whether it is for the worse.
_KINDS = MappingProxyType(
    {
        "missed": ("missed", True),
        "waiting": ("not told yet", False),
        "silenced": ("seen, but nobody told", True),
        "later": ("known later", True),
        "quieter": ("of a lower severity", True),
        "new": ("new", False),
        "voiced": ("told of which nobody was", False),
        "earlier": ("known earlier", False),
        "louder": ("of a higher severity", False),
    }
)

_PARTS = 400


def progress_html(share: float) -> str:
    """How far the rehearsal is."""
    percent = round(100 * min(max(share, 0.02), 1))
    what = "Reading the last 30 days" if share < 0.25 else "Going through every check and call again"
    return (
        f'<div class="alerts-progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}" aria-label="Rehearsal"><span>{what} … {percent} %</span>'
        f'<i><b style="width:{percent}%"></b></i></div>'
    )


def preview_html(found: Preview, rule: AlertRule, zone: ZoneInfo, now: datetime) -> str:
    """The verdict in a sentence, the figures beside each other, two lines of time, and the incidents."""
    if found.is_empty:
        return notices.empty("Nothing to rehearse yet", "No check of the last 30 days is there any more.")
    begin = found.data_since or found.since
    span = f"{day_and_minute(begin, zone, now)} to {day_and_minute(found.until, zone, now)}"
    cut = " Single checks do not reach back further." if found.data_since else ""
    silent = (
        '<p class="alerts-note">Deliveries are not rehearsed: they depend on the channels, so this rule '
        "shows no difference.</p>"
        if rule is AlertRule.DELIVERY_FAILING
        else ""
    )
    return (
        f'<div class="alerts-preview"><p class="alerts-verdict">{_verdict(found)}</p>{silent}'
        f"{_figures(found)}{_lines(found, zone, now)}"
        f'<p class="alerts-note">{escape(span)}.{cut} A page is a message that something began; noise is one '
        "for what was good again within 5 min by itself.</p>"
        f"{_differences(found, zone, now)}</div>"
    )


def _verdict(found: Preview) -> str:
    before, after = found.in_force.pages, found.changed.pages
    if found.is_same:
        return "<b>Nothing would have been different</b> in that time."
    if after == before:
        said = f"<b>As many pages as now ({after:,})</b>, but not the same incidents"
    else:
        more = "more" if after > before else "fewer"
        said = f"<b>{abs(after - before):,} {more} page{'' if abs(after - before) == 1 else 's'}</b>: "
        said += f"{after:,} instead of {before:,}"
    worse = [f"{count:,} {_KINDS[kind][0]}" for kind, count in found.counts if kind in ("missed", "silenced")]
    return f"{said}; {' and '.join(worse)}." if worse else f"{said}, no incident missed."


def _figures(found: Preview) -> str:
    columns = [
        Column("In 30 days"),
        Column("Really sent", number=True),
        Column("Rules in force", number=True, title="What the rules of today make of that time"),
        Column("With the change", number=True),
    ]
    figures: list[tuple[str, Callable[[Side], int]]] = [
        ("Pages", lambda side: side.pages),
        ("critical ones", lambda side: side.critical),
        ("noise", lambda side: side.noise),
    ]
    sides = (found.sent, found.in_force, found.changed)
    rows = [_figure(name, *map(read, sides)) for name, read in figures]
    channels = sorted({name for side in sides for name, _ in side.by_channel})
    rows += [
        _figure(f"to {name}", *(dict(side.by_channel).get(name, 0) for side in sides)) for name in channels
    ]
    rows.append(_figure("Incidents", *(side.incidents for side in sides)))
    return table("Pages and incidents, as they were and as they would have been", columns, rows)


def _figure(name: str, sent: int, in_force: int, changed: int) -> Row:
    apart = changed - in_force
    change = f' <span class="change">{apart:+,}</span>' if apart else ""
    label = f'<span class="alerts-part">{escape(name)}</span>' if name[:1].islower() else f"<b>{name}</b>"
    return Row((label, f"{sent:,}", f"{in_force:,}", f"<b>{changed:,}</b>{change}"))


def _lines(found: Preview, zone: ZoneInfo, now: datetime) -> str:
    scale = Scale(found.since, found.until, _PARTS)
    drawn = "".join(
        _line(name, side, scale, zone, now)
        for name, side in (("Really sent", found.sent), ("With the change", found.changed))
    )
    ticks = "".join(
        f'<span class="end">{escape(text)}</span>'
        if (left := scale.place(at, None)[0]) >= LAST_TICK
        else f'<span style="left:{left:.2f}%">{escape(text)}</span>'
        for at, text in scale.ticks(zone)
    )
    return (
        f'<div class="alerts-lines">{drawn}<div class="alerts-line axis" aria-hidden="true"><span></span>'
        f"<div>{ticks}</div></div></div>"
    )


def _line(name: str, side: Side, scale: Scale, zone: ZoneInfo, now: datetime) -> str:
    marks = "".join(_mark(one, scale, zone, now) for one in side.marks)
    said = f"{name}: {side.pages} pages, {side.critical} of them critical, {side.noise} of them noise."
    return (
        f'<div class="alerts-line"><span>{escape(name)}</span><div data-strip tabindex="0" role="img" '
        f'aria-label="{escape(said)}" data-keep="line-{escape(name)}">{marks}</div></div>'
    )


def _mark(one: Mark, scale: Scale, zone: ZoneInfo, now: datetime) -> str:
    when = f"{day_and_minute(one.at, zone, now)}, {one.severity}{', noise' if one.noise else ''}"
    left = f"left:{scale.place(one.at, None)[0]:.2f}%"
    tip = f"{escape(one.title)}&#10;{escape(when)}"
    noise = " noise" if one.noise else ""
    return f'<i class="{escape(one.severity)}{noise}" style="{left}" data-tip="{tip}"></i>'


def _differences(found: Preview, zone: ZoneInfo, now: datetime) -> str:
    if not found.differences:
        return ""
    columns = [
        Column("Would be"),
        Column("Incident"),
        Column("Began", wide_only=True),
        Column("Lasted", number=True, wide_only=True),
    ]
    rows = [_difference(one, zone, now) for one in found.differences]
    total = sum(count for _, count in found.counts)
    more = total - len(rows)
    below = f'<p class="alerts-more">and {more:,} more</p>' if more > 0 else ""
    return f"<h3>Incidents that would be other ones</h3>{table('Incidents', columns, rows)}{below}"


def _difference(one: Difference, zone: ZoneInfo, now: datetime) -> Row:
    word, worse = _KINDS[one.kind]
    by = f" by {words.span(abs(one.later))}" if one.later else ""
    kind = "worse" if worse else "same"
    return Row(
        (
            f'<span class="change {kind}">{escape(word + by)}</span>',
            f'{severity_pill(one.severity)} {escape(one.title)}<span class="alerts-below">'
            f"{escape(service_label(one.service))} · {escape(rule_name(one.rule))}</span>",
            moment(one.began_at, zone, now),
            "still" if one.lasted is None else words.span(one.lasted),
        )
    )
