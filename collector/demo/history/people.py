"""The people of the past: who looked into an incident and when, and what they wrote when it was over."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from analytics.alerting import Incident
from analytics.model import Severity
from collector.demo.history.batch import MICROSECONDS, from_datetime
from collector.demo.history.plan import Effect, Trouble

NAMES = ("Mara", "Jonas", "Priya")
#: The median of the minutes until somebody looks, and the sigma of its logarithm.
_MINUTES = {Severity.CRITICAL: (4.5, 0.5), Severity.WARNING: (9.0, 0.6), Severity.INFO: (30.0, 0.5)}
_AT_NIGHT, _NIGHT_ENDS, _NIGHT_BEGINS = 2.5, 6, 22
_FIRST_WORDS = (
    "Looking into it.",
    "On it.",
    "I have it, looking at the logs first.",
    "Seen. Checking what changed before it began.",
)
_NOTE_AFTER = (4.0, 15.0)


@dataclass(frozen=True, slots=True, order=True)
class Deed:
    """What somebody does at a moment: `acknowledge` an incident, or write a `note`."""

    at: datetime
    incident_id: UUID
    kind: str
    person: str
    words: str


@dataclass
class People:
    """What they are going to do, as far as it is known; `found` are the troubles of the history."""

    found: Sequence[Trouble]
    chance: Random
    _deeds: list[Deed] = field(default_factory=list)
    _paged: set[tuple[UUID, int]] = field(default_factory=set)
    _on_it: dict[UUID, str] = field(default_factory=dict)

    def hear(self, incident: Incident, now: datetime) -> None:
        """`incident` changed: when it was told, somebody will look; when it is over, somebody sums up."""
        beginning = (incident.id, len(incident.relapses))
        if incident.resolved_at is not None:
            self._sum_up(incident, now)
        elif incident.told and beginning not in self._paged:
            self._paged.add(beginning)
            person = self._on_it.setdefault(incident.id, self.chance.choice(NAMES))
            at = now + self._until_seen(incident.severity, now)
            heapq.heappush(
                self._deeds, Deed(at, incident.id, "acknowledge", person, self.chance.choice(_FIRST_WORDS))
            )

    def due(self, until: datetime) -> Iterator[Deed]:
        """What they do up to `until`, in order."""
        while self._deeds and self._deeds[0].at <= until:
            yield heapq.heappop(self._deeds)

    def _until_seen(self, severity: Severity, now: datetime) -> timedelta:
        median, spread = _MINUTES[severity]
        minutes = median * self.chance.lognormvariate(0.0, spread)
        awake = _NIGHT_ENDS <= now.hour < _NIGHT_BEGINS
        return timedelta(minutes=minutes if awake else _AT_NIGHT * minutes)

    def _sum_up(self, incident: Incident, now: datetime) -> None:
        words = _explanation(incident, self.found)
        if words:
            person = self._on_it.setdefault(incident.id, self.chance.choice(NAMES))
            at = now + timedelta(minutes=self.chance.uniform(*_NOTE_AFTER))
            heapq.heappush(self._deeds, Deed(at, incident.id, "note", person, words))


def _explanation(incident: Incident, found: Sequence[Trouble]) -> str:
    """What the last trouble in the time of `incident` turned out to be; "" when it is to come back."""
    assert incident.resolved_at is not None
    begin, end = from_datetime(incident.began_at), from_datetime(incident.resolved_at)
    own = [
        trouble
        for trouble in found
        if incident.service in trouble.services
        and trouble.effect is not Effect.GAP
        and trouble.end >= begin - MICROSECONDS
    ]
    lasting = [trouble for trouble in own if trouble.start <= end]
    if not lasting or lasting[-1].end > end:
        return ""
    comes_back = any(trouble.start > end and trouble.note == lasting[-1].note for trouble in own)
    return "" if comes_back else lasting[-1].note
