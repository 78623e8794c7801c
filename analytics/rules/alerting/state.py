"""What is remembered from step to step, what a step changed, and the sheet it is worked out on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from analytics.alerting import (
    Alert,
    AlertEvent,
    AlertRule,
    AlertState,
    Incident,
    IncidentEvent,
    Message,
    Outgoing,
)
from analytics.model import IncidentState, ServiceKey
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.alerting.clock import alert_as_of, incident_as_of

#: An alert is one of a rule, of a service (None: the collector) and of what it is about within the service.
AlertKey = tuple[AlertRule, ServiceKey | None, str]


@dataclass(frozen=True)
class AlertingState:
    """All alerts that are not inactive; the incidents that are open or may still come back."""

    alerts: Mapping[AlertKey, Alert] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()


@dataclass
class Step:
    """The state after a step, and what has to be stored of it, all in one transaction.

    Alerts and incidents are in their final form and each stands here once; a removed alert is inactive.
    Events and messages are in the order in which they came about.
    """

    state: AlertingState
    changed_alerts: list[Alert] = field(default_factory=list)
    removed_alerts: list[AlertKey] = field(default_factory=list)
    changed_incidents: list[Incident] = field(default_factory=list)
    events: list[IncidentEvent] = field(default_factory=list)
    alert_events: list[AlertEvent] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)


def key_of(alert: Alert) -> AlertKey:
    """Under which key an alert is kept."""
    return alert.rule, alert.service, alert.about


def _tells_apart(alert: Alert) -> tuple[datetime, str | None, UUID | None]:
    return alert.since, alert.suppressed_by, alert.incident_id


class Draft:
    """A step while it is worked out: the state so far, and what came about on the way."""

    def __init__(
        self, state: AlertingState, circumstances: Circumstances, now: datetime, new_id: Callable[[], UUID]
    ) -> None:
        self.before = state
        self.circumstances = circumstances
        self.now = now
        self.new_id = new_id
        self.alerts = {key: alert_as_of(alert, now) for key, alert in state.alerts.items()}
        self._alerts_of: dict[ServiceKey | None, dict[AlertKey, Alert]] = {}
        for key, alert in self.alerts.items():
            self._alerts_of.setdefault(alert.service, {})[key] = alert
        self._incidents_before = {incident.id: incident for incident in state.incidents}
        self.incidents = {
            id_: incident_as_of(incident, now) for id_, incident in self._incidents_before.items()
        }
        self.newest: dict[ServiceKey, UUID] = {}
        for incident in self.incidents.values():
            self._index(incident)
        #: Which service an alert is quiet because of.
        self.because: dict[AlertKey, ServiceKey] = {}
        self._removed = False
        self._events: list[IncidentEvent] = []
        self._alert_events: list[AlertEvent] = []
        self._outgoing: list[Outgoing] = []

    def incident_of(self, service: ServiceKey | None) -> Incident | None:
        """The open incident of `service`, or else the one that was resolved last."""
        found = None if service is None else self.newest.get(service)
        return None if found is None else self.incidents[found]

    def open_incident(self, service: ServiceKey | None) -> Incident | None:
        """The open incident of `service`."""
        incident = self.incident_of(service)
        return incident if incident and incident.state is not IncidentState.RESOLVED else None

    def firing(self) -> list[Alert]:
        """The alerts that fire now."""
        return [alert for alert in self.alerts.values() if alert.state is AlertState.FIRING]

    def firing_of(self, service: ServiceKey | None) -> list[Alert]:
        """Those of `service`."""
        own = self._alerts_of.get(service, {})
        return [alert for alert in own.values() if alert.state is AlertState.FIRING]

    def put_alert(self, alert: Alert) -> None:
        """Keeps `alert`; a change of its state or of why it is quiet is an event."""
        key = key_of(alert)
        before = self.alerts.get(key)
        self.alerts[key] = alert
        self._alerts_of.setdefault(alert.service, {})[key] = alert
        old = before.state if before else AlertState.INACTIVE
        if old is not alert.state or (before is not None and _tells_apart(before) != _tells_apart(alert)):
            self._alert_events.append(AlertEvent(self.now, alert, old))

    def remove_alert(self, key: AlertKey, told_as: AlertState | None = AlertState.INACTIVE) -> None:
        """Forgets an alert; with `told_as` None without an event."""
        self._removed = True
        alert = self.alerts.pop(key)
        del self._alerts_of[alert.service][key]
        if told_as is not None:
            self._alert_events.append(AlertEvent(self.now, replace(alert, state=told_as), alert.state))

    def put_incident(self, incident: Incident) -> None:
        """Keeps `incident`."""
        self.incidents[incident.id] = incident
        self._index(incident)

    def forget_incident(self, incident: Incident) -> None:
        """Forgets an incident that cannot come back; its row stays as it is."""
        del self.incidents[incident.id]
        if self.newest.get(incident.service) == incident.id:
            del self.newest[incident.service]

    def say(self, incident: Incident, kind: str, message: str, author: str = "collector") -> None:
        """One entry of the timeline of `incident`."""
        self._events.append(IncidentEvent(incident.id, self.now, kind, message, author))

    def send(self, channels: Iterable[str], message: Message, incident_id: UUID | None = None) -> None:
        """`message` to each of `channels`."""
        self._outgoing.extend(Outgoing(channel, message, incident_id) for channel in channels)

    def finish(self) -> Step:
        """The step as it is to be stored."""
        alerts, incidents = self.before.alerts, self._incidents_before
        return Step(
            state=AlertingState(self.alerts, tuple(self.incidents.values())),
            changed_alerts=[alert for key, alert in self.alerts.items() if alerts.get(key) is not alert],
            removed_alerts=[key for key in alerts if key not in self.alerts] if self._removed else [],
            changed_incidents=[
                incident for id_, incident in self.incidents.items() if incidents.get(id_) is not incident
            ],
            events=self._events,
            alert_events=self._settled_events(),
            outgoing=self._outgoing,
        )

    def _settled_events(self) -> list[AlertEvent]:
        """One event a transition: what was found out of an alert in the same step belongs to it."""
        if not self._alert_events:
            return []
        settled: list[AlertEvent] = []
        place: dict[AlertKey, int] = {}
        for event in self._alert_events:
            key = key_of(event.alert)
            at = place.get(key)
            if at is not None and event.old_state is event.alert.state is settled[at].alert.state:
                settled[at] = replace(settled[at], alert=event.alert)
            else:
                place[key] = len(settled)
                settled.append(event)
        return settled

    def _index(self, incident: Incident) -> None:
        service, ended = incident.service, incident.resolved_at
        known = self.incidents.get(self.newest[service]) if service in self.newest else None
        if known is None or ended is None or (known.resolved_at is not None and known.resolved_at <= ended):
            self.newest[service] = incident.id
