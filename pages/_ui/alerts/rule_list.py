"""The rules as a list: when each fires, how it stands, how often it fired, and who set it so. HTML."""

from collections import Counter
from html import escape

from analytics.alerting import AlertRule, RuleSettings
from analytics.model import ServiceKey, Status
from analytics.rules.alert_defaults import DEFAULTS
from pages._ui import panels
from pages._ui.alerts.rows import Board, Standing
from pages._ui.alerts.selection import PAGE, chosen, rules_for, service_label
from pages._ui.marks import mark, severity_pill
from pages._ui.rule_words import rule_name, when
from pages._ui.tables import Column, Row, table
from pages._ui.view import View


def rule_list(board: Board, view: View, period: str) -> str:
    """One row a rule that fits the filters; it leads to the rule."""
    columns = [
        Column("Rule"),
        Column("Alerts when", wide_only=True),
        Column("Severity", wide_only=True),
        Column("Now"),
        Column(f"Fired in {period}", number=True, wide_only=True),
        Column("Set by", wide_only=True),
    ]
    standing, fired = chosen(board.standing, view), Counter(one.rule for one in chosen(board.firings, view))
    rows = [
        _row(board, rule, view, [one for one in standing if one.rule == rule], fired[rule])
        for rule in rules_for(view)
    ]
    body = table("Alert rules", columns, rows)
    about = (
        f"as they hold for {service_label(str(view.service))}" if view.service else "choose one to change it"
    )
    aside = panels.download("alert_rules")
    return panels.card("Rules", body, about=about, aside=aside, classes="alerts-rules")


def state_of(standing: list[Standing], enabled: bool) -> str:
    """How a rule stands: for whom it fires, or waits, or is kept quiet."""
    told = [one for one in standing if one.fires and not one.quiet]
    quiet = [one for one in standing if one.fires and one.quiet]
    pending = [one for one in standing if not one.fires]
    if told:
        shape = Status.DOWN if any(one.severity == "critical" for one in told) else Status.DEGRADED
        return _state(shape, f"Firing for {_who(told)}")
    if pending:
        return _state(Status.DEGRADED, f"Waiting, {_who(pending)}", "soft")
    if quiet:
        return _state(Status.UNKNOWN, f"Kept quiet for {_who(quiet)}", "soft")
    return _state(Status.HEALTHY, "All good", "soft") if enabled else _state(Status.UNKNOWN, "Off", "soft")


def set_by(board: Board, rule: AlertRule, service: ServiceKey | None) -> str:
    """Where the settings come from: the defaults, services.toml, or somebody who changed them. HTML."""
    place = service if service and board.changed.get((rule, service)) else None
    if board.changed.get((rule, place)):
        author = next((one.author for one in board.made if (one.rule, one.service) == (rule, place)), "")
        said = f"changed by {author}" if author else "changed"
        return f'<span class="alerts-changed">{escape(said)}</span>'
    written: RuleSettings = board.written.settings(rule, service)
    return "default" if written == DEFAULTS[rule] else "services.toml"


def _row(board: Board, rule: AlertRule, view: View, standing: list[Standing], fired: int) -> Row:
    settings = board.policy.settings(rule, view.service)
    href = escape(view.href(PAGE, rule=rule))
    own = sum(key[1] == rule for key in board.policy.overrides) if view.service is None else 0
    note = f'<span class="alerts-own">own settings for {own}</span>' if own else ""
    off = "" if settings.enabled else '<span class="alerts-own">off</span>'
    says = escape(when(rule, settings))
    return Row(
        (
            f'<a class="alerts-name" data-in-app data-keep="rule-{rule}" href="{href}">'
            f'{escape(rule_name(rule))}</a>{off}<span class="alerts-narrow">{says}</span>',
            f"{says}{note}",
            severity_pill(settings.severity),
            state_of(standing, settings.enabled),
            str(fired) if fired else '<span class="alerts-none">–</span>',
            set_by(board, rule, view.service),
        ),
        link=True,
        mark="" if settings.enabled else "alerts-off",
    )


def _who(found: list[Standing]) -> str:
    if len(found) == 1:
        return service_label(found[0].service)
    return f"{len({one.service for one in found})} services"


def _state(shape: Status, text: str, kind: str = "") -> str:
    return f'<span class="alerts-state {kind}">{mark(shape)}<span>{escape(text)}</span></span>'
