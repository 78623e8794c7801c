"""The incidents: what fires for a service and is not quiet is one trouble, from its opening to its end."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from analytics.alerting import Action, Alert, AlertRule, Incident
from analytics.model import IncidentState, ServiceKey
from analytics.rules.alerting.explanations import (
    why_joined,
    why_opened,
    why_raised,
    why_relapsed,
    why_resolved,
    why_unacknowledged,
)
from analytics.rules.alerting.flapping import is_quiet, is_relapse, quiet_reason, stable_for
from analytics.rules.alerting.looks import FLAPS_FROM, is_bad_now, opens_incident
from analytics.rules.alerting.messages import about_incident
from analytics.rules.alerting.severity import RISING, worse
from analytics.rules.alerting.state import Draft, key_of
from analytics.rules.alerting.suppression import reason_to_be_quiet

_ORDER = list(AlertRule)


def decide(draft: Draft) -> None:
    """Every alert that fires, is bad now and not quiet has its part in the open incident of its service."""
    ready = []
    for alert in draft.firing():
        if not opens_incident(alert):
            continue
        reason = _reason(alert, draft)
        if reason != alert.suppressed_by:
            draft.put_alert(replace(alert, suppressed_by=reason))
        if reason is None and _is_news(alert, draft) and is_bad_now(alert, draft):
            ready.append(alert)
    for alert in sorted(ready, key=lambda one: (-RISING.index(one.severity), _ORDER.index(one.rule))):
        if alert.service is None:
            continue
        incident = _enter(alert, alert.service, draft)
        draft.put_incident(incident)
        draft.put_alert(replace(alert, incident_id=incident.id, suppressed_by=None, dismissed=None))


def _reason(alert: Alert, draft: Draft) -> str | None:
    """Why it is quiet. What is told is not; how long an open incident waits is decided when it is told."""
    if _is_news(alert, draft):
        return reason_to_be_quiet(alert, draft)
    incident = draft.open_incident(alert.service)
    return None if incident is not None and incident.told else alert.suppressed_by


def _is_news(alert: Alert, draft: Draft) -> bool:
    incident = draft.open_incident(alert.service)
    return incident is None or alert.incident_id != incident.id or worse(alert.severity, incident.severity)


def _enter(alert: Alert, service: ServiceKey, draft: Draft) -> Incident:
    """The incident of the service of `alert` with this alert in it."""
    incident = draft.incident_of(service)
    if incident is not None and incident.state is not IncidentState.RESOLVED:
        return _join(incident, alert, draft)
    if incident is not None and is_relapse(incident, draft.circumstances.policy.flapping, draft.now):
        return _relapse(incident, alert, draft)
    return _open(alert, service, draft)


def _began(alert: Alert) -> datetime:
    """When this run of bad looks began: what was held back may have been well in between."""
    return alert.streak_since or alert.bad_since


def _open(alert: Alert, service: ServiceKey, draft: Draft) -> Incident:
    incident = Incident(
        id=draft.new_id(),
        service=service,
        began_at=_began(alert),
        created_at=draft.now,
        severity=alert.severity,
        state=IncidentState.OPEN,
        title=alert.title,
        description=alert.message,
        rule=alert.rule,
        reason=alert.reason,
        sure_at=max(alert.since, _began(alert)),
    )
    settings = draft.circumstances.policy.settings(alert.rule, alert.service)
    draft.say(incident, "opened", why_opened(alert, settings, _held_back(alert, draft)))
    if not draft.circumstances.routes:
        draft.say(incident, "not_sent", "no channel is configured")
    return incident


def _held_back(alert: Alert, draft: Draft) -> str | None:
    before = draft.before.alerts.get(key_of(alert))
    return before.suppressed_by if before is not None else None


def _relapse(incident: Incident, alert: Alert, draft: Draft) -> Incident:
    ended = incident.resolved_at or draft.now
    again = replace(
        _described_by(alert, incident),
        severity=alert.severity,
        state=IncidentState.OPEN,
        resolved_at=None,
        acknowledged_at=None,
        acknowledged_by=None,
        relapses=(*incident.relapses, draft.now),
        good=0,
        good_since=None,
        good_at=None,
        told=(),
    )
    flapping = draft.circumstances.policy.flapping
    draft.say(incident, "relapsed", why_relapsed(again, ended, flapping, draft.now))
    if incident.acknowledged_by is not None:
        draft.say(incident, "unacknowledged", why_unacknowledged(incident.acknowledged_by))
    if is_quiet(again, flapping):
        draft.say(incident, "suppressed", quiet_reason(again, flapping))
    return again


def _join(incident: Incident, alert: Alert, draft: Draft) -> Incident:
    joined = replace(incident, began_at=min(incident.began_at, _began(alert)))
    if worse(alert.severity, incident.severity):
        draft.say(incident, "raised", why_raised(incident, alert))
        joined = replace(_described_by(alert, joined), severity=alert.severity)
        draft.send(
            joined.told, about_incident(Action.UPDATE, joined, draft.circumstances, draft.now), incident.id
        )
    elif incident.swings < FLAPS_FROM and alert.rule is not AlertRule.SERVICE_DEGRADED:
        # What is down is degraded too, and flaps with it: no news.
        draft.say(incident, "seen", why_joined(alert))
    return joined


def _described_by(alert: Alert, incident: Incident) -> Incident:
    return replace(
        incident, title=alert.title, description=alert.message, rule=alert.rule, reason=alert.reason
    )


def end(draft: Draft) -> None:
    """Resolves what none of its alerts tells of any more and what was seen well for long enough."""
    policy = draft.circumstances.policy
    for incident in open_ones(draft):
        if incident.good < policy.recovery_checks or fires(incident, draft):
            continue
        if incident.good_since is None or incident.good_at is None:
            continue
        if incident.good_at - incident.good_since >= stable_for(incident, policy.flapping):
            close(incident, why_resolved(incident, draft.now), draft)


def close(incident: Incident, why: str, draft: Draft, author: str = "collector", note: str = "") -> Incident:
    """Resolves `incident`, says why, and tells everybody who was told of it."""
    over = replace(incident, state=IncidentState.RESOLVED, resolved_at=draft.now)
    draft.put_incident(over)
    draft.say(over, "resolved", why, author)
    by = "" if author == "collector" else author
    draft.send(
        over.told,
        about_incident(Action.RESOLVE, over, draft.circumstances, draft.now, text=why, author=by, note=note),
        over.id,
    )
    return over


def fires(incident: Incident, draft: Draft) -> bool:
    """Whether one of its alerts fires."""
    return any(alert.incident_id == incident.id for alert in draft.firing_of(incident.service))


def open_ones(draft: Draft) -> Iterable[Incident]:
    """The incidents that are not resolved; as they are now."""
    return [one for one in draft.incidents.values() if one.state is not IncidentState.RESOLVED]


def close_without(alert: Alert, why: str, draft: Draft) -> None:
    """Closes the incident of an alert that was removed, when nothing else speaks for it."""
    incident = draft.open_incident(alert.service)
    if incident is not None and alert.incident_id == incident.id and not fires(incident, draft):
        close(incident, why, draft)
