"""The alert rules as they hold for one service, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from analytics import alert_settings
from analytics.alerting import AlertRule, RuleSettings
from analytics.db import Connection
from analytics.model import ServiceKey, ServiceType
from analytics.rules.alert_words import types_of
from pages._ui import marks, panels
from pages._ui.rule_words import rule_name, when
from pages._ui.shell import Visit
from pages._ui.tables import Column, Row, table


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule as it is for this service; `own` when it is not that of all services."""

    rule: AlertRule
    settings: RuleSettings
    own: bool


def read(connection: Connection, now: datetime, service: ServiceKey) -> tuple[Rule, ...]:
    """The rules that may fire for `service` at `now`, with what people changed."""
    policy = alert_settings.read_policy(connection, now)
    return tuple(
        Rule(rule, policy.settings(rule, service), (service, rule) in policy.overrides)
        for rule in AlertRule
        if rule in policy.rules and _fits(rule, service.service_type)
    )


def _fits(rule: AlertRule, kind: ServiceType) -> bool:
    return kind in types_of(rule) and (rule is not AlertRule.TOOLS_CHANGED or kind is ServiceType.MCP)


def card(rules: Sequence[Rule], visit: Visit) -> str:
    """The rules as a table."""
    columns = [Column("Rule"), Column("Alerts when"), Column("Severity"), Column("Set for", wide_only=True)]
    body = table("Alert rules", columns, [_row(one) for one in rules])
    href = escape(visit.view.href("alerts", service=visit.view.service))
    aside = f'<a class="link" data-in-app data-keep="rules" href="{href}">Change rules</a>'
    about = "as they hold for this service"
    return panels.card("Alert rules", body, about=about, aside=aside, classes="service-rules")


def _row(one: Rule) -> Row:
    off = "" if one.settings.enabled else '<span class="soft"> (off)</span>'
    return Row(
        [
            f"{rule_name(one.rule)}{off}",
            escape(when(one.rule, one.settings)),
            marks.severity_pill(one.settings.severity) if one.settings.enabled else "–",
            "this service" if one.own else "all services",
        ]
    )
