"""What a person can do about an incident: acknowledge it, write something down, resolve it."""

from collections.abc import Callable
from html import escape

import streamlit as st

from analytics.model import IncidentState
from pages._ui import access, actions
from pages._ui.actions import Outcome
from pages._ui.incidents.rows import Incident
from pages._ui.noting import LONGEST_NOTE, note_and_name

Action = Callable[[str, str, str], Outcome]


def draw(incident: Incident) -> None:
    """What became of the last action, and the form for the next; or why there is none, and what allows it."""
    st.html(_outcome(st.session_state.get(_key("outcome", incident))))

    def note() -> None:
        st.text_area(
            "Note",
            key=_key("note", incident),
            max_chars=LONGEST_NOTE,
            height=80,
            placeholder=_placeholder(incident),
        )

    if not note_and_name(note, "incidents-readonly"):
        return
    with st.container(horizontal=True, key="incident-buttons"):
        if incident.state == IncidentState.OPEN:
            _button("Acknowledge", "acknowledge", actions.acknowledge, incident, main=True)
        _button("Add note", "add-note", actions.add_note, incident, main=incident.is_over)
        if not incident.is_over:
            _button("Resolve", "resolve", actions.resolve, incident, main=False)


def _button(label: str, name: str, action: Action, incident: Incident, main: bool) -> None:
    st.button(
        label,
        key=f"incident-{name}",
        type="primary" if main else "secondary",
        on_click=_do,
        args=(action, incident),
    )


def _do(action: Action, incident: Incident) -> None:
    """Ask again who may act, act, and keep what was written until it was taken."""
    who = access.may_act()
    note = str(st.session_state.get(_key("note", incident)) or "").strip()
    outcome = action(incident.id, who.author, note) if who.allowed else Outcome(False, who.why)
    st.session_state[_key("outcome", incident)] = outcome
    if outcome.done:
        st.session_state[_key("note", incident)] = ""


def _placeholder(incident: Incident) -> str:
    if incident.is_over:
        return "What was the cause, and what keeps it from coming back?"
    return "What was found or done. Resolving asks for a note."


def _key(name: str, incident: Incident) -> str:
    return f"incident-{name}-{incident.id}"


def _outcome(outcome: Outcome | None) -> str:
    if outcome is None:
        return '<div class="incidents-outcome" role="status"></div>'
    kind = "done" if outcome.done else "failed"
    return f'<div class="incidents-outcome {kind}" role="status">{escape(outcome.says)}</div>'
