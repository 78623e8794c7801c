"""Which looks count: what is bad now, what is well, and for how long an open incident has been well."""

from dataclasses import replace

from analytics.alerting import INCIDENT_RULES, Alert, AlertRule, AlertState, Health, Incident
from analytics.model import Status
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.alerting.state import Draft

#: So many swings make the timeline say that it flaps; single ones are not told of from then on.
FLAPS_FROM = 3


def opens_incident(alert: Alert) -> bool:
    """Whether it tells of a service in trouble; what is not an incident is a notice."""
    return alert.rule in INCIDENT_RULES and alert.service is not None


def is_bad_now(alert: Alert, draft: Draft) -> bool:
    """Whether its newest look was bad and is not so old that nobody knows how it is now."""
    return (
        alert.state is AlertState.FIRING
        and alert.good == 0
        and draft.now - alert.last_at <= draft.circumstances.gap(alert.service)
    )


def see(draft: Draft, look: Health) -> None:
    """Counts a look for the open incident of its service: good ones in a row, and each turn for the bad."""
    incident = draft.open_incident(look.service)
    if incident is None or (incident.good_at is not None and look.at < incident.good_at):
        return
    well = _is_well(look, draft.circumstances)
    if well:
        draft.put_incident(_seen_well(incident, look, draft))
    elif well is False and incident.good:
        swings = incident.swings + 1
        draft.put_incident(replace(incident, good=0, good_since=None, swings=swings))
        if swings == FLAPS_FROM:
            draft.say(
                incident, "seen", f"flapping: bad again {swings} times before it was over; one incident"
            )


def _is_well(look: Health, circumstances: Circumstances) -> bool | None:
    """Where nobody wants to hear of a degraded service, degraded is well enough for an incident to end."""
    if look.well is False and look.status is Status.DEGRADED:
        return not circumstances.policy.settings(AlertRule.SERVICE_DEGRADED, look.service).enabled
    return look.well


def _seen_well(incident: Incident, look: Health, draft: Draft) -> Incident:
    pause = look.at - incident.good_at if incident.good_at is not None else None
    if not incident.good or (pause is not None and pause > draft.circumstances.gap(look.service)):
        return replace(incident, good=1, good_since=look.at, good_at=look.at)
    return replace(incident, good=incident.good + 1, good_at=look.at)
