"""What the real alert rules made of the past: they see its checks part by part, as they were written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np

from analytics.alerting import AlertEvent, AlertRule, Health, Incident, IncidentEvent, Outgoing, Signal
from analytics.alerting import AlertState as Life
from analytics.model import Basis, IncidentState, Reason, ServiceKey, Status
from analytics.rules.alerting import (
    ActionRefused,
    AlertingState,
    Circumstances,
    Step,
    acknowledge,
    add_note,
    step,
)
from analytics.rules.freshness import stale_after
from analytics.rules.signals import (
    Looks,
    check_signals,
    evidence_signals,
    health,
    observation_of_row,
    present_status,
)
from analytics.rules.vendors import STILL_TOLD, report
from collector.alerting import Setup
from collector.demo.history.batch import Ints, to_datetime
from collector.demo.history.checks import REASONS, STATUSES, Checks, Words
from collector.demo.history.evidence import RecordedTraffic
from collector.demo.history.identities import Identities
from collector.demo.history.maintenance import MAINTENANCE
from collector.demo.history.people import Deed, People
from collector.demo.history.probes import STDIO_EVERY
from collector.demo.history.runs import Parts
from collector.demo.history.vendors import VendorState, vendor_notes_at
from collector.demo.services import STDIO

_HEALTHY = STATUSES.index(Status.HEALTHY)
_BLIND = (AlertRule.COLLECTOR_BLIND, None, "")
_MINUTE = timedelta(minutes=1)


@dataclass
class Left:
    """What the rules left: incidents as they ended, and every change in the order of time."""

    incidents: dict[UUID, Incident] = field(default_factory=dict)
    events: list[IncidentEvent] = field(default_factory=list)
    alert_events: list[AlertEvent] = field(default_factory=list)
    outgoing: list[tuple[datetime, Outgoing]] = field(default_factory=list)


@dataclass
class Replay:
    """The rules over the past. `states` is what vendors said, `maintenance` has begins and ends."""

    setup: Setup
    checks: Checks
    parts: Parts
    words: Words
    traffic: RecordedTraffic
    people: People
    states: Sequence[VendorState]
    maintenance: Sequence[tuple[datetime, datetime]]
    chance: Random
    left: Left = field(default_factory=Left)
    _state: AlertingState = field(default_factory=AlertingState)
    _health: dict[ServiceKey, Health] = field(default_factory=dict)
    _looks: dict[ServiceKey, Looks] = field(default_factory=dict)
    _vendor_told: set[tuple[UUID, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ids = Identities(self.chance)
        self._limits = {key: spec.policy for key, spec in self.setup.services.items()}
        self._gaps = {
            key: stale_after(_MINUTE * STDIO_EVERY if key == STDIO else _MINUTE) for key in self._limits
        }

    def run(self) -> Left:
        """From the first part to the last. Cycles in which nothing could happen are passed over."""
        parts, checks = self.parts, self.checks
        rows = np.argsort(parts.run, kind="stable")
        ends = np.cumsum(np.bincount(parts.run, minlength=len(parts.done)))
        matters = np.zeros(int(parts.cycle.max(initial=0)) + 1, dtype=np.bool_)
        matters[parts.cycle[parts.run[checks.status != _HEALTHY]]] = True
        for watched in self.traffic.watched.values():
            matters |= watched
        matters_of_part = matters[parts.cycle].tolist()
        for part in np.argsort(parts.done, kind="stable").tolist():
            if matters_of_part[part] or self._state.alerts or self._state.incidents:
                begin = int(ends[part - 1]) if part else 0
                self._part(part, rows[begin : int(ends[part])])
        return self.left

    def _part(self, part: int, rows: Ints) -> None:
        now, cycle = to_datetime(int(self.parts.done[part])), int(self.parts.cycle[part])
        for deed in self.people.due(now):
            self._act(deed)
        signals: list[Signal] = []
        looks: list[Health] = []
        concerned = self._concerned()
        evidence = self.traffic.at(cycle, now, self._seen(rows))
        for row, key in self._services(rows):
            if self.checks.status[row] == _HEALTHY and key not in concerned:
                at = to_datetime(int(self.checks.time[row]))
                self._health[key] = Health(key, at, Status.HEALTHY, True)
                continue
            limits = self._limits[key]
            observation = observation_of_row(self._row(row, key), limits)
            present = (
                observation.status
                if limits.basis is Basis.PRESENT
                else present_status(key, limits, evidence, now)
            )
            signals += check_signals(observation, present, self.setup.policy)
            looks.append(health(observation, present))
            self._health[key] = looks[-1]
        if self.parts.complete[part]:
            signals += evidence_signals(evidence, self._judged(cycle, evidence.looks), self.setup.policy, now)
        made = step(self._state, signals, looks, self._circumstances(now), now, lambda: self._ids.at(now))
        self._keep(made, now)
        self._tell_of_vendors(now)

    def _services(self, rows: Ints) -> Iterator[tuple[int, ServiceKey]]:
        codes = self.checks.service[rows].tolist()
        for row, code in zip(rows.tolist(), codes, strict=True):
            yield row, self.words.services[code]

    def _concerned(self) -> set[ServiceKey | None]:
        """The services whose good looks matter too."""
        found = {alert.service for alert in self._state.alerts.values() if alert.state is not Life.RESOLVED}
        return found | {
            incident.service
            for incident in self._state.incidents
            if incident.state is not IncidentState.RESOLVED
        }

    def _row(self, row: int, key: ServiceKey) -> Mapping[str, Any]:
        checks = self.checks
        response, rate = float(checks.response_ms[row]), float(checks.success_rate[row])
        return {
            "service_type": key.service_type.value,
            "service_name": key.service_name,
            "timestamp": to_datetime(int(checks.time[row])),
            "status": STATUSES[int(checks.status[row])].value,
            "reason": REASONS[int(checks.reason[row])].value,
            "message": self.words.messages.text(int(checks.message[row])),
            "details": self.words.details.text(int(checks.details[row])),
            "error_count": int(checks.errors[row]),
            "response_time_ms": None if np.isnan(response) else response,
            "success_rate": None if np.isnan(rate) else rate,
        }

    def _seen(self, rows: Ints) -> Mapping[ServiceKey, Looks]:
        """The looks by which the collector knows whether it is blind; none while that is out of question."""
        lost = REASONS.index(Reason.COLLECTOR_OFFLINE)
        if _BLIND not in self._state.alerts and not (self.checks.reason[rows] == lost).any():
            self._looks.clear()
            return {}
        for row, key in self._services(rows):
            at, reason = to_datetime(int(self.checks.time[row])), REASONS[int(self.checks.reason[row])]
            before = self._looks.get(key)
            offline_at = at if reason is Reason.COLLECTOR_OFFLINE else before.offline_at if before else None
            self._looks[key] = Looks(at, STATUSES[int(self.checks.status[row])], reason, offline_at)
        return self._looks

    def _judged(self, cycle: int, looks: Mapping[ServiceKey, Looks]) -> dict[ServiceKey, Any]:
        if looks:
            return self._limits
        return {key: self._limits[key] for key, watched in self.traffic.watched.items() if watched[cycle]}

    def _circumstances(self, now: datetime) -> Circumstances:
        services = self.setup.services
        on = next((end for begin, end in self.maintenance if begin <= now < end), None)
        said = "" if on is None else f"maintenance: {MAINTENANCE.name}, until {on:%Y-%m-%d %H:%M} UTC"
        return Circumstances(
            policy=self.setup.policy,
            monitored=frozenset(services),
            routes=self.setup.routes,
            health=self._health,
            depends_on={key: spec.depends_on for key, spec in services.items() if spec.depends_on},
            maintenance=dict.fromkeys(MAINTENANCE.services or (), said) if on else {},
            vendor=vendor_notes_at(self.states, now),
            runbooks={key: spec.runbook for key, spec in services.items() if spec.runbook},
            runbook_base=self.setup.runbook_base,
            dashboard=self.setup.dashboard,
            longest_gap=self._gaps,
        )

    def _act(self, deed: Deed) -> None:
        act = acknowledge if deed.kind == "acknowledge" else add_note
        try:
            made = act(
                self._state,
                deed.incident_id,
                deed.person,
                deed.words,
                self._circumstances(deed.at),
                deed.at,
                lambda: self._ids.at(deed.at),
            )
        except ActionRefused:
            return  # it was over before anybody looked
        self._keep(made, deed.at)

    def _keep(self, made: Step, now: datetime) -> None:
        self._state = made.state
        self.left.events += made.events
        self.left.alert_events += made.alert_events
        self.left.outgoing += [(now, one) for one in made.outgoing]
        for incident in made.changed_incidents:
            self.left.incidents[incident.id] = incident
            if any(event.incident_id == incident.id for event in made.events) or incident.resolved_at is None:
                self.people.hear(incident, now)

    def _tell_of_vendors(self, now: datetime) -> None:
        """What the vendors of services with an open incident say, once each."""
        for incident in self._state.incidents:
            if incident.state is IncidentState.RESOLVED:
                continue
            for state in self.states:
                ended = state.incident.resolved_at
                if state.service != incident.service or state.at > now:
                    continue
                if ended is not None and ended < incident.began_at - STILL_TOLD:
                    continue
                said = report(state.vendor, state.incident, incident.began_at)
                if state.at >= incident.began_at - timedelta(hours=3) and self._news(incident.id, said):
                    self.left.events.append(IncidentEvent(incident.id, now, "vendor", said))

    def _news(self, incident_id: UUID, said: str) -> bool:
        known = (incident_id, said) in self._vendor_told
        self._vendor_told.add((incident_id, said))
        return not known
