"""How the channels do: what was delivered last, what waits, what was refused, and the last error. HTML."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from analytics.model import Status
from pages._ui import notices, panels, words
from pages._ui.alerts.rows import Channel
from pages._ui.marks import mark
from pages._ui.tables import Column, Row, table
from pages._ui.times import ago, moment
from pages._ui.view import View


def channels_card(found: Sequence[Channel], view: View, period: str, zone: ZoneInfo, now: datetime) -> str:
    """One row a channel, in the order of services.toml."""
    if not found:
        body = notices.empty(
            "No channels", "Nobody is told of anything. Name a channel in services.toml under [[channels]]."
        )
        return panels.card("Channels", body, classes="alerts-channels")
    columns = [
        Column("Channel"),
        Column("State"),
        Column("Last delivery"),
        Column("Delivered", number=True, wide_only=True),
        Column(
            "Typically in", number=True, wide_only=True, title="Half of them sooner, from written to accepted"
        ),
        Column("Waiting", number=True, wide_only=True),
        Column(
            "Refused", number=True, wide_only=True, title="Refused by the other side, or given up after a day"
        ),
        Column("Last error", wide_only=True),
    ]
    body = table("Channels", columns, [_row(one, zone, now) for one in found])
    aside = panels.download("notifications", period=view.range or "7d")
    return panels.card("Channels", body, about=f"counts of {period}", aside=aside, classes="alerts-channels")


def state_of(one: Channel) -> tuple[Status, str]:
    """The shape and the word for how a channel does."""
    if not one.kind:
        return Status.UNKNOWN, "Not configured any more"
    if one.fails:
        return Status.DOWN, "Failing"
    if one.waiting:
        return Status.DEGRADED, "Sending"
    if one.last_delivered_at is None:
        return (Status.DOWN, "Never worked") if one.last_error else (Status.UNKNOWN, "Not used yet")
    failed_since = one.last_error_at is not None and one.last_error_at > one.last_delivered_at
    return (Status.DEGRADED, "Last one refused") if failed_since else (Status.HEALTHY, "Works")


def _row(one: Channel, zone: ZoneInfo, now: datetime) -> Row:
    status, word = state_of(one)
    takes = ", ".join(one.severities) or "nothing"
    refused = one.refused + one.expired
    return Row(
        (
            f'<b class="alerts-channel">{escape(one.name)}</b>'
            f'<span class="alerts-below">{escape(one.kind or "–")} · takes {escape(takes)}</span>'
            f'<span class="alerts-narrow">{_error(one, zone, now) if one.last_error else ""}</span>',
            f'<span class="pill is-{status}">{mark(status)}{word}</span>',
            ago(one.last_delivered_at) if one.last_delivered_at else "never",
            f"{one.delivered:,}",
            "–" if one.median is None else words.milliseconds(one.median.total_seconds() * 1000),
            _waiting(one),
            f'<span class="alerts-bad">{refused:,}</span>' if refused else "0",
            _error(one, zone, now),
        )
    )


def _waiting(one: Channel) -> str:
    if not one.waiting:
        return "0"
    since = f", the first {ago(one.waiting_since)}" if one.waiting_since else ""
    return f'<span class="alerts-bad">{one.waiting:,}</span>{since}'


def _error(one: Channel, zone: ZoneInfo, now: datetime) -> str:
    if not one.last_error:
        return '<span class="alerts-none">none</span>'
    when = moment(one.last_error_at, zone, now) if one.last_error_at else ""
    return f'<span class="long">{escape(one.last_error)}</span> <span class="alerts-below">{when}</span>'
