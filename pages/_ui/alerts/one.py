"""One rule: what it is for, how it is set and by whom, when it fired, and the form to change it."""

from datetime import timedelta
from html import escape

import streamlit as st

from analytics.alerting import INCIDENT_RULES, AlertRule
from analytics.model import ServiceKey
from analytics.rules.alert_defaults import DEFAULTS
from analytics.rules.alert_words import OF_THE_COLLECTOR
from pages._ui import bands, filters, notices, panels, reading
from pages._ui.alerts import changing, firing, history
from pages._ui.alerts.overview import period_name
from pages._ui.alerts.question import board
from pages._ui.alerts.rows import Board, Firing
from pages._ui.alerts.rule_list import set_by, state_of
from pages._ui.alerts.selection import DEFAULT_RANGE, PAGE, chosen, fits, key_of, service_label
from pages._ui.alerts.wording import ABOUT, settings_of, value_in_words
from pages._ui.marks import severity_pill
from pages._ui.rule_words import rule_name, when
from pages._ui.shell import Visit, head
from pages._ui.tables import Column, Row, table

#: Services on the timeline, those that fired last, and those named that have settings of their own.
_BANDS = 12


def draw(visit: Visit, rule: AlertRule) -> None:
    """The page of `rule`, for all services or the one that is chosen."""
    view = visit.view
    keys = [seen.key for seen in visit.situation.services if fits(rule, seen.key.service_type)]
    answer = reading.ask(board, view.range or DEFAULT_RANGE)
    st.html(_head(visit, rule, answer.value))
    bar = [filters.ranges(view, PAGE, DEFAULT_RANGE)]
    if rule not in OF_THE_COLLECTOR:
        bar.append(filters.services(view, PAGE, keys))
    st.html(filters.bar(*bar))
    if answer.value is None:
        st.html(notices.empty("Alerts cannot be read just now", "This page tries again every few seconds."))
        return
    if view.service is not None and view.service not in keys:
        st.html(_misfit(visit, rule))
        return
    _parts(visit, rule, answer.value)


def _parts(visit: Visit, rule: AlertRule, found: Board) -> None:
    view, period = visit.view, period_name(visit.view)
    firings = [one for one in chosen(found.firings, view) if one.rule == rule]
    standing = [one for one in chosen(found.standing, view) if one.rule == rule]
    made = [one for one in found.made if one.rule == rule and view.service in (None, one.service)]
    if standing:
        st.html(firing.standing_card(standing, view))
    st.html(_settings(found, rule, view.service))
    changing.draw(visit, found, rule)
    st.html(_timeline(visit, found, firings, period))
    if firings:
        st.html(firing.firings_card(firings, view, period, visit.zone, visit.now))
    if made:
        st.html(history.history_card(made, view, visit.zone, visit.now))


def _head(visit: Visit, rule: AlertRule, found: Board | None) -> str:
    back = escape(visit.view.href(PAGE, service=None))
    kind = "opens an incident" if rule in INCIDENT_RULES else "is told as a notice"
    beside = ""
    if found is not None:
        standing = [one for one in chosen(found.standing, visit.view) if one.rule == rule]
        beside = state_of(standing, found.policy.settings(rule, visit.view.service).enabled)
    below = (
        f'<p class="alerts-about">{escape(ABOUT[rule])} It {kind}.</p>'
        f'<a class="link" data-in-app data-keep="all-rules" href="{back}">All rules</a>'
    )
    return head(rule_name(rule), beside=beside, below=below)


