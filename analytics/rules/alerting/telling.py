"""Who is told of an open incident: all whom its severity concerns, once, unless there is reason to wait."""

from dataclasses import replace

from analytics.alerting import Action, Alert, Incident
from analytics.rules.alerting.explanations import said_of
from analytics.rules.alerting.flapping import is_quiet, quiet_reason, stays_bad
from analytics.rules.alerting.incidents import open_ones
from analytics.rules.alerting.looks import is_bad_now
from analytics.rules.alerting.messages import about_incident
from analytics.rules.alerting.routing import channels_for
from analytics.rules.alerting.state import Draft
from analytics.rules.alerting.suppression import reason_to_be_quiet

NO_CHANNEL = "no channel is configured"


def name_dependents(draft: Draft) -> None:
    """Says on the incident of a dependency, once each, which services are quiet because of it."""
    for key, cause in draft.because.items():
        incident = draft.open_incident(cause)
        name = str(key[1])
        if incident is None or name in incident.affected:
            continue
        draft.put_incident(replace(incident, affected=(*incident.affected, name)))
        draft.say(
            incident, "seen", f"{name} is bad too; it depends on {cause}, so nobody is told of it apart"
        )


def tell(draft: Draft) -> None:
    """Triggers for the channels that an open incident concerns and that were not told yet."""
    for incident in open_ones(draft):
        concerned = channels_for(incident.severity, draft.circumstances.routes)
        missing = tuple(channel for channel in concerned if channel not in incident.told)
        if not missing and incident.told:
            continue
        alerts = [
            alert
            for alert in draft.firing_of(incident.service)
            if alert.incident_id == incident.id and is_bad_now(alert, draft)
        ]
        if not alerts:
            continue
        reason = _reason_to_wait(incident, alerts, draft) or (None if missing else NO_CHANNEL)
        if reason is None:
            draft.put_incident(replace(incident, told=(*incident.told, *missing)))
            text = said_of(incident, alerts[0], draft.circumstances.policy)
            draft.send(
                missing,
                about_incident(Action.TRIGGER, incident, draft.circumstances, draft.now, text=text),
                incident.id,
            )
        if reason is None or not incident.told:
            _mark(alerts, reason, draft)


def _reason_to_wait(incident: Incident, alerts: list[Alert], draft: Draft) -> str | None:
    flapping = draft.circumstances.policy.flapping
    if is_quiet(incident, flapping) and not any(
        stays_bad(alert.streak_since or alert.bad_since, flapping, draft.now) for alert in alerts
    ):
        return quiet_reason(incident, flapping)
    reasons = [reason_to_be_quiet(alert, draft) for alert in alerts]
    return None if None in reasons else reasons[0]


def _mark(alerts: list[Alert], reason: str | None, draft: Draft) -> None:
    for alert in alerts:
        if alert.suppressed_by != reason:
            draft.put_alert(replace(alert, suppressed_by=reason))
