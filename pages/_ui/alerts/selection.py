"""What the address asks of this page, and what its filters leave. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from analytics.alerting import AlertRule
from analytics.model import ServiceKey, ServiceType
from analytics.rules.alert_words import OF_THE_COLLECTOR, types_of
from pages._ui import words
from pages._ui.alerts.rows import COLLECTOR
from pages._ui.view import View

PAGE = "alerts"

#: A week shows what comes back, and the newest is not lost in it.
DEFAULT_RANGE = "7d"


class OfService(Protocol):
    """What is about a service: `type/name`, or `collector`."""

    @property
    def service(self) -> str: ...


T = TypeVar("T", bound=OfService)


@dataclass(frozen=True, slots=True)
class Wish:
    """The rule that is asked for, None for all; `fault` says that there is none of that name."""

    rule: AlertRule | None = None
    fault: str = ""


def wish_of(view: View) -> Wish:
    """What `view` asks of this page."""
    text = view.get("rule")
    if not text:
        return Wish()
    if text in list(AlertRule):
        return Wish(AlertRule(text))
    return Wish(fault=f'There is no alert rule "{text[:60]}".')


def chosen(found: Iterable[T], view: View) -> list[T]:
    """Those of `found` that the filters for type and service leave, in their order."""
    return [
        one
        for one in found
        if (view.service is None or one.service == str(view.service))
        and (view.service_type is None or one.service.startswith(f"{view.service_type}/"))
    ]


def rules_for(view: View) -> list[AlertRule]:
    """The rules that can fire for what the filters leave."""
    kind = view.service.service_type if view.service else view.service_type
    return [rule for rule in AlertRule if kind is None or fits(rule, kind)]


def fits(rule: AlertRule, kind: ServiceType) -> bool:
    """Whether `rule` can say anything of services of that type."""
    if rule is AlertRule.TOOLS_CHANGED:
        return kind is ServiceType.MCP
    return rule not in OF_THE_COLLECTOR and kind in types_of(rule)


def service_label(service: str) -> str:
    """How people call a service: `Shopify API`; the collector itself is `Collector`."""
    if service == COLLECTOR:
        return "Collector"
    kind, _, name = service.partition("/")
    return words.service_label(kind, name)


def key_of(service: str) -> ServiceKey | None:
    """The service of a text; None for the collector, and for what this version does not know."""
    kind, _, name = service.partition("/")
    return ServiceKey(ServiceType(kind), name) if name and kind in list(ServiceType) else None
