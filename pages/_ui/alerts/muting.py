"""Mutes: those that hold, ending one early, and a new one."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from analytics.alerting import AlertRule
from pages._ui import access, actions, panels
from pages._ui.actions import Outcome
from pages._ui.alerts.quiet import muted_what, mutes_table
from pages._ui.alerts.rows import Muted
from pages._ui.alerts.selection import fits, key_of, service_label
from pages._ui.noting import LONGEST_NOTE, note_and_name
from pages._ui.rule_words import rule_name
from pages._ui.shell import Visit

_OUTCOME = "alerts-muted"
_SPAN, _NOTE = "alerts-mute-span", "alerts-mute-note"

#: How long, in words of the collector and of people.
_SPANS = {
    "30m": "30 minutes",
    "1h": "1 hour",
    "4h": "4 hours",
    "8h": "8 hours",
    "1d": "1 day",
    "3d": "3 days",
    "7d": "7 days",
    "30d": "30 days",
}
_USUAL_SPAN = "1h"
_EVERYTHING = "*"


def draw(found: Sequence[Muted], visit: Visit) -> None:
    """The mutes that hold; to whoever may act a button for each, and the form for another one."""
    with panels.panel("alerts-mutes", "Mutes", "checks go on, nobody is told", panels.download("mutes")):
        st.html(outcome_line(st.session_state.get(_OUTCOME)))
        st.html(mutes_table(found, visit.zone, visit.now))
        if found and access.may_act().allowed:
            with st.container(horizontal=True, key="alerts-unmute"):
                for one in found:
                    label = f"End: {plain(muted_what(one))}"
                    st.button(label, key=f"unmute-{one.id}", on_click=_end, args=(one.id,))
        _form(visit)


def outcome_line(outcome: Outcome | None) -> str:
    """What became of the last action; nothing is seen of it before the first."""
    kind = "" if outcome is None else "done" if outcome.done else "failed"
    said = "" if outcome is None else escape(outcome.says)
    return f'<div class="alerts-outcome {kind}" role="status">{said}</div>'


def plain(text: str) -> str:
    """A text for the label of a native control, which reads Markdown: its signs stand for themselves."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!|~>:$<&" else sign for sign in text)


def _form(visit: Visit) -> None:
    # In an order that stays: a list whose entries change places closes before one has chosen.
    services = sorted((str(seen.key) for seen in visit.situation.services), key=service_label)
    wanted = str(visit.view.service) if visit.view.service else ""
    # With another service there are other rules to choose from, and another filter is another wish.
    of_service = f"alerts-mute-service-{wanted}"
    of_rule = f"alerts-mute-rule-{st.session_state.get(of_service, wanted)}"

    def fields() -> None:
        with st.container(horizontal=True, key="alerts-mute-fields", vertical_alignment="bottom"):
            service = st.selectbox(
                "Service",
                [_EVERYTHING, *services],
                # Nobody silences everything by pressing the button alone.
                index=services.index(wanted) + 1 if wanted in services else None,
                format_func=lambda one: "All services" if one == _EVERYTHING else service_label(one),
                placeholder="Choose what to mute",
                key=of_service,
                width=240,
            )
            st.selectbox(
                "Rule",
                [_EVERYTHING, *_rules_of(service)],
                format_func=lambda one: "All rules" if one == _EVERYTHING else rule_name(one),
                key=of_rule,
                width=200,
            )
            st.selectbox(
                "For",
                list(_SPANS),
                index=list(_SPANS).index(_USUAL_SPAN),
                format_func=_SPANS.__getitem__,
                key=_SPAN,
                width=130,
            )
            st.text_input("Note", key=_NOTE, max_chars=LONGEST_NOTE, placeholder="Why nobody is to be told")

    if note_and_name(fields, "alerts-readonly"):
        with st.container(horizontal=True, key="alerts-mute-buttons"):
            chosen = st.session_state.get(of_service) is not None
            st.button(
                "Mute", key="alerts-mute", on_click=_mute, args=(of_service, of_rule), disabled=not chosen
            )


def _rules_of(service: str | None) -> list[str]:
    """The rules that can say anything of it; of all services, every rule."""
    key = key_of(service or _EVERYTHING)
    return [rule.value for rule in AlertRule if key is None or fits(rule, key.service_type)]


def _mute(of_service: str, of_rule: str) -> None:
    """Ask again who may act, mute, and keep what was written until it was taken."""
    who, held = access.may_act(), st.session_state
    note = str(held.get(_NOTE) or "").strip()
    service, rule = (None if held.get(key) == _EVERYTHING else held.get(key) for key in (of_service, of_rule))
    span = str(held.get(_SPAN) or _USUAL_SPAN)
    outcome = Outcome(False, who.why)
    if who.allowed:
        outcome = actions.mute(service, rule, span, who.author, note)
    if outcome.done:
        held[_NOTE] = ""
    held[_OUTCOME] = outcome


def _end(mute: str) -> None:
    who = access.may_act()
    st.session_state[_OUTCOME] = (
        actions.end_mute(mute, who.author) if who.allowed else Outcome(False, who.why)
    )
