"""The groups of services as cards, and what is said when a filter leaves none. HTML."""

from html import escape

import streamlit as st

from analytics.model import Status
from pages._ui import filters, notices, words
from pages._ui.marks import mark
from pages._ui.overview.arranging import MOST, Arrangement, Group, stacks
from pages._ui.overview.rows import Setting, row
from pages._ui.sharing import shared
from pages._ui.situation import ORDER
from pages._ui.view import ROOT, View

_LEGEND = (
    '<p class="legend"><span>One slot is one day of the last 30, today on the right:</span>'
    '<span><i class="h"></i>healthy</span><span><i class="g"></i>degraded</span>'
    '<span><i class="d"></i>down</span><span><i class="u"></i>unknown or not checked</span></p>'
)


def draw(found: Arrangement, setting: Setting) -> None:
    """All groups that are shown, each with its services, worst first.

    A card is an element of its own: what did not change in it is neither sent nor drawn anew.
    """
    if not found.groups:
        st.html(nothing_left())
        return
    with st.container(key=f"groups-{'one' if len(found.groups) == 1 else 'many'}"):
        for number, stack in enumerate(stacks(found.groups)):
            with st.container(key=f"stack-{number}"):
                for group in stack:
                    st.html(shared(card, group, setting))
    st.html(filters.pager(setting.view, ROOT, found.pages) + _LEGEND)


def filter_bar(view: View) -> str:
    """The filters of this page beside the counts, and how to be rid of them all."""
    filtered = view.service_type or view.status or view.service or view.search
    clear = (
        f'<a class="link" data-in-app data-keep="clear" href="{escape(View().href(ROOT))}">Clear filters</a>'
    )
    bar = filters.bar(filters.types(view, ROOT), filters.search(ROOT), clear if filtered else "")
    return f'<div class="tight">{bar}</div>'


def nothing_left() -> str:
    """What is said when no service is as the filters want it, and the way back."""
    said = notices.empty("No service matches these filters")
    back = (
        f'<a class="button" data-in-app data-keep="show-all" href="{escape(View().href(ROOT))}">Show all</a>'
    )
    return f'<section class="card nothing">{said}<p>{back}</p></section>'


def card(group: Group, setting: Setting) -> str:
    """One group: how many of it are healthy, and its rows."""
    rows = "".join(row(seen, setting) for seen in group.rows)
    return (
        f'<section class="card group-{group.kind} rank-{ORDER.index(group.worst)}">'
        f"<h2><span>{words.GROUPS[group.kind]}</span>"
        f'<span class="tally">{mark(group.worst)}{group.healthy}/{group.members} healthy</span></h2>'
        f"<ul>{rows}{_more(group, setting.view)}</ul></section>"
    )


def _more(group: Group, view: View) -> str:
    """What of a large group is not shown, and where it is."""
    if not group.more or (group.members > MOST and view.service_type is group.kind):
        return ""
    hidden_healthy = group.healthy - sum(seen.status is Status.HEALTHY for seen in group.rows)
    all_healthy = hidden_healthy == group.more
    said = f"{group.more} more, all healthy" if all_healthy and group.rows else f"{group.more} more"
    if not group.rows:
        said = f"All {group.members} healthy"
    there = view.href(ROOT, service_type=group.kind, search=view.search)
    return (
        f'<li class="more">{mark(Status.HEALTHY) if all_healthy else ""}<span>{said}</span>'
        f'<a class="link" data-in-app data-keep="all-{group.kind}" href="{escape(there)}">Show all</a></li>'
    )
