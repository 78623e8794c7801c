"""Lets the alert rules look at what was just written, and stores what follows: all in that transaction.

The rules themselves are pure (`analytics.rules.alerting`). What they remember is read from the file each
time, so neither a restart nor a transaction that failed leaves anything to be mended.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import duckdb

from analytics.alerting import AlertPolicy, AlertState, Health, Route, Signal
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
    resolve,
    retire,
    step,
)
from analytics.rules.freshness import stale_after
from analytics.rules.maintenance import MaintenanceWindow, Occurrence, active
from analytics.rules.rule_changes import with_changes
from analytics.rules.signals import (
    channel_signals,
    check_signals,
    evidence_signals,
    health,
    observation,
    present_status,
)
from analytics.vendor_queries import join_events, vendor_notes
from collector.probes.base import ServiceSpec
from collector.probes.traffic import window_name
from collector.store_actions import read_changes, read_mutes
from collector.store_alerting import (
    AlertingChanges,
    insert_events,
    load_alerts,
    load_incident,
    load_incidents,
    save,
)
from collector.store_maintenance import record
from collector.store_outbox import channel_health, insert_outgoing

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Setup:
    """What alerting goes by as long as the collector runs. `policy` is that of services.toml.

    `services` are those that are monitored. `routes` name the channels that can send. `runbook_base` and
    `dashboard` are where links lead, "" without one.
    """

    services: Mapping[ServiceKey, ServiceSpec]
    policy: AlertPolicy
    routes: tuple[Route, ...] = ()
    maintenance: tuple[MaintenanceWindow, ...] = ()
    runbook_base: str = ""
    dashboard: str = ""


@dataclass
class Alerting:
    """The rules at work. Every method takes the connection of a transaction and commits nothing.

    `failure` says why the rules could not look the last time, None when they did. `firing` counts alerts by
    rule, `open_incidents` by severity.
    """

    setup: Setup
    failure: str | None = None
    firing: Mapping[str, int] = field(default_factory=dict)
    open_incidents: Mapping[str, int] = field(default_factory=dict)
    _health: dict[ServiceKey, Health] = field(default_factory=dict)

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
        evidence = read_evidence(connection, names, policy, now) if of_traffic or complete else None
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
        self._health |= {look.service: look for look in looks}
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
        incidents = load_incidents(connection, now, policy.flapping.within)
        return AlertingState({key_of(alert): alert for alert in alerts}, tuple(incidents))

    def _circumstances(self, connection: Connection, policy: AlertPolicy, now: datetime) -> Circumstances:
        services = self.setup.services
        worked_on = active(self.setup.maintenance, services, now)
        record(connection, worked_on, now)
        return Circumstances(
            policy=policy,
            monitored=frozenset(services),
            routes=self.setup.routes,
            health=dict(self._health),
            depends_on={key: spec.depends_on for key, spec in services.items() if spec.depends_on},
            maintenance={key: _in_maintenance(one) for key, one in worked_on.items()},
            mutes=read_mutes(connection, now),
            vendor=vendor_notes(connection, now),
            runbooks={key: spec.runbook for key, spec in services.items() if spec.runbook},
            runbook_base=self.setup.runbook_base,
            dashboard=self.setup.dashboard,
            longest_gap={key: stale_after(spec.interval) for key, spec in services.items()},
        )

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
        self.firing = Counter(alert.rule.value for alert in firing)
        self.open_incidents = Counter(
            incident.severity.value for incident in made.state.incidents if incident.resolved_at is None
        )
        return len(made.outgoing)


def _in_maintenance(one: Occurrence) -> str:
    return f"maintenance: {one.name}, until {one.ends_at:%Y-%m-%d %H:%M} UTC"
