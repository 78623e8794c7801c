"""Why nobody is told of an alert. What is quiet is shown with its reason; nothing keeps it from ending."""

from datetime import datetime, timedelta

from analytics.alerting import Alert, AlertPolicy, AlertRule, Mute
from analytics.rules.alerting.dependencies import all_below, just_recovered, not_yet_seen, root_cause
from analytics.rules.alerting.looks import opens_incident
from analytics.rules.alerting.severity import worse
from analytics.rules.alerting.state import Draft, key_of

#: So long after an incident a burnt error budget is what that incident burnt: the checks of a service that
#: is judged by traffic stay bad until its hour has washed out, and then the short window of the slow pace has
#: to.
EXPLAINED_FOR = timedelta(hours=2)


def remembered_for(policy: AlertPolicy) -> timedelta:
    """So long after its end an incident still matters: it may come back, and it explains burnt budgets."""
    return max(policy.flapping.within, EXPLAINED_FOR)


def reason_to_be_quiet(alert: Alert, draft: Draft) -> str | None:
    """The first reason that holds now: closed by a person, maintenance, a mute, a dependency, an incident."""
    return (
        _dismissal(alert, draft)
        or _maintenance(alert, draft)
        or _mute(alert, draft)
        or _dependency(alert, draft)
        or _incident(alert, draft)
    )


def clock(at: datetime, now: datetime) -> str:
    """A time of day in UTC, with its date when that is another: `10:02 UTC`, `10:02 UTC on 2026-11-24`."""
    said = f"{at:%H:%M} UTC"
    return said if at.date() == now.date() else f"{said} on {at:%Y-%m-%d}"


def _maintenance(alert: Alert, draft: Draft) -> str | None:
    if alert.service is None:
        return None
    reason = draft.circumstances.maintenance.get(alert.service)
    if reason is None or reason.startswith("maintenance"):
        return reason
    return f"maintenance: {reason}" if reason else "maintenance"


def _mute(alert: Alert, draft: Draft) -> str | None:
    for mute in draft.circumstances.mutes:
        if mute.until > draft.now and _is_about(mute, alert):
            note = f": {mute.note}" if mute.note else ""
            return f"muted by {mute.author} until {clock(mute.until, draft.now)}{note}"
    return None


def _is_about(mute: Mute, alert: Alert) -> bool:
    return mute.service in (None, alert.service) and mute.rule in (None, alert.rule)


def _dismissal(alert: Alert, draft: Draft) -> str | None:
    """Closed while it was bad: so is what the same trouble sets off later, unless it is worse."""
    if not opens_incident(alert):
        return None
    for other in draft.firing_of(alert.service):
        if other.dismissed is not None and not worse(alert.severity, other.dismissed):
            return other.suppressed_by or "closed by a person while it was bad"
    return None


def _dependency(alert: Alert, draft: Draft) -> str | None:
    if (cause := root_cause(alert, draft)) is not None:
        draft.because[key_of(alert)] = cause
        return f"depends on {cause}, which is down"
    if (cause := just_recovered(alert, draft)) is not None:
        return f"depends on {cause}, which has just recovered"
    if (cause := not_yet_seen(alert, draft)) is not None:
        return f"waits for a look at {cause}, which it depends on"
    return None


def _incident(alert: Alert, draft: Draft) -> str | None:
    """A budget that burns is no news when an incident, its own or of what it depends on, has told it."""
    if alert.rule is not AlertRule.SLO_BURN or alert.service is None:
        return None
    for service in (alert.service, *all_below(alert.service, draft.circumstances.depends_on)):
        incident = draft.incident_of(service)
        if incident is None:
            continue
        if incident.resolved_at is None or draft.now - incident.resolved_at <= EXPLAINED_FOR:
            return f'explained by the incident "{incident.title}"'
    return None
