"""Incidents, messages and accounts made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from analytics.alerting import Action, AlertRule, Incident, Message, Outgoing
from analytics.model import IncidentState, Reason, ServiceKey, ServiceType, Severity
from analytics.replay.outcome import Account, Trouble

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
SHOP, CHAT = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.API, "chatwoot")


def at(minutes: float) -> datetime:
    """So many minutes after `SINCE`."""
    return SINCE + timedelta(minutes=minutes)


def incident(number: int, began: float, resolved: float | None, service: ServiceKey = SHOP) -> Incident:
    """One that was sure two minutes after it began; times are minutes after `SINCE`."""
    return Incident(
        id=UUID(int=number),
        service=service,
        began_at=at(began),
        created_at=at(began + 2),
        severity=Severity.CRITICAL,
        state=IncidentState.OPEN if resolved is None else IncidentState.RESOLVED,
        title=f"{service} down",
        description="no answer",
        rule=AlertRule.SERVICE_DOWN,
        reason=Reason.TIMEOUT,
        resolved_at=None if resolved is None else at(resolved),
    )


def message(
    action: Action, about: Incident, minutes: float, channel: str = "oncall"
) -> tuple[datetime, Outgoing]:
    """What one channel is sent of an incident, so many minutes after `SINCE`."""
    said = Message(
        action=action,
        dedup_key=about.dedup_key,
        service=str(about.service),
        severity=about.severity,
        title=about.title,
        text="",
        at=at(minutes),
        began_at=about.began_at,
        rule=about.rule,
    )
    return at(minutes), Outgoing(channel, said, about.id)


def trouble(
    number: int,
    began: float,
    resolved: float | None,
    told: Sequence[float] | None = None,
    service: ServiceKey = SHOP,
    severity: Severity = Severity.CRITICAL,
) -> Trouble:
    """One of an account; told of after two minutes unless `told` says when."""
    pages = tuple(at(minutes) for minutes in ([began + 2] if told is None else told))
    return Trouble(
        id=UUID(int=number),
        service=str(service),
        rule="service_down",
        reason="timeout",
        severity=severity,
        title="down",
        began_at=at(began),
        created_at=at(began + 2),
        told_at=min(pages, default=None),
        acknowledged_at=None,
        resolved_at=None if resolved is None else at(resolved),
        relapses=(),
        told=pages,
        pages=len(pages),
    )


def account(*troubles: Trouble) -> Account:
    """An account of a day without pages but those its incidents name."""
    return Account(SINCE, UNTIL, tuple(sorted(troubles, key=lambda one: one.began_at)), ())


def moved(one: Trouble, minutes: float) -> Trouble:
    """The same, told so much later."""
    told = tuple(moment + timedelta(minutes=minutes) for moment in one.told)
    return replace(one, told=told, told_at=min(told, default=None))
