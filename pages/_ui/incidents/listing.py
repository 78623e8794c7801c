"""The list of incidents as a table, each row leading to its incident. HTML."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from pages._ui import filters, notices, words
from pages._ui.incidents.choices import clear
from pages._ui.incidents.rows import Incident, how_bad, state_pill, still_bad
from pages._ui.incidents.selection import PAGE, SHOWN, Wish, href, is_filtered
from pages._ui.marks import severity_pill
from pages._ui.shell import Visit
from pages._ui.tables import Column, Row, table
from pages._ui.times import lasting, moment

_COLUMNS = (
    Column("Severity"),
    Column("What happened"),
    Column("Service", wide_only=True),
    Column("Began"),
    Column("Lasted", number=True, title="from its first sign to its end"),
    Column("State"),
    Column("Who", wide_only=True, title="who acknowledged it"),
)


def listing(visit: Visit, found: Sequence[Incident], wish: Wish) -> str:
    """The page of `found` that the address asks for, and links to the others."""
    if not found:
        return _none(visit, wish)
    pages = -(-len(found) // SHOWN)
    at = min(visit.view.page, pages)
    rows = [_row(one, visit) for one in found[(at - 1) * SHOWN : at * SHOWN]]
    return table("Incidents", _COLUMNS, rows) + filters.pager(visit.view, PAGE, pages)


def _row(one: Incident, visit: Visit) -> Row:
    link = href(visit.view, page=visit.view.page, incident=one.id)
    label = escape(words.service_label(one.service_type, one.service_name))
    title = escape(one.title or "Without a title")
    who = escape(one.acknowledged_by) or (
        "–" if one.is_over else '<span class="incidents-nobody">nobody yet</span>'
    )
    cells = (
        severity_pill(one.severity),
        f'<a class="incidents-title" data-in-app data-keep="incident-{escape(one.id)}" href="{escape(link)}">'
        f'{title}</a><span class="incidents-narrow">{label}</span>{_relapses(one)}',
        label,
        f'<span class="incidents-when">{moment(one.began_at, visit.zone, visit.now)}</span>',
        _duration(one, visit.now),
        _state(one, visit),
        who,
    )
    return Row(cells, link=True, mark="" if one.is_over else "incidents-open")


def _state(one: Incident, visit: Visit) -> str:
    """The state; and that the service is as it was when a person closed it."""
    if not one.closed_by:
        return state_pill(one.state)
    seen = next((seen for seen in visit.situation.services if seen.key == one.key), None)
    if seen is None or not still_bad(one, seen):
        return state_pill(one.state)
    said = f"by hand, {how_bad(one, seen)}"
    return f'{state_pill(one.state, still=True)}<span class="incidents-still">{said}</span>'


def _duration(one: Incident, now: datetime) -> str:
    if one.is_over:
        return words.span(one.lasted(now))
    return lasting(one.began_at)


def _relapses(one: Incident) -> str:
    said = words.came_back(one.relapses)
    return f'<span class="incidents-relapse">{said}</span>' if said else ""


def _none(visit: Visit, wish: Wish) -> str:
    if is_filtered(visit.view, wish):
        link = f'<a class="link" data-in-app href="{escape(clear(visit.view))}">Show all</a>'
        return notices.empty("No incident matches these filters") + f'<p class="incidents-more">{link}</p>'
    longer = escape(visit.view.href(PAGE, range="30d"))
    more = (
        f'<a class="link" data-in-app href="{longer}">Look at 30 days</a>'
        if visit.view.range != "30d"
        else ""
    )
    said = notices.empty("No incidents in this time", "Nothing went wrong long enough to need anybody.")
    return said + f'<p class="incidents-more">{more}</p>'
