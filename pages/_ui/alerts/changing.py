"""Changing a rule: the form, the rehearsal of what it says, and only then the change itself."""

from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from analytics.alerting import AlertRule
from analytics.model import ServiceKey, Severity
from pages._ui import access, actions, panels, reading
from pages._ui.actions import Outcome
from pages._ui.alerts import preview_view, rehearsing
from pages._ui.alerts.draft import Draft, basis_of, draft_of
from pages._ui.alerts.muting import outcome_line
from pages._ui.alerts.rehearsal import Progress, Wanted
from pages._ui.alerts.rows import Board
from pages._ui.alerts.selection import service_label
from pages._ui.alerts.wording import DURATIONS, Setting, settings_of, written
from pages._ui.noting import LONGEST_NOTE, note_and_name
from pages._ui.shell import Visit


def draw(visit: Visit, found: Board, rule: AlertRule) -> None:
    """The form for `rule`, what became of the last change, and what the change in the form would do."""
    service = visit.view.service
    whom = service_label(str(service)) if service else "all services"
    held = settings_of(rule, found.policy.settings(rule, service))
    form = Form(rule, service, held, basis_of(found.policy))
    with panels.panel("alerts-change", "Change it", f"for {whom}; first see what it would have done"):
        st.html(outcome_line(st.session_state.get(form.outcome)))
        draft = draft_of(rule, service, held, _fields(form))
        job = rehearsing.wanted(draft.settings, form.basis)
        progress = rehearsing.look(job) if draft.words and not draft.faults else None
        st.html(_about(draft))
        with st.container(horizontal=True, key="alerts-buttons", vertical_alignment="center"):
            st.button(
                "Preview the last 30 days",
                key="alerts-preview",
                type="secondary" if progress and progress.preview else "primary",
                on_click=_begin,
                args=(form,),
            )
            if found.changed.get((rule, service)):
                _take_back(form)
        if found.changed.get((rule, service)) and not _may_apply(progress):
            access.ask_name()
        if progress is not None:
            _result(visit, draft, job, progress, form)
        elif not access.may_act().allowed:
            st.html(f'<p class="alerts-readonly">{escape(access.may_act().why)}</p>')


@dataclass(frozen=True, slots=True)
class Form:
    """One rule's form: for whom, what holds now, and what tells the rules in force from other ones.

    When these change under somebody who writes, the form begins anew with what holds then.
    """

    rule: AlertRule
    service: ServiceKey | None
    held: tuple[Setting, ...]
    basis: str

    def field(self, word: str) -> str:
        """The key of the field of a setting."""
        return f"alerts-{self.rule}-{self.service or 'all'}-{self.basis}-{word}"

    @property
    def outcome(self) -> str:
        """Where it stands what became of the last change."""
        return f"alerts-changed-{self.rule}-{self.service or 'all'}"

    @property
    def note(self) -> str:
        """The key of the note."""
        return f"alerts-note-{self.rule}-{self.service or 'all'}"


def _fields(form: Form) -> dict[str, Any]:
    """The fields, one a setting, and what they hold."""
    with st.container(horizontal=True, key="alerts-fields", vertical_alignment="bottom"):
        return {one.word: _field(one, form.field(one.word)) for one in form.held}


def _field(one: Setting, key: str) -> Any:
    if one.word == "enabled":
        return st.toggle(one.label, value=bool(one.value), key=key)
    if one.word == "severity":
        options = [severity.value for severity in Severity]
        return st.selectbox(
            one.label, options, index=options.index(one.value), key=key, format_func=str.capitalize, width=150
        )
    hint = "such as 90s, 10m or 1h" if one.word in DURATIONS else None
    return st.text_input(
        one.label, value=written(one.word, one.value), key=key, max_chars=20, placeholder=hint, width=150
    )


def _about(draft: Draft) -> str:
    """What of the form is wrong, or what it would change. Always one block, so that nothing jumps."""
    if draft.faults:
        said = "".join(f"<li>{escape(fault)}</li>" for fault in draft.faults)
        return f'<ul class="alerts-draft wrong" role="alert">{said}</ul>'
    if not draft.words:
        return '<p class="alerts-draft">Change a setting, then preview it.</p>'
    said = "".join(f"<li>{escape(step)}</li>" for step in draft.steps)
    return f'<ul class="alerts-draft">{said}</ul>'


def _begin(form: Form) -> None:
    """Rehearse what the fields hold at this moment, which may be newer than what was drawn."""
    written = {one.word: st.session_state.get(form.field(one.word), one.value) for one in form.held}
    draft = draft_of(form.rule, form.service, form.held, written)
    if draft.words and not draft.faults:
        rehearsing.ask(rehearsing.wanted(draft.settings, form.basis))


def _result(visit: Visit, draft: Draft, job: Wanted, progress: Progress, form: Form) -> None:
    """How far the rehearsal is, or what came of it with the button that makes it so."""
    if progress.goes_on:
        # A refresh of this part alone: the whole page would be too much every second.
        st.fragment(run_every=1)(_watch)(job)
    elif progress.preview is None:
        st.html(f'<p class="alerts-draft wrong" role="alert">{escape(progress.fault)}</p>')
    else:
        st.html(preview_view.preview_html(progress.preview, draft.rule, visit.zone, visit.now))
        _apply(draft, form)


def _may_apply(progress: Progress | None) -> bool:
    """Whether a change is offered, with its own place for the name; or nothing is to be done at all."""
    return not access.may_act().allowed or bool(progress and progress.preview)


def _watch(job: Wanted) -> None:
    progress = rehearsing.look(job) or Progress(fault="It was forgotten; preview it again.")
    st.html(preview_view.progress_html(progress.share))
    if not progress.goes_on:
        st.rerun()


def _apply(draft: Draft, form: Form) -> None:
    def note() -> None:
        st.text_input(
            "Note", key=form.note, max_chars=LONGEST_NOTE, placeholder="Why? It stands beside the change."
        )

    if note_and_name(note, "alerts-readonly"):
        st.button("Apply the change", key="alerts-apply", type="primary", on_click=_do, args=(draft, form))


def _take_back(form: Form) -> None:
    if access.may_act().allowed:
        nothing = Draft(form.rule, form.service, (), (), ())
        st.button("Take back to services.toml", key="alerts-take-back", on_click=_do, args=(nothing, form))


def _do(draft: Draft, form: Form) -> None:
    """Ask again who may act, send the change (without words: take it back), and say what became of it."""
    who = access.may_act()
    note = str(st.session_state.get(form.note) or "").strip()
    if not who.allowed:
        outcome = Outcome(False, who.why)
    else:
        wish = {str(draft.rule): dict(draft.words) or None}
        services = {str(draft.service): wish} if draft.service else None
        outcome = actions.change_alert_rules(who.author, note, {} if services else wish, services)
    if outcome.done:
        outcome = Outcome(True, _audit(draft, who.author, note))
        st.session_state.pop(form.note, None)
    st.session_state[form.outcome] = outcome


def _audit(draft: Draft, author: str, note: str) -> str:
    """What was done, by whom and when, in one line."""
    steps = "; ".join(draft.steps) or "taken back, services.toml holds again"
    return f"{author}, {reading.utc_now():%H:%M} UTC: {steps}{f' ({note})' if note else ''}"
