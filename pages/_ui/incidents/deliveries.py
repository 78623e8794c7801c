"""Who was told of an incident, and who was not yet: its messages as a table. HTML."""

from datetime import datetime
from html import escape
from types import MappingProxyType
from zoneinfo import ZoneInfo

from analytics.model import Status
from pages._ui import notices
from pages._ui.incidents.one_question import Message
from pages._ui.marks import mark
from pages._ui.tables import Column, Row, table
from pages._ui.times import moment

_COLUMNS = (
    Column("Channel"),
    Column("About"),
    Column("State"),
    Column("Attempts", number=True, wide_only=True),
    Column("First attempt", wide_only=True),
    Column("Delivered, or tried next"),
    Column("Answer", wide_only=True),
)

_ACTIONS = MappingProxyType(
    {
        "trigger": "the alert",
        "acknowledge": "the acknowledgement",
        "resolve": "the end of it",
        "update": "the raised severity",
    }
)

#: The shape and the word of a state of delivery.
_STATES = MappingProxyType(
    {
        "delivered": (Status.HEALTHY, "Delivered"),
        "pending": (Status.DEGRADED, "Waiting"),
        "refused": (Status.DOWN, "Refused"),
        "expired": (Status.DOWN, "Given up"),
        "folded": (Status.UNKNOWN, "Not needed"),
    }
)


def deliveries(messages: tuple[Message, ...], zone: ZoneInfo, now: datetime) -> str:
    """One row a message, in the order they were written."""
    if not messages:
        return notices.empty("Nobody was told", "No channel takes this severity, or it was held back.")
    return table("Messages", _COLUMNS, [_row(one, zone, now) for one in messages])


def _row(one: Message, zone: ZoneInfo, now: datetime) -> Row:
    status, word = _STATES.get(one.state, (Status.UNKNOWN, one.state.capitalize()))
    said = one.last_error if one.state != "delivered" else one.answer
    earlier = f"Before that: {one.last_error}" if one.state == "delivered" and one.last_error else ""
    about = _ACTIONS.get(one.action, one.action)
    answers = _answer(said) + (_answer(earlier, "quiet") if earlier else "")
    return Row(
        (
            escape(one.channel),
            f'{escape(about)}<span class="incidents-narrow">{answers}</span>',
            f'<span class="pill is-{status}">{mark(status)}{escape(word)}</span>',
            str(one.attempts),
            moment(one.first_attempt_at, zone, now) if one.first_attempt_at else "–",
            _next(one, zone, now),
            answers,
        )
    )


def _answer(said: str, kind: str = "") -> str:
    """What the other side said, all of it: it is read when something went wrong."""
    return f'<span class="incidents-answer long {kind}">{escape(said)}</span>' if said else ""


def _next(one: Message, zone: ZoneInfo, now: datetime) -> str:
    if one.delivered_at:
        return moment(one.delivered_at, zone, now)
    if one.state == "pending" and one.next_attempt_at:
        return f"again {moment(one.next_attempt_at, zone, now)}"
    return "–"
