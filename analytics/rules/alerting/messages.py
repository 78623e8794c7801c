"""The facts that are told of incidents and notices. How they are worded is the business of each channel."""

from datetime import datetime

from analytics.alerting import Action, Alert, AlertRule, Incident, Message
from analytics.model import Reason, ServiceKey
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.runbooks import runbook_page

LONGEST_TITLE = 200
#: Where the name of a page stands in the URL of the runbooks; without it the name stands at the end.
PAGE = "{page}"
_COLLECTOR = "collector"


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    """`text` without line breaks, cut with an ellipsis to `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def runbook(service: ServiceKey | None, rule: AlertRule, reason: Reason, circumstances: Circumstances) -> str:
    """The URL of what to do: the service's own, or the page of the reason; "" without one."""
    own = circumstances.runbooks.get(service) if service is not None else None
    if own or not circumstances.runbook_base:
        return own or ""
    base, page = circumstances.runbook_base, runbook_page(rule, reason)
    return base.replace(PAGE, page) if PAGE in base else f"{base.rstrip('/')}/{page}"


def about_incident(
    action: Action,
    incident: Incident,
    circumstances: Circumstances,
    now: datetime,
    *,
    text: str = "",
    author: str = "",
    note: str = "",
) -> Message:
    """What is told of an incident; `text` says more than its description where there is more to say."""
    return Message(
        action=action,
        dedup_key=incident.dedup_key,
        service=str(incident.service),
        severity=incident.severity,
        title=one_line(incident.title),
        text=text or incident.description,
        at=now,
        began_at=incident.began_at,
        rule=incident.rule,
        reason=incident.reason,
        incident_id=str(incident.id),
        ended_at=incident.resolved_at,
        author=author,
        note=note,
        vendor=circumstances.vendor.get(incident.service, ""),
        relapses=len(incident.relapses),
        affected=incident.affected,
        runbook=runbook(incident.service, incident.rule, incident.reason, circumstances),
        dashboard=circumstances.dashboard,
    )


def about_notice(
    action: Action, alert: Alert, circumstances: Circumstances, now: datetime, *, text: str = ""
) -> Message:
    """What is told of an alert that is no incident. `alert` has its dedup key."""
    service = alert.service
    return Message(
        action=action,
        dedup_key=alert.dedup_key or "",
        service=_COLLECTOR if service is None else str(service),
        severity=alert.severity,
        title=one_line(alert.title),
        text=text or alert.message,
        at=now,
        began_at=alert.bad_since,
        rule=alert.rule,
        reason=alert.reason,
        ended_at=now if action is Action.RESOLVE else None,
        vendor="" if service is None else circumstances.vendor.get(service, ""),
        runbook=runbook(service, alert.rule, alert.reason, circumstances),
        dashboard=circumstances.dashboard,
    )
