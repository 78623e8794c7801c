"""The page of one incident: what it is and what to do, its story, its messages, and what was around it."""

from html import escape

import streamlit as st

from analytics.model import IncidentState, Severity, Status
from analytics.rules.vendors import vendor_title
from pages._ui import navigation, notices, panels, reading, words
from pages._ui.incidents import acting, around, deliveries
from pages._ui.incidents.one_question import VendorReport, Whole, whole
from pages._ui.incidents.rows import Incident, how_bad, state_pill, still_bad
from pages._ui.incidents.runbook import runbook_link
from pages._ui.incidents.selection import Wish, href
from pages._ui.incidents.story import story
from pages._ui.marks import mark, severity_pill
from pages._ui.rule_words import rule_name
from pages._ui.runbooks import web_address
from pages._ui.shell import Visit, head
from pages._ui.situation import Seen
from pages._ui.times import ago, exact, lasting, moment
from pages._ui.words import service_label

_UNREADABLE = "The incident cannot be read just now"
_GONE = (
    "What is over is kept for 13 months, unless the collector was told otherwise.",
    "Perhaps the link is older, or of another database.",
)


def draw(visit: Visit, wish: Wish) -> None:
    """All of it, or one line when there is no such incident."""
    there = escape(href(visit.view, incident="", page=visit.view.page))
    back = f'<a class="link" data-in-app href="{there}">All incidents</a>'
    answer = reading.ask(whole, wish.incident)
    if answer.value is None:
        st.html(head("Incident", below=f"<p>{back}</p>"))
        st.html(notices.empty(_UNREADABLE, "This page tries again every few seconds."))
        return
    if not answer.value:
        st.html(head("No such incident", below=f"<p>{back}</p>"))
        st.html(notices.empty("No incident has the id of this address", *_GONE))
        return
    _whole(visit, answer.value[0], back)


def _whole(visit: Visit, found: Whole, back: str) -> None:
    incident = found.incident
    seen = _seen(visit, incident)
    st.html(_head(incident, seen, back))
    st.html(_facts(visit, incident))
    with panels.panel("incident-act", "What to do", what_to_do(incident, seen)):
        acting.draw(incident)
    left, right = st.columns([1, 1])
    with left, panels.panel("incident-story", "What happened", _count(len(found.events), "entry", "entries")):
        st.html(story(found, visit.zone, visit.now))
    with right:
        _checks(visit, found)
        if found.reports:
            with panels.panel("incident-vendor", "What the vendor says", "context, never a verdict"):
                st.html("".join(_report(one, visit) for one in found.reports))
    with panels.panel("incident-messages", "Who was told", _told(found)):
        st.html(deliveries.deliveries(found.messages, visit.zone, visit.now))


def _checks(visit: Visit, found: Whole) -> None:
    about = "from 15 min before to 15 min after" + (", the newest of them" if found.more_checks else "")
    with panels.panel("incident-checks", "Checks around it", about):
        if found.checks.empty:
            st.html(notices.empty("No checks are kept of that time", "Single checks are kept for 30 days."))
            return
        if found.checks["ms"].notna().any():
            around.draw(found, visit.theme)
        st.html(around.said(found, visit.zone, visit.now))


def _head(incident: Incident, seen: Seen | None, back: str) -> str:
    status = {Severity.CRITICAL: Status.DOWN, Severity.WARNING: Status.DEGRADED}
    shape = status.get(Severity(incident.severity)) if incident.severity in list(Severity) else None
    still = still_bad(incident, seen)
    pills = f"{severity_pill(incident.severity)} {state_pill(incident.state, still)}"
    if incident.closed_by:
        pills += f" <span>by {escape(incident.closed_by)}</span>"
    if still and seen:
        shape = seen.status
        pills += f' <span class="pill is-{shape}">{mark(shape)}{how_bad(incident, seen)}</span>'
    elif incident.is_over:
        shape = Status.HEALTHY
    below = f'<p class="incident-below">{pills} {_since(incident, still)}{back}</p>'
    title = incident.title or "Incident without a title"
    return head(title, shape, below=below) + navigation.own_title(shape, title)


