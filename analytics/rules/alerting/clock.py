"""What a clock that was ahead left behind: nothing was seen later than now."""

from dataclasses import replace
from datetime import datetime

from analytics.alerting import Alert, Incident


def alert_as_of(alert: Alert, now: datetime) -> Alert:
    """`alert` without moments that are still to come: else its rule would be deaf until they came."""
    if alert.last_at <= now and alert.since <= now:
        return alert
    return replace(
        alert,
        since=min(alert.since, now),
        bad_since=min(alert.bad_since, now),
        last_at=min(alert.last_at, now),
        streak_since=_until(alert.streak_since, now),
    )


def incident_as_of(incident: Incident, now: datetime) -> Incident:
    """`incident` without looks that are still to come: else it could not end before they came."""
    good_at, good_since, resolved_at = incident.good_at, incident.good_since, incident.resolved_at
    if (
        (good_at is None or good_at <= now)
        and (good_since is None or good_since <= now)
        and (resolved_at is None or resolved_at <= now)
    ):
        return incident
    return replace(
        incident,
        good_at=_until(incident.good_at, now),
        good_since=_until(incident.good_since, now),
        resolved_at=_until(incident.resolved_at, now),
    )


def _until(moment: datetime | None, now: datetime) -> datetime | None:
    return None if moment is None else min(moment, now)
