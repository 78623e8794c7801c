"""The page without an incident chosen: figures, timeline, list."""

import streamlit as st

from analytics.model import IncidentState
from pages._ui import notices, panels, reading
from pages._ui.incidents import choices
from pages._ui.incidents.listing import listing
from pages._ui.incidents.question import Found, incidents_of, timeline_of
from pages._ui.incidents.rows import Incident
from pages._ui.incidents.selection import DEFAULT_RANGE, SHOWN, Wish, chosen
from pages._ui.incidents.targets import targets
from pages._ui.incidents.timeline import services_of, timeline
from pages._ui.shell import Visit, head
from pages._ui.times import stretch


def draw(visit: Visit, wish: Wish) -> None:
    """All of it; what could not be read says so in its place."""
    asked = visit.view.range or DEFAULT_RANGE
    found = reading.ask(incidents_of, asked).value
    st.html(head("Incidents", below=_below(found, visit)) + notices.faults(wish.faults))
    st.html(choices.bar(visit.view, wish, visit.situation, visit.zone))
    if found is None:
        st.html(
            notices.empty("The incidents cannot be read just now", "This page tries again every few seconds.")
        )
        return
    met = chosen(found.incidents, visit.view, wish)
    if found.incidents:
        st.html(targets(found.figures, len(found.incidents), narrowed=len(met) < len(found.incidents)))
    going = [one for one in met if not one.is_over]
    over = [one for one in met if one.is_over]
    if going:
        with panels.panel("incidents-going", "Going on", _count(len(going), found)):
            st.html(f'<div class="incidents-list">{_going(visit, going, over, wish)}</div>')
    _timeline(visit, tuple(met), asked)
    if over or not going:
        title, aside = "Over" if going else "Incidents", _download("incidents", visit, asked)
        with panels.panel("incidents-over", title, _count(len(over), found), aside):
            st.html(f'<div class="incidents-list">{listing(visit, over, wish)}</div>')


def _going(visit: Visit, going: list[Incident], over: list[Incident], wish: Wish) -> str:
    """Those that go on: a page of them when nothing else is listed, else the newest and how many more."""
    if not over:
        return listing(visit, going, wish)
    more = len(going) - SHOWN
    said = f'<p class="incidents-more">and {more} more: choose a state to see all</p>' if more > 0 else ""
    return listing(visit, going[:SHOWN], wish) + said


def _timeline(visit: Visit, met: tuple[Incident, ...], asked: str) -> None:
    keys, count = services_of(visit.view, visit.situation, met)
    about = f"{len(keys)} of {count} services, those with incidents first" if count > len(keys) else ""
    aside = _download("status_timeline", visit, asked)
    with panels.panel("incidents-timeline", "Timeline", about, aside):
        found = reading.ask(timeline_of, asked, keys).value if keys else None
        if not keys:
            st.html(notices.empty("No service matches these filters"))
        elif found is None:
            st.html(notices.empty("The timeline cannot be read just now"))
        else:
            st.html(timeline(found, keys, met, visit.view, visit.zone, visit.now))


def _below(found: Found | None, visit: Visit) -> str:
    """Which time is looked at, and how many of its incidents need somebody."""
    if found is None:
        return ""
    period = found.period
    open_ = sum(not one.is_over for one in found.incidents)
    nobody = sum(one.state == IncidentState.OPEN for one in found.incidents)
    said = f"{open_} going on" if open_ else "none going on"
    if nobody:
        said += f", {nobody} with nobody on {'it' if nobody == 1 else 'them'}"
    return f"<p>{stretch(period.since, period.until, visit.zone, visit.now)} · {said}</p>"


def _count(shown: int, found: Found) -> str:
    total = len(found.incidents)
    return f"{shown} of {total}" if shown != total else f"{total}"


def _download(figure: str, visit: Visit, asked: str) -> str:
    service, kind = visit.view.service, visit.view.service_type
    return panels.download(figure, period=asked, service=str(service or ""), type=kind or "")
