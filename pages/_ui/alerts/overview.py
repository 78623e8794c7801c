"""The page without a rule chosen: everything about alerts, what needs somebody first."""

import streamlit as st

from pages._ui import filters, notices, reading
from pages._ui.alerts import channels, figures, firing, history, muting, quiet, rule_list
from pages._ui.alerts.question import board
from pages._ui.alerts.rows import Board
from pages._ui.alerts.selection import DEFAULT_RANGE, PAGE, Wish, chosen
from pages._ui.shell import Visit, head
from pages._ui.times import stretch
from pages._ui.view import View

_NAMES = dict(filters.RANGES)

#: In the place of a part that comes and goes: else what follows, with what is written there, would be anew.
_NOT_NOW = '<div class="alerts-not-now"></div>'


def draw(visit: Visit, wish: Wish) -> None:
    """Figures, rules, what fires and fired, what was kept from people, channels, maintenance, mutes."""
    view = visit.view
    keys = [seen.key for seen in visit.situation.services]
    period = view.period(visit.now, DEFAULT_RANGE)
    below = f"<p>{stretch(period.since, period.until, visit.zone, visit.now)}</p>"
    st.html(head("Alerts", below=below) + notices.faults([wish.fault] if wish.fault else []))
    st.html(
        filters.bar(
            filters.ranges(view, PAGE, DEFAULT_RANGE, visit.zone, visit.now),
            filters.types(view, PAGE),
            filters.services(view, PAGE, keys),
        )
    )
    answer = reading.ask(board, view.range or DEFAULT_RANGE)
    if answer.value is None:
        st.html(notices.empty("Alerts cannot be read just now", "This page tries again every few seconds."))
        return
    _parts(visit, answer.value)


def period_name(view: View) -> str:
    """How the time range is called within a sentence."""
    return _NAMES.get(view.range or DEFAULT_RANGE, "this time")


def _parts(visit: Visit, found: Board) -> None:
    view, period = visit.view, period_name(visit.view)
    standing, firings = chosen(found.standing, view), chosen(found.firings, view)
    kept = chosen(found.kept, view)
    st.html(figures.figures(found, view, period))
    st.html(firing.standing_card(standing, view) if standing else _NOT_NOW)
    st.html(rule_list.rule_list(found, view, period))
    st.html(firing.firings_card(firings, view, period, visit.zone, visit.now))
    st.html(firing.kept_card(kept, view, period, visit.zone, visit.now) if kept else _NOT_NOW)
    st.html(channels.channels_card(found.channels, view, period, visit.zone, visit.now))
    st.html(quiet.maintenance_card(found.work, visit.zone, visit.now))
    muting.draw(found.mutes, visit)
    if found.made:
        st.html(history.history_card(found.made, view, visit.zone, visit.now))