def _settings(found: Board, rule: AlertRule, service: ServiceKey | None) -> str:
    """How it is set, what the default is, and where each setting comes from."""
    settings = found.policy.settings(rule, service)
    written = found.written.settings(rule, service)
    default = {one.word: one.value for one in settings_of(rule, DEFAULTS[rule])}
    common = {one.word: one.value for one in settings_of(rule, found.policy.rules[rule])}
    before = {one.word: one.value for one in settings_of(rule, written)}
    told = {**found.changed.get((rule, None), {}), **found.changed.get((rule, service), {})}

    def source(word: str, value: object) -> str:
        if word in told and told[word] == value and value != before[word]:
            was = escape(value_in_words(word, before[word]))
            return f'<span class="alerts-changed">changed; services.toml: {was}</span>'
        if service is not None and value == common[word]:
            return "as for all services"
        return "default" if value == default[word] else "services.toml"

    rows = [
        Row(
            (
                escape(one.label),
                f"<b>{_value(one.word, one.said, one.value)}</b>",
                escape(value_in_words(one.word, default[one.word])),
                source(one.word, one.value),
            )
        )
        for one in settings_of(rule, settings)
    ]
    columns = [Column("Setting"), Column("In force"), Column("Default", wide_only=True), Column("From")]
    whom = service_label(str(service)) if service else "all services"
    about = f"for {whom}: alerts when {when(rule, settings)}" if settings.enabled else f"off for {whom}"
    source_of_all = set_by(found, rule, service)
    aside = source_of_all if "changed" in source_of_all else f"set by {source_of_all}"
    body = table("Settings", columns, rows) + _overrides(found, rule, service)
    return panels.card("Settings", body, about=about, aside=aside, classes="alerts-settings")


def _value(word: str, said: str, value: object) -> str:
    return severity_pill(str(value)) if word == "severity" else escape(said)


def _overrides(found: Board, rule: AlertRule, service: ServiceKey | None) -> str:
    """The services that have settings of their own, when all are looked at."""
    own = [key for key, other in found.policy.overrides if other is rule] if service is None else []
    if not own:
        return ""
    names = ", ".join(escape(service_label(str(key))) for key in own[:_BANDS])
    more = f" and {len(own) - _BANDS:,} more" if len(own) > _BANDS else ""
    return f'<p class="alerts-note">Other settings hold for {names}{more}.</p>'


def _timeline(visit: Visit, found: Board, firings: list[Firing], period: str) -> str:
    if not firings:
        body = notices.empty("It did not fire", f"Not once in {period}.")
        return panels.card("When it fired", body, classes="alerts-timeline")
    names = list(dict.fromkeys(one.service for one in firings))
    lines = []
    for name in sorted(names[:_BANDS]):
        parts = [one for one in reversed(firings) if one.service == name]
        key = key_of(name)
        href = visit.view.href("service", service=key) if key else ""
        lines.append(bands.Band(service_label(name), [_stretch(visit, one) for one in parts], href=href))
    drawn = bands.bands(
        lines, found.period.since, found.period.until, visit.zone, visit.now, "When the rule fired"
    )
    more = (
        f'<p class="alerts-note">and {len(names) - _BANDS} more services</p>' if len(names) > _BANDS else ""
    )
    kinds = (
        ("critical", "critical"),
        ("warning", "warning"),
        ("info", "info"),
        ("maintenance", "nobody told"),
    )
    signs = "".join(f'<span><i class="{kind}"></i>{word}</span>' for kind, word in kinds)
    told = f'<p class="bands-legend">{signs}<span class="hint">drag over it to look closer</span></p>'
    return panels.card("When it fired", drawn + more + told, about=f"in {period}", classes="alerts-timeline")


def _stretch(visit: Visit, one: Firing) -> bands.Stretch:
    kind = one.severity if one.severity in bands.KINDS else "info"
    href = visit.view.href("incidents", incident=one.incident) if one.incident else ""
    said = f"{one.title} (nobody told: {one.quiet})" if one.quiet else one.title
    ended = one.ended or visit.now + timedelta(seconds=1)
    return bands.Stretch("maintenance" if one.quiet else kind, one.begun, ended, said, href)


def _misfit(visit: Visit, rule: AlertRule) -> str:
    href = escape(visit.view.href(PAGE, rule=rule, service=None))
    name = escape(service_label(str(visit.view.service)))
    return (
        f'<section class="empty"><b>{escape(rule_name(rule))} says nothing of {name}</b>'
        f'<p><a class="link" data-in-app href="{href}">Look at it for all services</a></p></section>'
    )
