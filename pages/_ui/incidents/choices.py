"""The filters of the list: those of all pages, and severity and state. HTML, safe as it is."""

from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

from analytics.model import IncidentState, Severity
from pages._ui import filters
from pages._ui.incidents.rows import STATES
from pages._ui.incidents.selection import DEFAULT_RANGE, PAGE, Wish, href
from pages._ui.situation import Situation
from pages._ui.view import View


def bar(view: View, wish: Wish, now: Situation, zone: ZoneInfo) -> str:
    """The row of filters."""
    keys = [seen.key for seen in now.services if view.service_type in (None, seen.key.service_type)]
    states = [(state.value, STATES[state]) for state in IncidentState]
    severities = [(one.value, one.value.capitalize()) for one in Severity]
    return filters.bar(
        filters.ranges(view, PAGE, DEFAULT_RANGE, zone, now.now),
        filters.types(view, PAGE),
        filters.services(view, PAGE, keys),
        _choice(view, "State", "state", wish.state, states),
        _choice(view, "Severity", "severity", wish.severity, severities),
        filters.search(PAGE, "Search incidents"),
    )


def clear(view: View) -> str:
    """The address of the list without any filter but the time."""
    return View(range=view.range).href(PAGE)


def _choice(view: View, label: str, name: str, chosen: str, choices: Sequence[tuple[str, str]]) -> str:
    """A few values to choose from; the chosen one is taken back by choosing it again."""
    links = "".join(
        f'<a data-in-app data-keep="{name}-{value}" class="chip"{_current(value == chosen)} '
        f'href="{escape(href(view, **{name: "" if value == chosen else value}))}">{escape(word)}</a>'
        for value, word in choices
    )
    return f'<nav class="chips" aria-label="{label}">{links}</nav>'


def _current(current: bool) -> str:
    return ' aria-current="true"' if current else ""
