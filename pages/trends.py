"""How figures move: a period beside the one before it, over time, by service, hour and promise."""

import streamlit as st

from analytics.periods import parse_period
from pages._ui import notices, reading
from pages._ui.shell import Visit, live
from pages._ui.trends import sections
from pages._ui.trends.chart_panels import charts
from pages._ui.trends.question import long_trends, trends
from pages._ui.trends.selection import asked_of


def body(visit: Visit) -> None:
    """The page."""
    asked, faults = asked_of(visit.view, visit.situation)
    sections.top(visit, asked, faults)
    if not asked.services:
        sections.nothing_chosen(visit)
        return
    length = parse_period(asked.text, visit.now).length
    question = trends if length.days < 2 else long_trends
    found = reading.ask(question, asked.text, asked.services).value
    if found is None:
        st.html(notices.empty("Not read yet", "This page tries again every few seconds."))
        return
    sections.totals(found, len(asked.services))
    charts(visit, asked, found)
    keys = sections.ranking(visit, asked, found)
    sections.hours(visit, asked, found, keys)
    sections.worst(visit, asked, found)
    sections.promises(visit, asked, keys)


live("trends", "Trends", body)
