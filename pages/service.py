"""One service: how it is and why, how it did, and what it is judged by; which one the address says."""

import streamlit as st

from analytics.model import ServiceType
from pages._ui import filters, notices, reading, words
from pages._ui.service import (
    budget,
    checks,
    choosing,
    deliveries,
    endpoints,
    figures,
    incidents,
    latency,
    limits,
    phases,
    quotas,
    rules,
    state,
    timeline,
    tools,
)
from pages._ui.service.questions import Past, Present, past, present, standards
from pages._ui.sharing import shared
from pages._ui.shell import Visit, head, live
from pages._ui.situation import Seen, Situation
from pages._ui.view import View

_NAMES = {
    ServiceType.MCP: "MCP server",
    ServiceType.API: "External API",
    ServiceType.WEBHOOK: "Webhook source",
    ServiceType.INFRASTRUCTURE: "Infrastructure",
}


def body(visit: Visit) -> None:
    """The page."""
    asked = visit.view.service
    seen = next((one for one in visit.situation.services if one.key == asked), None)
    if seen is None:
        st.html(head(choosing.heading(asked), below=choosing.said(asked)))
        st.html(filters.bar(filters.types(visit.view, "service"), filters.search("service")))
        st.html(choosing.choice(visit))
        return
    text = visit.view.range or "24h"
    here = reading.ask(present, seen.key, text).value
    _top(seen, here, visit)
    if here is not None:
        timeline.panel(here.stretches, here.incidents, here.around.work, here.period, visit)
    # What takes longer is asked when the state can be seen already.
    there = reading.ask(past, seen.key, text, seen.service.interval).value
    if there is None:
        st.html(notices.empty("No figures", "The database gives none just now; this tries again."))
    else:
        _evidence(seen, here, there, visit)
    _records(seen, here, visit)


def _choice(view: View, now: Situation) -> str:
    """The choice of another service."""
    return filters.services(view, "service", [one.key for one in now.services], every="")


def _top(seen: Seen, here: Present | None, visit: Visit) -> None:
    choice = shared(_choice, visit.view, visit.situation)
    others = [one for one in visit.situation.services if one.key.service_name == seen.key.service_name]
    twins = "".join(state.service_link(one, visit) for one in others if one.key != seen.key)
    also = f"<span>also {twins}</span>" if twins else ""
    below = f'<p class="service-kind">{_NAMES[seen.key.service_type]}{also}</p>'
    st.html(head(words.service_name(seen.key.service_name), seen.status, below=below))
    st.html(filters.bar(filters.ranges(visit.view, "service", zone=visit.zone, now=visit.now), choice))
    more = deliveries.facts(here.silence) if here and here.silence else ""
    st.html(state.card(seen, here.around if here else None, visit, more))


def _evidence(seen: Seen, here: Present | None, there: Past, visit: Visit) -> None:
    kind = seen.key.service_type
    st.html(figures.row(there.figures, kind, there.period))
    if there.phases.empty:
        latency.panel(there.times, there.spans, seen.service, visit)
    else:
        left, right = st.columns([3, 2])
        with left:
            latency.panel(there.times, there.spans, seen.service, visit)
        with right:
            phases.panel(there.phases, seen.service.probe, visit)
    if kind is ServiceType.API:
        st.html(endpoints.card(there.endpoints, visit))
    if kind is ServiceType.WEBHOOK:
        st.html(deliveries.card(there.deliveries, visit))
    if here and here.quotas:
        st.html(quotas.card(here.quotas, visit))
    if here and here.tools:
        st.html(tools.card(here.tools, visit))


def _records(seen: Seen, here: Present | None, visit: Visit) -> None:
    if here is not None:
        st.html(incidents.card(here.incidents, visit))
    st.html(checks.card(seen.key, visit))
    found = reading.ask(standards, seen.key).value
    if found is not None:
        spent = budget.card(found.budget, visit) if found.budget else ""
        held = limits.card(found.policy, seen.service) if found.policy else ""
        st.html(f'<div class="service-pair">{spent}{held}</div>{rules.card(found.rules, visit)}')


live("service", "Service", body)
