"""Troubles that come and go are one trouble: how long it must be good, and when people are told again.

A trouble that begins within `within` of the end of the last one is a relapse of it and keeps its incident.
After each relapse it must be good for longer before it counts as over, so that what comes and goes stays one
open incident; from the `quiet_from`-th relapse on people hear of it only when it stays.
"""

from datetime import datetime, timedelta

from analytics.alerting import FlappingSettings, Incident
from analytics.rules.wording import lasting


def is_relapse(incident: Incident, flapping: FlappingSettings, now: datetime) -> bool:
    """Whether a trouble that is sure at `now` is `incident` once more."""
    return incident.resolved_at is not None and now - incident.resolved_at <= flapping.within


def stable_for(incident: Incident, flapping: FlappingSettings) -> timedelta:
    """How long the service must have been seen well, without a break, before `incident` is over."""
    if not incident.relapses or not flapping.stable:
        return timedelta(0)
    return flapping.stable[min(len(incident.relapses), len(flapping.stable)) - 1]


def is_quiet(incident: Incident, flapping: FlappingSettings) -> bool:
    """Whether it came back so often that people are told only when it stays."""
    return len(incident.relapses) >= flapping.quiet_from and not incident.told


def stays_bad(streak_since: datetime, flapping: FlappingSettings, now: datetime) -> bool:
    """Whether a trouble that has been bad without a good look since `streak_since` has come to stay."""
    return now - streak_since >= flapping.told_after


def quiet_reason(incident: Incident, flapping: FlappingSettings) -> str:
    """Why nobody is told of a relapse."""
    return (
        f"flapping: back for the {ordinal(len(incident.relapses))} time, "
        f"told when it stays bad for {lasting(flapping.told_after)}"
    )


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
