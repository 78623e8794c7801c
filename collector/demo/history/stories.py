"""What stands in the incidents of the past: titles, descriptions and the timeline."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.model import IncidentState, Reason, ServiceKey, ServiceType
from analytics.rules.naming import label
from collector.demo.history.batch import MINUTE, Batch, Bytes, Coded, Ints, Texts, identifiers
from collector.demo.history.incidents import Incident
from collector.demo.history.traffic import Traffic

_PHRASES = {
    Reason.AUTH: "refuses our credentials",
    Reason.CONNECT: "not answering",
    Reason.DNS: "cannot be found",
    Reason.EXITED: "does not start",
    Reason.HTTP_5XX: "failing",
    Reason.QUOTA_EXHAUSTED: "out of quota",
    Reason.RATE_LIMITED: "rate limited",
    Reason.SLOW: "slow",
    Reason.TIMEOUT: "not answering",
    Reason.TLS: "has no valid certificate",
    Reason.UNHEALTHY: "unhealthy",
}
_PEOPLE = ("Mara", "Jonas", "Priya")
_COLLECTOR = "collector"
#: Shorter incidents are over before anybody looks.
_LOOKED_AT_AFTER = 12 * MINUTE


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the timeline; `time` in microseconds since 1970."""

    time: int
    kind: str
    author: str
    message: str


def title(incident: Incident, traffic: Mapping[ServiceKey, Traffic]) -> str:
    """One line that says what, how bad and how much, as it looked when the incident was opened."""
    key = incident.service
    name = label(key)
    counted = _counted(incident, traffic[key]) if key in traffic else None
    if counted is None:
        return f"{name} {_PHRASES.get(incident.reason, 'in trouble')}: {incident.message}"
    if key.service_type is ServiceType.WEBHOOK:
        return f"{name}: wrong signature on {counted.replace('calls', 'deliveries')}"
    assert incident.trouble is not None
    return f"{name} {_PHRASES[incident.trouble.reason]}: {incident.trouble.status} on {counted}"


def _counted(incident: Incident, traffic: Traffic) -> str | None:
    """How many failed since it began: "18 % of 312 calls in 5 minutes". None when it is about slowness."""
    if incident.trouble is None or incident.reason is Reason.SLOW:
        return None
    inside = (traffic.time >= incident.trouble.start) & (traffic.time <= incident.opened)
    total, failed = int(inside.sum()), int((inside & traffic.failed).sum())
    if not failed:
        return None
    minutes = math.ceil((incident.opened - incident.trouble.start) / MINUTE)
    span = "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{100 * failed / total:.0f} % of {total} calls in {span}"


def timeline(incident: Incident, heading: str, chance: np.random.Generator) -> list[Event]:
    """What happened to the incident, in order."""
    events = [Event(incident.opened, "opened", _COLLECTOR, heading)]
    person = _PEOPLE[int(chance.integers(len(_PEOPLE)))]
    lasted = incident.resolved - incident.opened
    if lasted > _LOOKED_AT_AFTER:
        looked = incident.opened + int(chance.uniform(3, 9) * MINUTE)
        events.append(Event(looked, "investigating", person, "Looking into it."))
    message = f"Two good checks in a row, {round(lasted / MINUTE)} minutes after it was opened."
    events.append(Event(incident.resolved, "resolved", _COLLECTOR, message))
    if incident.trouble is not None and incident.trouble.note:
        written = incident.resolved + int(chance.uniform(4, 15) * MINUTE)
        events.append(Event(written, "note", person, incident.trouble.note))
    return events


def incident_batches(
    found: Sequence[Incident], traffic: Mapping[ServiceKey, Traffic], chance: np.random.Generator
) -> list[Batch]:
    """The rows of `integration_incidents` and `incident_events`."""
    opened = np.array([incident.opened for incident in found], dtype=np.int64)
    titles = [title(incident, traffic) for incident in found]
    ids = identifiers(opened, chance)
    incidents = Batch(
        "integration_incidents",
        {
            "id": ids,
            "created_at": opened,
            "resolved_at": np.array([incident.resolved for incident in found], dtype=np.int64),
            "service_type": _coded([incident.service.service_type.value for incident in found]),
            "service_name": _coded([incident.service.service_name for incident in found]),
            "severity": _coded([incident.severity.value for incident in found]),
            "title": _coded(titles),
            "description": _coded([incident.message for incident in found]),
            "status": _coded([IncidentState.RESOLVED.value] * len(found)),
            "reason": _coded([incident.reason.value for incident in found]),
        },
        times=frozenset({"created_at", "resolved_at"}),
    )
    return [incidents, _events(found, titles, ids, chance)]


def _events(
    found: Sequence[Incident], titles: Sequence[str], ids: Bytes, chance: np.random.Generator
) -> Batch:
    told = [
        (place, event)
        for place, incident in enumerate(found)
        for event in timeline(incident, titles[place], chance)
    ]
    times: Ints = np.array([event.time for _, event in told], dtype=np.int64)
    return Batch(
        "incident_events",
        {
            "id": identifiers(times, chance),
            "incident_id": ids[np.array([place for place, _ in told], dtype=np.int64)],
            "timestamp": times,
            "kind": _coded([event.kind for _, event in told]),
            "author": _coded([event.author for _, event in told]),
            "message": _coded([event.message for _, event in told]),
        },
    )


def _coded(values: Sequence[str]) -> Coded:
    texts = Texts()
    return Coded(np.array([texts.code(value) for value in values], dtype=np.int64), texts)
