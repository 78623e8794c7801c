"""The alert rules over what was recorded: the same pure functions, look by look, as when it happened.

Of `delivery_failing` the replay says nothing: it is about the channels of that time, not about services.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np

from analytics.alerting import (
    AlertEvent,
    AlertPolicy,
    AlertState,
    Health,
    Incident,
    IncidentEvent,
    Outgoing,
    Signal,
)
from analytics.model import IncidentState, Policy, ServiceKey
from analytics.replay.evidence import RecordedEvidence
from analytics.replay.judging import judged_again
from analytics.replay.moments import BY_TABLES, blind_moments, telling_checks, watched_services
from analytics.replay.recording import (
    Bools,
    CheckColumns,
    Deed,
    Ints,
    Recording,
    to_datetime,
    to_microseconds,
)
from analytics.replay.sights import Sights
from analytics.replay.stored import as_stored
from analytics.replay.surroundings import Surroundings
from analytics.rules.alerting import ActionRefused, AlertingState, Step, acknowledge, resolve, step
from analytics.rules.alerting.step import RESOLVED_KEPT
from analytics.rules.signals import check_signals, evidence_signals

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Outcome:
    """What the rules make of a recording, of its time from `since` on; what was over before is left out.

    Incidents are as they were at the end (open ones are not resolved), in the order in which they were
    opened; events and `messages` (when, and what to which channel) in the order of time. `verdicts_changed`
    counts the checks that other limits judge in another way.
    """

    incidents: tuple[Incident, ...]
    events: tuple[IncidentEvent, ...]
    alert_events: tuple[AlertEvent, ...]
    messages: tuple[tuple[datetime, Outgoing], ...]
    verdicts_changed: int = 0


def replay(
    recording: Recording,
    policy: AlertPolicy,
    limits: Mapping[ServiceKey, Policy],
    progress: Progress | None = None,
) -> Outcome:
    """What the alert rules make of `recording` with `policy`, its checks judged with `limits`.

    A service without limits there keeps those of the recording. `progress` is told the share that is done,
    0 to 1. The same for the same arguments; no clock, no database.
    """
    own = {key: limits.get(key, before) for key, before in recording.limits.items()}
    checks, changed = judged_again(recording, own)
    run = _Run(recording, checks, policy, own)
    run.all(progress or (lambda _: None))
    return run.outcome(changed)


@dataclass
class _Left:
    incidents: dict[UUID, Incident] = field(default_factory=dict)
    events: list[IncidentEvent] = field(default_factory=list)
    alert_events: list[AlertEvent] = field(default_factory=list)
    messages: list[tuple[datetime, Outgoing]] = field(default_factory=list)


class _Run:
    """One replay while it is under way."""

    def __init__(
        self,
        recording: Recording,
        checks: CheckColumns,
        policy: AlertPolicy,
        limits: Mapping[ServiceKey, Policy],
    ) -> None:
        self._recording, self._checks, self._policy, self._limits = recording, checks, policy, limits
        evidence = RecordedEvidence(recording, checks)
        self._sights = Sights(recording, checks, evidence, limits)
        self._surroundings = Surroundings(recording, policy, self._sights.newest)
        self._telling = telling_checks(recording, checks, policy, limits)
        watched = watched_services(recording, evidence, policy, limits)
        nothing: Bools = np.zeros((len(recording.done), 0), dtype=np.bool_)
        self._watched = np.stack([watched[key] for key in recording.keys], axis=1) if watched else nothing
        self._blind = blind_moments(recording, evidence, policy, limits)
        self._starts = np.searchsorted(checks.part, np.arange(len(recording.done) + 1))
        self._deeds = list(recording.deeds)
        self._state = AlertingState()
        self._left = _Left()
        self._made = 0
        #: What is in trouble, and of that what is so by a rule that goes by the tables.
        self._concerned: set[ServiceKey | None] = set()
        self._concerned_places: set[int] = set()
        self._by_tables: set[ServiceKey | None] = set()

    def all(self, progress: Progress) -> None:
        """From the first part to the last; those at which nothing can happen are passed over."""
        telling = self._parts_that_tell()
        count, part, told = len(self._recording.done), 0, 0
        while (part := self._next(part, telling)) < count:
            self._part(part)
            part += 1
            if 100 * part // count > told:
                told = 100 * part // count
                progress(part / count)
        progress(1.0)

    def outcome(self, verdicts_changed: int) -> Outcome:
        """What came about after the begin of the period."""
        left, since = self._left, self._recording.since
        return Outcome(
            incidents=tuple(
                one for one in left.incidents.values() if one.resolved_at is None or one.resolved_at > since
            ),
            events=tuple(one for one in left.events if one.at > since),
            alert_events=tuple(one for one in left.alert_events if one.at > since),
            messages=tuple(pair for pair in left.messages if pair[0] > since),
            verdicts_changed=verdicts_changed,
        )

    def _parts_that_tell(self) -> Ints:
        marked = np.zeros(len(self._recording.done), dtype=np.bool_)
        marked[self._checks.part[self._telling]] = True
        by_evidence = self._blind.copy()
        by_evidence |= self._watched.any(axis=1)
        found: Ints = np.flatnonzero(marked | (by_evidence & self._recording.complete))
        return found

    def _next(self, part: int, telling: Ints) -> int:
        """The next part from `part` on at which anything can happen.

        While something fires or waits, or an incident is open, that is every part; otherwise one that could
        be bad, or the one with which what was resolved is forgotten.
        """
        if self._concerned:
            return part
        count = len(self._recording.done)
        place = int(np.searchsorted(telling, part))
        following = int(telling[place]) if place < len(telling) else count
        if self._state.alerts:
            over = min(alert.since for alert in self._state.alerts.values()) + RESOLVED_KEPT
            forgets = int(np.searchsorted(self._recording.done, to_microseconds(over), side="right"))
            following = min(following, max(part, forgets))
        return following

    def _part(self, part: int) -> None:
        now = to_datetime(int(self._recording.done[part]))
        while self._deeds and self._deeds[0].at <= now:
            self._act(self._deeds.pop(0), part - 1)
        signals: list[Signal] = []
        looks: list[Health] = []
        for row in self._rows(part):
            seen, present, found = self._sights.look(row, part)
            signals += check_signals(seen, present, self._policy)
            looks.append(found)
        if self._recording.complete[part]:
            signals += self._by_evidence(part, now)
        circumstances = self._surroundings.at(part, now)
        self._keep(step(self._state, signals, looks, circumstances, now, lambda: self._new_id(now)), now)

    def _rows(self, part: int) -> Iterator[int]:
        """The checks of a part that could be bad, and the good ones of what is in trouble."""
        begin, end = int(self._starts[part]), int(self._starts[part + 1])
        telling, services = self._telling[begin:end].tolist(), self._checks.service[begin:end].tolist()
        for row, (tells, service) in enumerate(zip(telling, services, strict=True), begin):
            if tells or service in self._concerned_places:
                yield row

    def _by_evidence(self, part: int, now: datetime) -> list[Signal]:
        if self._blind[part] or None in self._by_tables:
            judged = dict(self._limits)
        else:
            keys = self._recording.keys
            judged = {
                keys[place]: self._limits[keys[place]]
                for place, watched in enumerate(self._watched[part].tolist())
                if watched or (self._by_tables and keys[place] in self._by_tables)
            }
        if not judged:
            return []
        return evidence_signals(self._sights.evidence(part, judged), judged, self._policy, now)

    def _act(self, deed: Deed, part: int) -> None:
        """What a person did to the incident of that time is done to the one that is open here."""
        opened = [
            one
            for one in self._state.incidents
            if one.service == deed.service and one.state is not IncidentState.RESOLVED
        ]
        act = acknowledge if deed.kind == "acknowledged" else resolve
        for incident in opened:
            circumstances = self._surroundings.at(part, deed.at)
            try:
                made = act(
                    self._state,
                    incident.id,
                    deed.author,
                    deed.note,
                    circumstances,
                    deed.at,
                    lambda: self._new_id(deed.at),
                )
            except ActionRefused:
                continue  # it was acknowledged already
            self._keep(made, deed.at)

    def _keep(self, made: Step, now: datetime) -> None:
        self._state = as_stored(made)
        self._left.events += made.events
        self._left.alert_events += made.alert_events
        self._left.messages += [(now, one) for one in made.outgoing]
        for incident in made.changed_incidents:
            self._left.incidents[incident.id] = incident
        if not (made.alert_events or made.removed_alerts or made.events):
            return  # the same alerts and incidents, in the same states
        troubled = [one for one in self._state.alerts.values() if one.state is not AlertState.RESOLVED]
        self._by_tables = {alert.service for alert in troubled if alert.rule in BY_TABLES}
        self._concerned = {alert.service for alert in troubled}
        self._concerned |= {
            one.service for one in self._state.incidents if one.state is not IncidentState.RESOLVED
        }
        self._concerned_places = {
            place for place, key in enumerate(self._recording.keys) if key in self._concerned
        }

    def _new_id(self, now: datetime) -> UUID:
        """Sorts by time as all ids do, and is the same in every replay."""
        self._made += 1
        return UUID(int=(int(now.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | self._made)
