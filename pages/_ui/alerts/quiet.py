"""When nobody is told on purpose: announced maintenance, and mutes. HTML."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from analytics.model import Status
from pages._ui import notices, panels, words
from pages._ui.alerts.rows import Muted, Work
from pages._ui.alerts.selection import service_label
from pages._ui.marks import mark
from pages._ui.rule_words import rule_name
from pages._ui.tables import Column, Row, table
from pages._ui.times import moment

#: Windows told of, the newest first, and services named in one.
_SHOWN = 8
_NAMED = 3


def maintenance_card(found: Sequence[Work], zone: ZoneInfo, now: datetime) -> str:
    """What is on now or was in the last month."""
    about = "what comes is announced in services.toml"
    if not found:
        body = notices.empty(
            "No maintenance in 30 days", "Announce it in services.toml under [[maintenance]]."
        )
        return panels.card("Maintenance", body, classes="alerts-work")
    columns = [
        Column("Window"),
        Column("When"),
        Column("Lasts", number=True, wide_only=True),
        Column("State"),
    ]
    body = table("Maintenance", columns, [_work(one, zone, now) for one in found[:_SHOWN]])
    aside = panels.download("maintenance", period="30d")
    return panels.card("Maintenance", body, about=about, aside=aside, classes="alerts-work")


def mutes_table(found: Sequence[Muted], zone: ZoneInfo, now: datetime) -> str:
    """Who wants to hear nothing, of what, and until when."""
    if not found:
        return notices.empty("Nothing is muted", "Whoever is to be told is told.")
    columns = [Column("Muted"), Column("Until"), Column("By"), Column("Note", wide_only=True)]
    rows = [
        Row(
            (
                escape(muted_what(one)),
                moment(one.until, zone, now),
                escape(one.author),
                escape(one.note) or "–",
            )
        )
        for one in found
    ]
    return table("Mutes", columns, rows)


def muted_what(one: Muted) -> str:
    """What a mute is about. Plain text."""
    service = service_label(one.service) if one.service else "all services"
    return f"{rule_name(one.rule)} of {service}" if one.rule else service[:1].upper() + service[1:]


def _work(one: Work, zone: ZoneInfo, now: datetime) -> Row:
    if one.starts_at > now:
        state = f'<span class="pill">{mark(Status.UNKNOWN)}Comes</span>'
    elif one.ends_at > now:
        state = f'<span class="pill is-degraded">{mark(Status.DEGRADED)}On now</span>'
    else:
        state = '<span class="alerts-none">over</span>'
    named = ", ".join(service_label(service) for service in one.services[:_NAMED])
    more = f" and {len(one.services) - _NAMED} more" if len(one.services) > _NAMED else ""
    return Row(
        (
            f'<b class="alerts-channel">{escape(one.name)}</b>'
            f'<span class="alerts-below">{escape(named + more)}</span>',
            moment(one.starts_at, zone, now),
            words.span(one.ends_at - one.starts_at),
            state,
        )
    )
