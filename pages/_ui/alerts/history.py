"""Who changed which rule, when, from what to what, and why: the audit of the rules. HTML."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from pages._ui import panels
from pages._ui.alerts.rows import Made
from pages._ui.alerts.selection import PAGE, service_label
from pages._ui.alerts.wording import LABELS, value_in_words
from pages._ui.rule_words import rule_name
from pages._ui.tables import Column, Row, table
from pages._ui.times import moment
from pages._ui.view import View

_SHOWN = 12


def history_card(found: Sequence[Made], view: View, zone: ZoneInfo, now: datetime) -> str:
    """The newest changes."""
    columns = [Column("When"), Column("Who"), Column("What"), Column("Note", wide_only=True)]
    body = table("Changes of rules", columns, [_row(one, view, zone, now) for one in found[:_SHOWN]])
    aside = panels.download("alert_rule_changes")
    return panels.card("Changes of rules", body, aside=aside, classes="alerts-history")


def steps_in_words(made: Made) -> str:
    """What a change changed: `Checks in a row: 3 → 5`. Plain text."""
    steps = "; ".join(
        f"{LABELS.get(word, word)}: {_value(word, before)} → {_value(word, after)}"
        for word, before, after in made.steps
    )
    if made.taken_back:
        return f"taken back{f' ({steps})' if steps else ''}"
    return steps or "the same as before"


def _value(word: str, value: object) -> str:
    """What was stored may have been written by hand: then it is shown as it is."""
    try:
        return value_in_words(word, value)
    except (TypeError, ValueError):
        return str(value)[:60]


def _row(one: Made, view: View, zone: ZoneInfo, now: datetime) -> Row:
    href = escape(view.href(PAGE, rule=one.rule, service=one.service))
    whom = service_label(str(one.service)) if one.service else "all services"
    return Row(
        (
            moment(one.at, zone, now),
            escape(one.author),
            f'<a class="alerts-service" data-in-app href="{href}">{escape(rule_name(one.rule))}</a> '
            f'for {escape(whom)}<span class="alerts-steps">{escape(steps_in_words(one))}</span>',
            escape(one.note) or "–",
        )
    )
