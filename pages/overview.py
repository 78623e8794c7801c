"""The first page: how everything is, right now."""

import streamlit as st

from pages._ui import reading
from pages._ui.overview import figures, groups, recent, traffic
from pages._ui.overview.arranging import MOST, arrange
from pages._ui.overview.last_day import last_day
from pages._ui.overview.month import NONE as NO_MONTHS
from pages._ui.overview.month import months, past
from pages._ui.overview.rows import Setting
from pages._ui.overview.troubles import NONE, troubles
from pages._ui.sharing import shared
from pages._ui.shell import Visit, head, live


def body(visit: Visit) -> None:
    """The headline, the score and the groups; how calls went; recent incidents."""
    now, view = visit.situation, visit.view
    with st.container(key="overview-head"):
        st.html(head(now.headline, now.worst))
        st.button("Refresh", key="refresh", on_click=reading.forget)
    found = shared(arrange, view, now)
    known = reading.ask(troubles).value or NONE
    asked = found.keys if len(now.services) > MOST else None
    held = reading.ask(past, asked).value
    days = shared(months, held, visit.zone) if held is not None else NO_MONTHS
    setting = shared(Setting, view, visit.now, visit.zone, now.last_checked, known, days)
    st.html(shared(figures.figures, now, view))
    if len(now.services) > 1:
        st.html(groups.filter_bar(view))
    groups.draw(found, setting)
    _last_day(visit, recent.recent(known, visit))


def _last_day(visit: Visit, incidents: str) -> None:
    """How calls of APIs went, where there are any APIs, and recent incidents."""
    if not traffic.apis(visit):
        st.html(incidents)
        return
    api = traffic.chosen_api(visit)
    day = reading.ask(last_day, api).value
    if day is not None:
        st.html(traffic.rates(day, api))
    with st.container(key="overview-below"):
        traffic.chart(day, visit, api)
        st.html(incidents)


live("overview", "Overview", body)
