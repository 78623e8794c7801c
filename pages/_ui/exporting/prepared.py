"""The exports this visitor had prepared: how far each is, and its file. Anew every second meanwhile."""

from datetime import datetime
from html import escape

import streamlit as st

from analytics.export import ExportError
from pages._ui import panels, reading, words
from pages._ui.exporting.catalogue import entry
from pages._ui.exporting.naming import size
from pages._ui.exporting.question import Looked
from pages._ui.exporting.shelf import SHELF, Export, State

_MINE = "exports"
_FAULT = "export-fault"

_WORDS = {State.FAILED: "Not made", State.CANCELLED: "Cancelled", State.READY: "Ready"}


def prepare(found: Looked) -> None:
    """Begin to make `found`, for this visitor to see."""
    st.session_state.pop(_FAULT, None)
    if found.chosen is None:
        return
    try:
        export = SHELF.prepare(found.chosen, found.total, reading.utc_now())
    except ExportError as error:
        st.session_state[_FAULT] = str(error)
        return
    st.session_state[_MINE] = [export.id, *st.session_state.get(_MINE, [])]


def fault() -> str:
    """Why nothing could be begun, in one line; empty when something was."""
    line = str(st.session_state.get(_FAULT, ""))
    return (
        f'<div class="banner held" role="status"><b>Not begun.</b><span>{escape(line)}</span></div>'
        if line
        else ""
    )


def panel() -> None:
    """The list; nothing without one."""
    mine = _mine()
    if not mine:
        return
    making = any(one.state is State.PREPARING for one in mine)
    st.fragment(_draw, run_every=1 if making else None)()


def _draw() -> None:
    mine = _mine()
    if not mine:
        return
    with panels.panel("prepared", "Prepared files", "kept for an hour, and until the dashboard stops"):
        for one in mine:
            with st.container(key=f"export-{one.id[:8]}", horizontal=True, vertical_alignment="center"):
                st.html(row(one, reading.utc_now()))
                label = "Cancel" if one.state is State.PREPARING else "Remove"
                st.button(label, key=f"drop-{one.id}", type="tertiary", on_click=SHELF.cancel, args=(one.id,))


def row(one: Export, now: datetime) -> str:
    """What one of them is, how far, and the link to its file."""
    asked = one.chosen.asked
    title = f"{escape(entry(asked.dataset).title)} <small>{escape(asked.format.upper())}</small>"
    if one.state is State.PREPARING:
        state = _bar(one)
    elif one.state is State.READY:
        state = (
            f'<a class="button" data-keep="export-{one.id[:8]}" href="api/exports/{escape(one.id)}" download>'
            f"Download {size(one.written)}</a>"
        )
    else:
        state = f'<span class="export-fault">{_WORDS[one.state]}: {escape(one.says)}</span>'
    return (
        f'<div class="export-row" data-state="{one.state}"><div><b>{title}</b>'
        f'<span class="export-file">{escape(one.name)}</span>'
        f'<span class="export-note">{_note(one, now)}</span></div>{state}</div>'
    )


def _bar(one: Export) -> str:
    return (
        f'<div class="export-progress" role="progressbar" aria-label="Preparing" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{one.percent}"><i style="width:{one.percent}%"></i>'
        f"<span>{one.percent} %</span></div>"
    )


def _note(one: Export, now: datetime) -> str:
    if one.state is State.PREPARING:
        return f"{one.rows:,} of {one.total:,} rows, {size(one.written)} written"
    if one.state is State.READY and one.gone is not None:
        return f"{one.rows:,} row{'' if one.rows == 1 else 's'}; deleted in {words.span(one.gone - now)}"
    return ""


def _mine() -> list[Export]:
    found = [SHELF.find(one) for one in st.session_state.get(_MINE, [])]
    mine = [one for one in found if one is not None]
    st.session_state[_MINE] = [one.id for one in mine]
    return mine