def _since(incident: Incident, still: bool) -> str:
    if incident.resolved_at is not None:
        took = words.span(incident.lasted(incident.resolved_at))
        if still:
            return f"<span>closed {ago(incident.resolved_at)}, after {took}</span>"
        return f"<span>lasted {took}, over {ago(incident.resolved_at)}</span>"
    return f"<span>going on {lasting(incident.began_at)}</span>"


def what_to_do(incident: Incident, seen: Seen | None) -> str:
    """One sentence; `seen` is how the service is now, None when it is not monitored any more."""
    now = seen.status if seen else None
    if seen and still_bad(incident, seen) and how_bad(incident, seen).startswith("still"):
        return (
            f"{incident.closed_by} closed it, and the service is still {now}. Nobody is told of it until "
            "it was good once or gets worse; then people are told again."
        )
    if incident.is_over and now in (Status.DOWN, Status.DEGRADED):
        return f"Closed, but the service is {now}: what closed it says whether more of it is told."
    if incident.is_over:
        return "It is over. Write down what it was, for whoever meets it next."
    who = f"{incident.acknowledged_by} is on it. " if incident.state != IncidentState.OPEN else ""
    if now is Status.HEALTHY:
        return f"{who}The service is healthy again: this resolves by itself when it stays so."
    return who + (
        "It resolves by itself when it has been good for as long as its rule asks."
        if who
        else "Nobody is on it yet: acknowledge it, so that others know it is yours."
    )


def _seen(visit: Visit, incident: Incident) -> Seen | None:
    return next((one for one in visit.situation.services if one.key == incident.key), None)


def _facts(visit: Visit, incident: Incident) -> str:
    """Who, when and where to read on, as a list of terms."""
    view, key = visit.view, incident.key
    label = escape(service_label(incident.service_type, incident.service_name))
    seen = _seen(visit, incident)
    service = (
        f'<a class="link" data-in-app href="{escape(view.href("service", service=key))}">{label}</a>'
        if seen is not None
        else f"{label} (no longer monitored)"
    )
    now = f" · {words.STATUSES[seen.status].lower()} now" if seen is not None else ""
    facts = [
        ("Service", service + now),
        ("Reason", escape(words.reason(incident.reason)) or "–"),
        ("First sign", exact(incident.began_at, visit.zone) + _relapses(incident)),
        ("Acknowledged", _acknowledged(incident)),
        ("Rule", escape(rule_name(incident.rule)) or "–"),
        ("Help", runbook_link(seen.service.runbook if seen else "", incident)),
    ]
    listed = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="card incident-facts">{listed}</dl>'


def _relapses(incident: Incident) -> str:
    if not incident.relapses:
        return ""
    return ", came back " + ("once" if incident.relapses == 1 else f"{incident.relapses} times")


def _acknowledged(incident: Incident) -> str:
    if incident.acknowledged_at is None:
        since = " since it came back" if incident.relapses else "" if incident.is_over else " yet"
        return (
            f"by nobody{since}"
            if incident.is_over
            else f'<span class="incidents-nobody">nobody{since}</span>'
        )
    told, by = incident.told_at, escape(incident.acknowledged_by)
    if told is None or incident.acknowledged_at < told:
        return by
    return f"{by}, {words.span(incident.acknowledged_at - told)} after the first message"


def _told(found: Whole) -> str:
    waiting = sum(one.state == "pending" for one in found.messages)
    lost = sum(one.state in ("refused", "expired") for one in found.messages)
    parts = [_count(len(found.messages), "message", "messages")]
    if waiting:
        parts.append(f"{waiting} waiting")
    if lost:
        parts.append(f"{lost} never arrived")
    return ", ".join(parts)


def _report(one: VendorReport, visit: Visit) -> str:
    until = (
        f"until {moment(one.resolved_at, visit.zone, visit.now)}" if one.resolved_at else escape(one.state)
    )
    name = escape(one.name)
    url = web_address(one.url)
    title = (
        f'<a class="link" href="{escape(url)}" rel="noopener noreferrer">{name}</a>'
        if url
        else f"<b>{name}</b>"
    )
    begun = moment(one.started_at, visit.zone, visit.now)
    return (
        f'<p class="incident-report">{escape(vendor_title(one.vendor))}: {title}<br>from {begun} {until}</p>'
    )


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {many}"
