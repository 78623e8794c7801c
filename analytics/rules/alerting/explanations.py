"""The sentences of a timeline: what was seen, and why it was decided."""

from datetime import datetime

from analytics.alerting import Alert, AlertPolicy, AlertRule, FlappingSettings, Incident, RuleSettings
from analytics.model import ServiceType
from analytics.rules.alerting.flapping import ordinal, stable_for
from analytics.rules.wording import lasting


def counted(number: int, one: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def why_opened(alert: Alert, settings: RuleSettings, held_back: str | None) -> str:
    """What was seen, since when, which rule asks for how much of it, and why it was quiet until now."""
    held = f"held back until now: {held_back}" if held_back else ""
    return "; ".join(
        said
        for said in (
            alert.message or alert.title,
            _seen(alert),
            f"rule {alert.rule}: {_asked(alert, settings)}",
            held,
        )
        if said
    )


def _asked(alert: Alert, settings: RuleSettings) -> str:
    """What the rule asks for, in the words in which it was seen."""
    checks = counted(settings.checks, "check") + (" in a row" if settings.checks > 1 else "")
    if settings.lasting:
        long = lasting(settings.lasting)
        return long if settings.checks == 1 else f"{checks} and {long}"
    # Who sees six here and asked for three wants to know how one check came to be six.
    many = alert.rule is AlertRule.SERVICE_DOWN and alert.count > settings.checks
    return f"{checks}; every attempt or call that failed counts as a check" if many else checks


def said_of(incident: Incident, alert: Alert, policy: AlertPolicy) -> str:
    """What is told with the title: what was seen, and of what came back when it will be over."""
    said = [part for part in (incident.description, _seen(alert)) if part and part not in incident.title]
    if incident.relapses:
        stable = stable_for(incident, policy.flapping)
        times = {1: "once", 2: "twice"}.get(len(incident.relapses), f"{len(incident.relapses)} times")
        over = f"; it is over when it has been good for {lasting(stable)}" if stable else ""
        said.append(f"it came back {times}{over}")
    return "; ".join(said)


def _seen(alert: Alert) -> str:
    in_row = counted(alert.count, "check") + (" in a row" if alert.count > 1 else "")
    return f"bad in {in_row} since {alert.bad_since:%H:%M:%S} UTC"


def why_joined(alert: Alert) -> str:
    """Another rule found the same service in trouble."""
    return f"{alert.rule} too: {alert.title or alert.message}"


def why_raised(before: Incident, alert: Alert) -> str:
    """From which severity to which, and what is worse now."""
    return f"from {before.severity} to {alert.severity} by rule {alert.rule}: {alert.title or alert.message}"


def why_relapsed(incident: Incident, ended: datetime, flapping: FlappingSettings, now: datetime) -> str:
    """How often it came back, how soon, and how long it must be good now. `incident` counts this relapse."""
    stable = stable_for(incident, flapping)
    must = f"; over when it was good for {lasting(stable)}" if stable else ""
    return (
        f"back for the {ordinal(len(incident.relapses))} time, {lasting(now - ended)} after it was over: "
        f"{incident.title}{must}"
    )


def why_unacknowledged(author: str) -> str:
    """Who took it on took on what was over: of what came back they may not know."""
    return f"{author} was on it before it came back; nobody is on it now"


def why_resolved(incident: Incident, now: datetime) -> str:
    """How many good looks, and how long it took in all."""
    stable = ""
    if incident.good_since is not None and incident.relapses:
        stable = f", good for {lasting(now - incident.good_since)}"
    swings = f"; it was bad again {counted(incident.swings, 'time')} meanwhile" if incident.swings else ""
    took = lasting(now - incident.began_at)
    # An hour of bad calls goes on counting there: who sees the service down beside this wants to know why.
    kind = incident.service.service_type if incident.service else None
    calls = "; by the calls of the last minutes, its status counts longer" if kind is ServiceType.API else ""
    return f"{counted(incident.good, 'good check')} in a row{stable}, {took} after it began{calls}{swings}"
