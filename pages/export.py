"""Export: any table or figure as a file, with its size before, its first rows, and the command for it."""

import streamlit as st

from pages._ui import filters, notices, panels, reading, times
from pages._ui.exporting import amount, choosing, prepared, preview, scripts
from pages._ui.exporting.catalogue import entry
from pages._ui.exporting.question import Looked, looked
from pages._ui.exporting.wanting import Wanted, wanted
from pages._ui.shell import Visit, head, live


def body(visit: Visit) -> None:
    """What there is at the left, and at the right what was chosen of it."""
    want = wanted(visit.view, visit.zone.key)
    st.html(head("Export", below="<p>Any table or figure, as a file now or from a script every night.</p>"))
    if want.faults:
        st.html(notices.faults(want.faults))
    chosen = want.asked.dataset
    with st.container(key="export-columns", horizontal=True):
        with st.container(key="export-choice"):
            st.html(filters.bar(filters.search("export", "Search tables and figures")))
            with st.container(key="export-scroll"):
                st.html(choosing.catalogue(visit.view, chosen))
        with st.container(key="export-chosen"):
            st.html(choosing.pick(chosen))
            _chosen(visit, want)


def _chosen(visit: Visit, want: Wanted) -> None:
    one = entry(want.asked.dataset)
    found = reading.ask(looked, want.asked).value
    aside = f'<code>{one.dataset.name}</code><span class="pill">{one.kind}</span>'
    with panels.panel("export", one.title, f"A row is {one.dataset.about}", aside):
        zone = times.zone_name(visit.zone, visit.now)
        st.html(choosing.bar(visit, want) + choosing.form_bar(visit.view, want, zone))
        if found is None:
            st.html(notices.empty("Not counted yet", "This page tries again every few seconds."))
        else:
            _take(found)
    prepared.panel()
    if found is not None and found.chosen is not None:
        st.html(preview.preview(found))
        st.html(scripts.commands(found.chosen, st.context.url))


def _take(found: Looked) -> None:
    st.html(amount.amount(found) + prepared.fault())
    if found.chosen is None:
        return
    with st.container(key="export-take", horizontal=True, vertical_alignment="center"):
        if amount.is_small(found):
            st.html(amount.at_once(found))
        st.button(
            "Prepare a file",
            key="prepare",
            type="secondary" if amount.is_small(found) else "primary",
            disabled=not amount.fits(found),
            on_click=prepared.prepare,
            args=(found,),
        )
        if not amount.is_small(found):
            st.html(amount.at_once(found))


live("export", "Export", body)
