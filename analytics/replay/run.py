"""The alert rules over what was recorded: the same pure functions, look by look, as when it happened.

Of `delivery_failing` the replay says nothing: it is about the channels of that time, not about services.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from analytics.alerting import AlertEvent, AlertPolicy, Health, Incident, IncidentEvent, Outgoing, Signal
from analytics.model import IncidentState, Policy, ServiceKey
from analytics.replay.attention import Attention
from analytics.replay.evidence import RecordedEvidence
from analytics.replay.moments import BY_WORDS
from analytics.replay.recording import CheckColumns, Deed, Recording, to_datetime
from analytics.replay.sights import Sights
from analytics.replay.stored import as_stored
from analytics.replay.surroundings import Surroundings
from analytics.rules.alerting import ActionRefused, AlertingState, Step, acknowledge, resolve, step
from analytics.rules.signals import check_signals, evidence_signals

_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass
class Left:
    """What a run leaves behind: incidents as they are now, all else in the order in which it came about."""

    incidents: dict[UUID, Incident] = field(default_factory=dict)
    events: list[IncidentEvent] = field(default_factory=list)
    alert_events: list[AlertEvent] = field(default_factory=list)
    messages: list[tuple[datetime, Outgoing]] = field(default_factory=list)

    def add(self, later: "Left", after: datetime) -> None:
        """Takes over what `later` has of the time after `after`."""
        self.incidents |= {key: one for key, one in later.incidents.items() if one.created_at > after}
        self.events += [one for one in later.events if one.at > after]
        self.alert_events += [one for one in later.alert_events if one.at > after]
        self.messages += [pair for pair in later.messages if pair[0] > after]


@dataclass(frozen=True)
class Stretch:
    """What a run over the parts from `begin` up to `end` came to, which began with nothing in trouble.

    `calm` are the stretches of parts, first and last, at whose beginning nothing was remembered; `state` is
    what was remembered in the end.
    """

    begin: int
    end: int
    left: Left
    calm: list[tuple[int, int]]
    state: AlertingState

    def calm_from(self, part: int) -> int:
        """The first part from `part` on at whose beginning nothing was remembered; `end` without any."""
        place = bisect_right(self.calm, part, key=lambda one: one[1])
        if place and self.calm[place - 1][1] == part:
            return part
        return max(part, self.calm[place][0]) if place < len(self.calm) else self.end


class Run:
    """One replay while it is under way: everything before `part` has happened."""

    def __init__(
        self,
        recording: Recording,
        checks: CheckColumns,
        policy: AlertPolicy,
        limits: Mapping[ServiceKey, Policy],
    ) -> None:
        self._recording, self._policy, self._limits = recording, policy, limits
        evidence = RecordedEvidence(recording, checks)
        self._sights = Sights(recording, checks, evidence, limits)
        self._surroundings = Surroundings(recording, policy, self._sights.newest)
        self.attention = Attention(recording, checks, evidence, policy, limits)
        self._deeds = list(recording.deeds)
        self._state = AlertingState()
        self._made = (_BEGINNING, 0)
        self._calm: list[tuple[int, int]] = []
        self.left = Left()
        self.part = 0

    def start_at(self, part: int) -> None:
        """Begins there, with nothing in trouble."""
        self.part = part
        self._forget_deeds()

    def to(self, end: int) -> None:
        """From `part` up to `end`; the parts at which nothing can happen are passed over."""
        while self.part < end:
            self.one(end)

    def one(self, end: int) -> None:
        """The next part at which anything can happen, if there is one before `end`."""
        following = min(self.attention.following(self.part, self._state), end)
        if self._is_calm():
            self._calm.append((self.part, following))
        self.part = following
        if following < end:
            self._look(following)
            self.part += 1

    def stretch(self, begin: int) -> Stretch:
        """What became of it since `start_at` of `begin`."""
        return Stretch(begin, self.part, self.left, self._calm, self._state)

    def join(self, stretch: Stretch) -> bool:
        """Takes `stretch` over where nothing is remembered here nor there: from then on both are the same.

        False when that is not yet so.
        """
        if not self._is_calm():
            return False
        place = stretch.calm_from(self.part)
        if place >= stretch.end or place > self.attention.following(self.part, self._state):
            return False
        self.left.add(stretch.left, self._time_before(place))
        self._state, self.part = stretch.state, stretch.end
        self.attention.heed(self._state)
        self._forget_deeds()
        return True

    def _is_calm(self) -> bool:
        return not self._state.alerts and not self._state.incidents

    def _time_before(self, part: int) -> datetime:
        return to_datetime(int(self._recording.done[part - 1])) if part else _BEGINNING

    def _forget_deeds(self) -> None:
        """People did what they did before `part`."""
        self._deeds = [one for one in self._deeds if one.at > self._time_before(self.part)]

    def _look(self, part: int) -> None:
        now = to_datetime(int(self._recording.done[part]))
        while self._deeds and self._deeds[0].at <= now:
            self._act(self._deeds.pop(0), part - 1)
        signals: list[Signal] = []
        looks: list[Health] = []
        for row, asked in self.attention.rows(part):
            seen, present, found = self._sights.look(row, part)
            signals += check_signals(seen, present, self._policy, asked)
            looks.append(found)
        if self._recording.complete[part]:
            signals += self._by_evidence(part, now)
        circumstances = self._surroundings.at(part, now)
        self._keep(step(self._state, signals, looks, circumstances, now, lambda: self._new_id(now)), now)

    def _by_evidence(self, part: int, now: datetime) -> list[Signal]:
        asked = self.attention.asked(part)
        if not asked:
            return []
        spoken_of = [key for key, rules in asked.items() if key is not None and rules & BY_WORDS]
        evidence = self._sights.evidence(part, spoken_of)
        return evidence_signals(evidence, self._limits, self._policy, now, asked)

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
        self._state = as_stored(self._state, made)
        left = self.left
        left.events += made.events
        left.alert_events += made.alert_events
        left.messages += [(now, one) for one in made.outgoing]
        for incident in made.changed_incidents:
            left.incidents[incident.id] = incident
        if made.alert_events or made.removed_alerts or made.events:
            self.attention.heed(self._state)

    def _new_id(self, now: datetime) -> UUID:
        """Sorts by time as all ids do, and is the same in every replay, wherever it began."""
        moment, made = self._made
        self._made = (now, made + 1 if moment == now else 1)
        milliseconds, rest = divmod(int(now.timestamp() * 1_000_000), 1000)
        return UUID(int=(milliseconds << 80) | (7 << 76) | (rest << 64) | (2 << 62) | self._made[1])
