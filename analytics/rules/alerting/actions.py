"""What people do to an incident: acknowledge, close, say something. Each is recorded with its author."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from analytics.alerting import Action, Incident
from analytics.model import IncidentState
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.alerting.incidents import close
from analytics.rules.alerting.looks import opens_incident
from analytics.rules.alerting.messages import about_incident
from analytics.rules.alerting.state import AlertingState, Draft, Step
from analytics.rules.alerting.suppression import clock


class ActionRefused(Exception):
    """It cannot be done; the text is one line for people. `unknown`: there is no such incident."""

    def __init__(self, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.unknown = unknown


def acknowledge(
    state: AlertingState,
    incident_id: UUID,
    author: str,
    note: str,
    circumstances: Circumstances,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Step:
    """`author` looks into it: open → investigating, and the channels that were told are told.

    Once more by the same person changes nothing. Raises `ActionRefused` when the incident is unknown,
    resolved, or acknowledged by another.
    """
    draft = Draft(state, circumstances, now, new_id)
    incident = _open(incident_id, draft)
    if incident.state is IncidentState.INVESTIGATING:
        if incident.acknowledged_by == author:
            return draft.finish()
        raise ActionRefused(f"incident {incident_id} was acknowledged by {incident.acknowledged_by} already")
    taken = replace(incident, state=IncidentState.INVESTIGATING, acknowledged_at=now, acknowledged_by=author)
    draft.put_incident(taken)
    draft.say(taken, "acknowledged", note or "acknowledged", author)
    message = about_incident(Action.ACKNOWLEDGE, taken, circumstances, now, author=author, note=note)
    draft.send(taken.told, message, incident_id)
    return draft.finish()


def resolve(
    state: AlertingState,
    incident_id: UUID,
    author: str,
    note: str,
    circumstances: Circumstances,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Step:
    """`author` says that it is over. What is still bad is silent until it was good once or gets worse.

    Raises `ActionRefused` when the incident is unknown or resolved.
    """
    draft = Draft(state, circumstances, now, new_id)
    incident = _open(incident_id, draft)
    for alert in draft.firing_of(incident.service):
        if opens_incident(alert):
            silent = f"closed by {author} at {clock(now, now)} while it was bad"
            draft.put_alert(replace(alert, dismissed=alert.severity, suppressed_by=silent))
    close(incident, note or "resolved by hand", draft, author, note)
    return draft.finish()


def add_note(
    state: AlertingState,
    incident_id: UUID,
    author: str,
    note: str,
    circumstances: Circumstances,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Step:
    """One more entry of the timeline, also when it is over. Raises `ActionRefused` when it is unknown."""
    draft = Draft(state, circumstances, now, new_id)
    draft.say(_known(incident_id, draft), "note", note, author)
    return draft.finish()


def _known(incident_id: UUID, draft: Draft) -> Incident:
    incident = draft.incidents.get(incident_id)
    if incident is None:
        raise ActionRefused(f"there is no open or recent incident {incident_id}", unknown=True)
    return incident


def _open(incident_id: UUID, draft: Draft) -> Incident:
    incident = _known(incident_id, draft)
    if incident.resolved_at is not None:
        at = clock(incident.resolved_at, draft.now)
        raise ActionRefused(f"incident {incident_id} has been resolved at {at} already")
    return incident
