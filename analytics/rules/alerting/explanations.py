"""The sentences of a timeline: what was seen, and why it was decided."""

from datetime import datetime, timedelta

from analytics.alerting import Alert, AlertPolicy, FlappingSettings, Incident, RuleSettings
from analytics.rules.alerting.flapping import ordinal, stable_for
from analytics.rules.wording import span


def counted(number: int, one: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def why_opened(alert: Alert, settings: RuleSettings, held_back: str | None) -> str:
    """What was seen, since when, which rule asks for how much of it, and why it was quiet until now."""
    asked = counted(settings.checks, "check")
    if settings.lasting:
        asked = (
            f"{span(settings.lasting)}" if settings.checks == 1 else f"{asked} and {span(settings.lasting)}"
        )
    held = f"held back until now: {held_back}" if held_back else ""
    return "; ".join(
        said
        for said in (alert.message or alert.title, _seen(alert), f"rule {alert.rule}: {asked}", held)
        if said
    )


def said_of(incident: Incident, alert: Alert, policy: AlertPolicy) -> str:
    """What is told with the title: what was seen, and of what came back when it will be over."""
    said = [part for part in (incident.description, _seen(alert)) if part and part not in incident.title]
    if incident.relapses:
        stable = stable_for(incident, policy.flapping)
        times = {1: "once", 2: "twice"}.get(len(incident.relapses), f"{len(incident.relapses)} times")
        over = f"; it is over when it has been good for {span(stable)}" if stable else ""
        said.append(f"it came back {times}{over}")
    return "; ".join(said)


def _seen(alert: Alert) -> str:
    return f"bad in {counted(alert.count, 'look')} in a row since {alert.bad_since:%H:%M:%S} UTC"


def why_joined(alert: Alert) -> str:
    """Another rule found the same service in trouble."""
    return f"{alert.rule} too: {alert.title or alert.message}"


def why_raised(before: Incident, alert: Alert) -> str:
    """From which severity to which, and what is worse now."""
    return f"from {before.severity} to {alert.severity} by rule {alert.rule}: {alert.title or alert.message}"


def why_relapsed(incident: Incident, ended: datetime, flapping: FlappingSettings, now: datetime) -> str:
    """How often it came back, how soon, and how long it must be good now. `incident` counts this relapse."""
    stable = stable_for(incident, flapping)
    must = f"; over when it was good for {span(stable)}" if stable else ""
    return (
        f"back for the {ordinal(len(incident.relapses))} time, {span(now - ended)} after it was over: "
        f"{incident.title}{must}"
    )


def why_resolved(incident: Incident, now: datetime) -> str:
    """How many good looks, and how long it took in all."""
    stable = ""
    if incident.good_since is not None and incident.relapses:
        stable = f", good for {span(now - incident.good_since)}"
    swings = f"; it was bad again {counted(incident.swings, 'time')} meanwhile" if incident.swings else ""
    lasted: timedelta = now - incident.began_at
    return f"{counted(incident.good, 'good check')} in a row{stable}, {span(lasted)} after it began{swings}"
