"""Lets the alert rules look at what was just written, and stores what follows: all in that transaction.

The rules themselves are pure (`analytics.rules.alerting`). What they remember is read from the file each
time, so neither a restart nor a transaction that failed leaves anything to be mended.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

import duckdb

from analytics.alert_settings import read_changes
from analytics.alerting import AlertPolicy, AlertState, Health, Signal
from analytics.evidence import read_evidence
from analytics.ids import uuid7
from analytics.model import Basis, CheckResult, Policy, ServiceKey
from analytics.rules.alerting import (
    AlertingState,
    Circumstances,
    Step,
    acknowledge,
    add_note,
    key_of,
    remembered_for,
    resolve,
    retire,
    step,
)
from analytics.rules.rule_changes import with_changes
from analytics.rules.signals import (
    channel_signals,
    check_signals,
    evidence_signals,
    health,
    observation,
    present_status,
)
from analytics.vendor_queries import join_events
from collector.alerting_setup import Setup, circumstances
from collector.probes.traffic import window_name
from collector.store_alerting import (
    AlertingChanges,
    insert_events,
    load_alerts,
    load_incident,
    load_incidents,
    save,
)
from collector.store_outbox import channel_health, insert_outgoing

Connection = duckdb.DuckDBPyConnection

__all__ = ["Alerting", "Outlook", "Setup"]


@dataclass(frozen=True)
class Outlook:
    """How it stands: what fires by rule, what is open by severity, and the newest look at each service."""

    firing: Mapping[str, int] = field(default_factory=dict)
    open_incidents: Mapping[str, int] = field(default_factory=dict)
    health: Mapping[ServiceKey, Health] = field(default_factory=dict)


@dataclass
class Alerting:
    """The rules at work. Every method takes the connection of a transaction and commits nothing.

    Whoever commits says so with `committed`, or that nothing was with `rolled_back`. `failure` says why the
    rules could not look the last time, None when they did. `outlook` is that of the last commit.
    """

    setup: Setup
    failure: str | None = None
    outlook: Outlook = field(default_factory=Outlook)
    _ahead: Outlook = field(default_factory=Outlook)

    @property
    def firing(self) -> Mapping[str, int]:
        """How many alerts fire, by rule."""
        return self.outlook.firing

    @property
    def open_incidents(self) -> Mapping[str, int]:
        """How many incidents are open, by severity."""
        return self.outlook.open_incidents

    def committed(self) -> None:
        """The transaction went through."""
        self.outlook = self._ahead

    def rolled_back(self) -> None:
        """Nothing of the transaction is in the file."""
        self._ahead = self.outlook

    def begin(self, connection: Connection, now: datetime) -> int:
        """At a start: what is not monitored any more ends. Returns how many messages were written."""
        policy = self._policy(connection)
        state = self._state(connection, policy, now)
        step_made = retire(state, self._circumstances(connection, policy, now), now, uuid7)
        return self._store(connection, step_made, now)

    def look(
        self, connection: Connection, checks: Sequence[CheckResult], now: datetime, complete: bool
    ) -> int:
        """Judge `checks`, which were just written, as of `now`; returns how many messages were written.

        `complete` says that a cycle ends with them: then the rules that go by more than single checks look.
        """
        policy, limits = self._policy(connection), self._limits()
        known = [check for check in checks if check.service in limits]
        of_traffic = any(limits[check.service].basis is not Basis.PRESENT for check in known)
        names = {key: window_name(spec) for key, spec in self.setup.services.items()}
        evidence = (
            read_evidence(connection, names, policy, now, present_only=not complete)
            if of_traffic or complete
            else None
        )
        signals: list[Signal] = []
        looks: list[Health] = []
        for check in sorted(known, key=lambda check: check.timestamp):
            seen, limit = observation(check, limits[check.service]), limits[check.service]
            present = (
                present_status(check.service, limit, evidence, now)
                if evidence is not None and limit.basis is not Basis.PRESENT
                else seen.status
            )
            signals += check_signals(seen, present, policy)
            looks.append(health(seen, present))
        if evidence is not None and complete:
            signals += evidence_signals(evidence, limits, policy, now)
            channels = [route.channel for route in self.setup.routes]
            signals += channel_signals(channel_health(connection, channels, now), policy, now)
        newest = {look.service: look for look in looks}
        self._ahead = replace(self._ahead, health={**self._ahead.health, **newest})
        state = self._state(connection, policy, now)
        circumstances = self._circumstances(connection, policy, now)
        return self._store(connection, step(state, signals, looks, circumstances, now, uuid7), now)

    def acknowledge(
        self, connection: Connection, incident_id: UUID, author: str, note: str, now: datetime
    ) -> int:
        """`author` looks into it. Raises `ActionRefused`; returns how many messages were written."""
        action = partial(acknowledge, incident_id=incident_id, author=author, note=note)
        return self._act(connection, incident_id, action, now)

    def resolve(
        self, connection: Connection, incident_id: UUID, author: str, note: str, now: datetime
    ) -> int:
        """`author` says that it is over. Raises `ActionRefused`; returns how many messages were written."""
        action = partial(resolve, incident_id=incident_id, author=author, note=note)
        return self._act(connection, incident_id, action, now)

    def add_note(
        self, connection: Connection, incident_id: UUID, author: str, note: str, now: datetime
    ) -> int:
        """One more entry of the timeline. Raises `ActionRefused`; returns how many messages were written."""
        action = partial(add_note, incident_id=incident_id, author=author, note=note)
        return self._act(connection, incident_id, action, now)

    def _act(
        self, connection: Connection, incident_id: UUID, action: Callable[..., Step], now: datetime
    ) -> int:
        policy = self._policy(connection)
        state = self._state(connection, policy, now)
        if all(incident.id != incident_id for incident in state.incidents):
            old = load_incident(connection, incident_id)
            state = AlertingState(state.alerts, (*state.incidents, *([old] if old else [])))
        circumstances = self._circumstances(connection, policy, now)
        made = action(state, circumstances=circumstances, now=now, new_id=uuid7)
        return self._store(connection, made, now)

    def _limits(self) -> dict[ServiceKey, Policy]:
        return {key: spec.policy for key, spec in self.setup.services.items()}

    def _policy(self, connection: Connection) -> AlertPolicy:
        return with_changes(self.setup.policy, read_changes(connection))

    def _state(self, connection: Connection, policy: AlertPolicy, now: datetime) -> AlertingState:
        alerts = load_alerts(connection)
        incidents = load_incidents(connection, now, remembered_for(policy))
        return AlertingState({key_of(alert): alert for alert in alerts}, tuple(incidents))

    def _circumstances(self, connection: Connection, policy: AlertPolicy, now: datetime) -> Circumstances:
        return circumstances(connection, self.setup, policy, self._ahead.health, now)

    def _store(self, connection: Connection, made: Step, now: datetime) -> int:
        changes = AlertingChanges(
            alerts=made.changed_alerts,
            forgotten=made.removed_alerts,
            incidents=made.changed_incidents,
            events=made.events,
            alert_events=made.alert_events,
        )
        save(connection, changes)
        if any(event.kind in ("opened", "relapsed") for event in made.events):
            insert_events(connection, join_events(connection, now))
        insert_outgoing(connection, made.outgoing, now)
        firing = [alert for alert in made.state.alerts.values() if alert.state is AlertState.FIRING]
        open_ones = [incident for incident in made.state.incidents if incident.resolved_at is None]
        self._ahead = replace(
            self._ahead,
            firing=Counter(alert.rule.value for alert in firing),
            open_incidents=Counter(incident.severity.value for incident in open_ones),
        )
        return len(made.outgoing)
