"""The table `[alerts]`, and what services say of their own: from tables to an `AlertPolicy`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analytics.alerting import AlertPolicy, AlertRule, FlappingSettings, RuleSettings
from analytics.model import ServiceKey, ServiceType
from analytics.rules.alert_words import OF_THE_COLLECTOR, types_of
from analytics.rules.alerting.messages import PAGE
from collector.config.alert_tables import Checks, RuleTables
from collector.config.faults import Fault, Where
from collector.config.rule_settings import default_settings, settings_of
from collector.config.sentences import sound_part
from collector.config.services import Draft
from collector.config.spans import Span
from collector.config.variables import broken_references
from collector.config.watching import url_fault

_RUNBOOKS_LIKE, _DASHBOARD_LIKE = "https://wiki.example.com/runbooks", "https://health.example.com"
_PAGES_LIKE = f"https://github.com/you/repo/blob/main/docs/runbooks/{PAGE}.md"


def link_fault(url: str, example: str) -> str | None:
    """What is wrong with a URL that people are to follow, as the rest of a sentence."""
    return None if "${" in url else url_fault(url, example)


def dashboard_fault(url: str) -> str | None:
    """What is wrong with the dashboard's URL, filled in, as the rest of a sentence."""
    return url_fault(url, _DASHBOARD_LIKE)


def _runbooks(value: str) -> str:
    if "${" in value:
        raise ValueError("holds a variable; write the address itself")
    wrong = (url_fault(value, _RUNBOOKS_LIKE) or _braces_fault(value)) if value else None
    if wrong:
        raise ValueError(wrong)
    return value if PAGE in value else value.rstrip("/")


def _braces_fault(url: str) -> str | None:
    """What is wrong with where the name of a page stands in `url`, None when it does not or stands well."""
    if "{" not in url and "}" not in url:
        return None
    how = f"write it like {_PAGES_LIKE}"
    before, _, after = url.partition(PAGE)
    if PAGE in after:
        return f"has {PAGE} more than once; {how}"
    if any(brace in before + after for brace in "{}"):
        return f"has braces that are no {PAGE}; {how}"
    return f"has {PAGE} in its host; {how}" if PAGE in urlsplit(url).netloc else None


def _dashboard(value: str) -> str:
    wrong = link_fault(value, _DASHBOARD_LIKE) if value else None
    if wrong:
        raise ValueError(wrong)
    return value.rstrip("/")


class FlappingTable(BaseModel):
    """`[alerts.flapping]`: when troubles that come and go are one, see `FlappingSettings`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    within: Span = timedelta(hours=2)
    stable: Annotated[list[Span], Field(min_length=1, max_length=10)] = [
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
    ]
    quiet_from: Annotated[int, Field(ge=1, le=100)] = 3
    told_after: Span = timedelta(minutes=10)


class AlertsTable(RuleTables):
    """`[alerts]`: what holds for all rules, and a table for each."""

    recovery_checks: Checks = 2
    runbooks: Annotated[str, AfterValidator(_runbooks)] = ""
    dashboard: Annotated[str, AfterValidator(_dashboard)] = "${HEALTH_DASHBOARD_URL}"
    flapping: FlappingTable = FlappingTable()


def read_alerts(table: object) -> tuple[AlertsTable, list[Fault]]:
    """`[alerts]` and its faults."""
    where: Where = ("alerts",)
    if not isinstance(table, Mapping):
        return AlertsTable(), [Fault(where, "is no table; write it as [alerts]")]
    broken = list(broken_references(table, where))
    told = {fault.where for fault in broken}
    sound, wrong = sound_part(AlertsTable, table, where)
    return sound or AlertsTable(), [*broken, *(fault for fault in wrong if fault.where not in told)]


def alert_misfits(draft: Draft) -> list[Fault]:
    """Rules with settings for a service they do not apply to, and a promise that stands there twice."""
    where = (*draft.where, "alerts")
    tables = draft.table.get("alerts")
    if not isinstance(tables, Mapping):
        return []
    faults = []
    for rule in AlertRule:
        probe = draft.kind.name if draft.kind else None
        wrong = rule_misfit(rule, draft.common.type, probe) if rule.value in tables else None
        if wrong:
            faults.append(Fault((*where, rule.value), wrong))
    burn = tables.get(AlertRule.SLO_BURN.value)
    if "slo" in draft.table and isinstance(burn, Mapping) and "objective" in burn:
        text = "is what slo says already; write one of them"
        faults.append(Fault((*where, AlertRule.SLO_BURN.value, "objective"), text))
    return faults


def policy_of(table: AlertsTable, drafts: Sequence[Draft]) -> AlertPolicy:
    """What the rules go by. A service's own table inherits what it does not say from `[alerts.RULE]`."""
    rules = {rule: settings_of(table.of(rule), base) for rule, base in default_settings().items()}
    flapping = table.flapping
    return AlertPolicy(
        rules=rules,
        overrides={key: value for draft in drafts for key, value in _own(draft, rules).items()},
        recovery_checks=table.recovery_checks,
        flapping=FlappingSettings(
            flapping.within, tuple(flapping.stable), flapping.quiet_from, flapping.told_after
        ),
    )


def _own(
    draft: Draft, rules: Mapping[AlertRule, RuleSettings]
) -> dict[tuple[ServiceKey, AlertRule], RuleSettings]:
    tables, key = draft.common.alerts, draft.key
    if key is None:
        return {}
    own = {
        rule: settings_of(tables.of(rule), rules[rule])
        for rule in AlertRule
        if rule.value in tables.model_fields_set
    }
    if draft.common.slo is not None:
        base = own.get(AlertRule.SLO_BURN, rules[AlertRule.SLO_BURN])
        promise = type(tables.slo_burn)(objective=draft.common.slo)
        own[AlertRule.SLO_BURN] = settings_of(promise, base)
    return {(key, rule): settings for rule, settings in own.items()}


def rule_misfit(rule: AlertRule, service_type: ServiceType | None, probe: str | None) -> str | None:
    """Why `rule` says nothing of a service of that type and probe, None when it does, or nobody knows."""
    if rule in OF_THE_COLLECTOR:
        return f"is about the collector itself; write it under [alerts.{rule}]"
    if service_type is None:
        return None
    wanted = types_of(rule)
    if service_type not in wanted and len(wanted) == 1:
        return (
            f'is a rule for services of type "{min(wanted)}", and this one is "{service_type}"; take it out'
        )
    if service_type not in wanted:
        return f'is no rule for services of type "{service_type}"; take it out'
    if rule is AlertRule.TOOLS_CHANGED and probe is not None and probe != "mcp":
        return f'is a rule for the probe "mcp", and this one is "{probe}"; take it out'
    return None
