"""Mutes, and ending one early."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages._ui import access, actions, panels
from pages._ui.actions import Outcome
from pages._ui.alerts.quiet import muted_what, mutes_table
from pages._ui.alerts.rows import Muted
from pages._ui.shell import Visit

_OUTCOME = "alerts-unmuted"


def draw(found: Sequence[Muted], visit: Visit) -> None:
    """The mutes that hold; a button for each to whoever may act."""
    with panels.panel("alerts-mutes", "Mutes", "checks go on, nobody is told", panels.download("mutes")):
        st.html(outcome_line(st.session_state.get(_OUTCOME)))
        st.html(mutes_table(found, visit.zone, visit.now))
        if not found:
            return
        who = access.may_act()
        if not who.allowed:
            st.html(f'<p class="alerts-readonly">{escape(who.why)}</p>')
            return
        access.ask_name()
        with st.container(horizontal=True, key="alerts-unmute"):
            for one in found:
                st.button(
                    f"End: {plain(muted_what(one))}", key=f"unmute-{one.id}", on_click=_end, args=(one.id,)
                )


def outcome_line(outcome: Outcome | None) -> str:
    """What became of the last action; nothing is seen of it before the first."""
    kind = "" if outcome is None else "done" if outcome.done else "failed"
    said = "" if outcome is None else escape(outcome.says)
    return f'<div class="alerts-outcome {kind}" role="status">{said}</div>'


def plain(text: str) -> str:
    """A text for the label of a native control, which reads Markdown: its signs stand for themselves."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!|~>:$<&" else sign for sign in text)


def _end(mute: str) -> None:
    who = access.may_act()
    st.session_state[_OUTCOME] = (
        actions.end_mute(mute, who.author) if who.allowed else Outcome(False, who.why)
    )
