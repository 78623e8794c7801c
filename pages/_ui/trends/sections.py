"""The sections of the page, top to bottom."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from analytics.model import ServiceKey
from analytics.periods import parse_period
from pages._ui import filters, notices, panels, reading, tiles, times
from pages._ui.shell import Visit, head
from pages._ui.trends import wording
from pages._ui.trends.budget_history import budget_history
from pages._ui.trends.budgets import budget_table, budgets
from pages._ui.trends.chart_panels import against, spoken, wanted_of
from pages._ui.trends.drawing import draw_course
from pages._ui.trends.heat import clock, heat
from pages._ui.trends.heatmap import heatmap
from pages._ui.trends.question import Trends
from pages._ui.trends.selection import DEFAULT_RANGE, SEARCH_FROM, Asked, entries, part, shown
from pages._ui.trends.table import PAGE, table
from pages._ui.trends.totals import tiles_of
from pages._ui.trends.worst import causes, worst_list, worst_of

_LOADING = "Not read yet"

#: Hours of so many days are laid over each other at most.
_MOST_DAYS = 62


def top(visit: Visit, asked: Asked, faults: Sequence[str]) -> None:
    """The headline with the period, the filters, and what of the address was left out."""
    view, keys = visit.view, sorted(seen.key for seen in visit.situation.services)
    period = parse_period(asked.text, visit.now)
    below = f"<p>{times.stretch(period.since, period.until, visit.zone, visit.now)}</p>"
    parts = [
        filters.ranges(view, PAGE, DEFAULT_RANGE, visit.zone, visit.now),
        filters.types(view, PAGE),
        filters.services(view, PAGE, keys),
    ]
    if len(keys) >= SEARCH_FROM:
        parts.append(filters.search(PAGE))
    st.html(head("Trends", below=below) + notices.faults(faults))
    st.html(f'<div class="tr-top">{filters.bar(*parts)}</div>')


def totals(found: Trends, count: int) -> None:
    """The tiles, and whose the lines of the charts are."""
    label = "Figures of all that is chosen" if count > 1 else "Figures"
    st.html(f'<div class="tr-tiles">{tiles.tiles(tiles_of(found.total, against(found)), label)}</div>')


def ranking(visit: Visit, asked: Asked, found: Trends) -> tuple[ServiceKey, ...]:
    """The table; gives the services whose pictures stand below it."""
    rows, pages = part(entries(asked, found.services, found.groups), visit.view.page)
    statuses = {seen.key: seen.status for seen in visit.situation.services}
    about = "by group" if asked.grouped else "worst first" if asked.sort == "worst" else ""
    aside = panels.download("trends", **wanted_of(visit, asked))
    if not visit.view.service_type and not visit.view.service:
        aside = _switch(visit, "by", (("Services", ""), ("Groups", "type")), asked.grouped) + aside
    body = table(rows, visit.view, asked.sort, statuses, against(found))
    title = "Groups" if asked.grouped else "Services"
    st.html(panels.card(title, body + filters.pager(visit.view, PAGE, pages), about, aside, "tr-card"))
    return shown(asked, rows, found.services)


def _switch(visit: Visit, name: str, choices: Sequence[tuple[str, str]], second: bool) -> str:
    """Two views of the same, as links that change `name` of the address; `second` says which is shown."""
    kept = {**dict(visit.view.own), "search": visit.view.search, "page": visit.view.page}
    links = ""
    for number, (text, value) in enumerate(choices):
        current = ' aria-current="true"' if number == second else ""
        there = escape(visit.view.href(PAGE, **{**kept, name: value}))
        links += f'<a data-in-app data-keep="{name}-{number}" href="{there}"{current}>{text}</a>'
    label = escape(" or ".join(text for text, _ in choices))
    return f'<nav class="segments tr-switch" aria-label="{label}">{links}</nav>'


def hours(visit: Visit, asked: Asked, found: Trends, keys: tuple[ServiceKey, ...]) -> None:
    """The map of hours or days by service."""
    by_clock = asked.by_clock and _has_days(found)
    answer = reading.ask(clock if by_clock else heat, asked.text, tuple(sorted(keys)), visit.zone.key)
    uptimes = {
        one.of: wording.uptime(one.uptime.value) for one in found.services if isinstance(one.of, ServiceKey)
    }
    aside = panels.download("status_hours", **wanted_of(visit, asked))
    if _has_days(found):
        aside = _switch(visit, "map", (("Over time", ""), ("By hour of day", "clock")), by_clock) + aside
    if answer.value is None:
        body, about = notices.empty(_LOADING), ""
    else:
        body, about = heatmap(answer.value, keys, uptimes, visit.view), answer.value.cell
    st.html(panels.card("When it happened", body, about, aside, "tr-card"))


def _has_days(found: Trends) -> bool:
    """Whether several days can be laid over each other: not of a short time, nor of more than can be read."""
    return 2 <= found.period.length.days <= _MOST_DAYS


def promises(visit: Visit, asked: Asked, keys: tuple[ServiceKey, ...]) -> None:
    """Objectives and error budgets; of one chosen service also how its budget went."""
    answer = reading.ask(budgets, tuple(sorted(keys)))
    if answer.value is None:
        body = notices.empty(_LOADING)
    elif not answer.value:
        body = notices.empty("No objective", "Only services that are monitored have one.")
    else:
        body = budget_table(answer.value, visit.view, visit.zone, visit.now)
    service = visit.view.service
    wanted = {"service": str(service or ""), "type": str(visit.view.service_type or "")}
    aside = panels.download("slo", period="30d", **wanted)
    st.html(panels.card("Objectives and error budgets", body, "the last 30 days", aside, "tr-card"))
    if service in keys:
        assert service is not None
        _history(visit, asked, service)


def _history(visit: Visit, asked: Asked, service: ServiceKey) -> None:
    course = reading.ask(budget_history, asked.text, service).value
    aside = spoken(course, wording.uptime) if course else ""
    with panels.panel("tr-budget", "Error budget over time", "what was left of the 30 days before", aside):
        if course is None or course.least is None or course.most is None:
            st.html(notices.empty("No budget is known in this period"))
        else:
            says = "Share of the error budget that was left, over time"
            draw_course(course, visit.theme, "percent", 100.0, "tr-budget", says)


def worst(visit: Visit, asked: Asked, found: Trends) -> None:
    """The services that were worst off, and mostly why."""
    lines = worst_of(found.services)
    why = reading.ask(causes, asked.text, asked.services).value or {}
    if lines:
        body = worst_list(lines, why, visit.view)
    else:
        body = notices.empty("No trouble", "Nothing was down or degraded in this period.")
    aside = panels.download("worst_services", **wanted_of(visit, asked))
    title = "Worst of the period" if len(found.services) > 1 else "Trouble in the period"
    st.html(panels.card(title, body, "time down and degraded", aside, "tr-card"))


def nothing_chosen(visit: Visit) -> None:
    """What stands in place of everything when no service is left by the filters."""
    service = visit.view.service
    known = {seen.key for seen in visit.situation.services}
    if service and service not in known:
        said = notices.empty(f"No service {service}", "It is not monitored, or no longer.")
    else:
        said = notices.empty("No service matches", "The filters leave nothing to compare.")
    back = escape(visit.view.href(PAGE, service=None, service_type=None, status=None))
    st.html(f'{said}<p class="tr-back"><a class="link" data-in-app href="{back}">Show all services</a></p>')
