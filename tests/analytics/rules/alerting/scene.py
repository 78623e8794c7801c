"""A stage for sequence tests: looks go in minute by minute, what came out is kept and held to the promises.

After every step the state goes through plain dictionaries, as through a store and a restart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from analytics.alerting import (
    INCIDENT_RULES,
    Action,
    Alert,
    AlertEvent,
    AlertPolicy,
    AlertRule,
    AlertState,
    Health,
    Incident,
    IncidentEvent,
    Message,
    Route,
    RuleSettings,
    Signal,
)
from analytics.model import IncidentState, Reason, ServiceKey, ServiceType, Severity, Status
from analytics.rules.alerting import AlertingState, Circumstances, Step, channels_for, key_of, retire, step

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
API = ServiceKey(ServiceType.API, "openai")
SUPABASE = ServiceKey(ServiceType.INFRASTRUCTURE, "supabase")
CONTEXT7 = ServiceKey(ServiceType.MCP, "context7")
MEMORY = ServiceKey(ServiceType.MCP, "memory")
HOOK = ServiceKey(ServiceType.WEBHOOK, "shopify")
ALL = (API, SUPABASE, CONTEXT7, MEMORY, HOOK)
ONCALL = Route("oncall", frozenset({Severity.CRITICAL}))
TEAM = Route("team", frozenset({Severity.WARNING}))
MAIL = Route("mail", frozenset({Severity.INFO}))
HOOKS = Route("hooks", frozenset(Severity))
ROUTES = (ONCALL, TEAM, MAIL, HOOKS)

_MINUTES = timedelta(minutes=1)
RULES = {
    AlertRule.SERVICE_DOWN: RuleSettings(Severity.CRITICAL, checks=3),
    AlertRule.SERVICE_DEGRADED: RuleSettings(Severity.WARNING, lasting=10 * _MINUTES),
    AlertRule.HIGH_ERROR_RATE: RuleSettings(Severity.WARNING, lasting=5 * _MINUTES),
    AlertRule.SLOW_RESPONSE: RuleSettings(Severity.WARNING, lasting=10 * _MINUTES),
    AlertRule.CIRCUIT_OPEN: RuleSettings(Severity.CRITICAL),
    AlertRule.WEBHOOK_VERIFICATION: RuleSettings(Severity.CRITICAL, lasting=60 * _MINUTES),
    AlertRule.WEBHOOK_SILENT: RuleSettings(Severity.WARNING),
    AlertRule.QUOTA_HEADROOM: RuleSettings(Severity.WARNING, lasting=5 * _MINUTES),
    AlertRule.TOOLS_CHANGED: RuleSettings(Severity.INFO),
    AlertRule.CERTIFICATE_EXPIRY: RuleSettings(Severity.WARNING),
    AlertRule.SLO_BURN: RuleSettings(Severity.WARNING),
    AlertRule.COLLECTOR_BLIND: RuleSettings(Severity.CRITICAL, checks=2),
    AlertRule.DELIVERY_FAILING: RuleSettings(Severity.WARNING),
}
POLICY = AlertPolicy(RULES)

#: What a look says: status, whether it is well now, and what the rules of being down and degraded see.
LOOKS: Mapping[str, tuple[Status, bool | None, bool | None, bool | None, bool]] = {
    "ok": (Status.HEALTHY, True, False, False, True),
    "slow": (Status.DEGRADED, False, False, True, True),
    "failing": (Status.DEGRADED, False, True, True, False),
    "down": (Status.DOWN, False, True, True, True),
    "unknown": (Status.UNKNOWN, None, None, None, True),
}


def signal(
    rule: AlertRule, service: ServiceKey | None, at: datetime, bad: bool | None, **more: object
) -> Signal:
    """One look of one rule, of the severity its settings give it."""
    base = Signal(
        rule, service, at, bad, RULES[rule].severity, title=f"{rule} of {service}", message="seen so"
    )
    return replace(base, **more)  # type: ignore[arg-type]


class Scene:
    """One monitor, its state, and all it ever said."""

    def __init__(self, routes: Iterable[Route] = ROUTES, **circumstances: object) -> None:
        self.circumstances = Circumstances(
            policy=POLICY,
            monitored=frozenset(ALL),
            routes=tuple(routes),
            runbook_base="https://runbooks.example/",
        )
        self.set(**circumstances)
        self.state = AlertingState()
        self.now = START
        self.health: dict[ServiceKey, Health] = {}
        self.sent: list[tuple[float, str, Message]] = []
        self.events: list[IncidentEvent] = []
        self.alert_events: list[AlertEvent] = []
        self.rows: dict[UUID, Incident] = {}
        self.last: dict[tuple[str, str], Action] = {}
        self.ids = 0
        #: Channels came or went: one that came while all was quiet need not know what was told before.
        self.rerouted = False

    def set(self, **circumstances: object) -> None:
        self.circumstances = replace(self.circumstances, **circumstances)  # type: ignore[arg-type]

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=self.ids)

    def minute(self) -> float:
        return (self.now - START) / _MINUTES

    def at(self, minute: float) -> None:
        self.now = START + minute * _MINUTES

    def look(self, minute: float, **seen: str) -> Step:
        """What was seen of services by name: `look(3, openai="down")`."""
        by_name = {service.service_name: service for service in ALL}
        return self.feed(minute, {by_name[name]: what for name, what in seen.items()})

    def feed(self, minute: float, seen: Mapping[ServiceKey, str], more: Iterable[Signal] = ()) -> Step:
        self.at(minute)
        signals, looks = list(more), []
        for service, what in seen.items():
            status, well, down, degraded, conclusive = LOOKS[what]
            reason = Reason.OK if well else Reason.CONNECT
            say = {"reason": reason, "conclusive": conclusive}
            in_row = 3 if what == "down" else 0
            signals.append(signal(AlertRule.SERVICE_DOWN, service, self.now, down, in_row=in_row, **say))
            signals.append(signal(AlertRule.SERVICE_DEGRADED, service, self.now, degraded, reason=reason))
            looks.append(Health(service, self.now, status, well))
        return self.run(signals, looks)

    def run(self, signals: list[Signal], looks: list[Health]) -> Step:
        self.health |= {look.service: look for look in looks}
        self.set(health=dict(self.health))
        return self.take(step(self.state, signals, looks, self.circumstances, self.now, self.new_id))

    def say(
        self, minute: float, rule: AlertRule, service: ServiceKey | None, bad: bool | None, **more: object
    ) -> Step:
        self.at(minute)
        return self.run([signal(rule, service, self.now, bad, **more)], [])

    def retire(self) -> Step:
        return self.take(retire(self.state, self.circumstances, self.now, self.new_id))

    def take(self, done: Step) -> Step:
        """Keeps what came out, and checks every promise that must hold after each step."""
        before = self.state
        self.events += done.events
        self.alert_events += done.alert_events
        self.rows |= {incident.id: incident for incident in done.changed_incidents}
        for outgoing in done.outgoing:
            self.sent.append((self.minute(), outgoing.channel, outgoing.message))
            self._check_order(outgoing.channel, outgoing.message)
        self.state = stored(before, done)
        assert self.state.alerts == done.state.alerts
        assert set(self.state.incidents) == set(done.state.incidents)
        self._check_promises()
        return done

    def _check_order(self, channel: str, message: Message) -> None:
        key = (channel, message.dedup_key)
        known = self.last.get(key) not in (None, Action.RESOLVE)
        assert known is (message.action is not Action.TRIGGER), (
            f"{message.action} on {key} after {self.last.get(key)}"
        )
        self.last[key] = message.action

    def _check_promises(self) -> None:
        unresolved = [i.service for i in self.rows.values() if i.state is not IncidentState.RESOLVED]
        assert len(unresolved) == len(set(unresolved)), "two open incidents of one service"
        for alert in self.state.alerts.values():
            assert alert.state is not AlertState.INACTIVE
            if alert.state is not AlertState.FIRING or alert.suppressed_by or alert.good:
                continue
            if self.now - alert.last_at > self.circumstances.gap(alert.service):
                continue
            told, severity = alert.told, alert.severity
            if alert.rule in INCIDENT_RULES and alert.service is not None:
                incident = next(i for i in self.state.incidents if i.id == alert.incident_id)
                assert incident.state is not IncidentState.RESOLVED
                told, severity = incident.told, incident.severity
            assert told or not self.circumstances.routes or alert.rule is AlertRule.DELIVERY_FAILING
            if alert.rule is not AlertRule.DELIVERY_FAILING and not self.rerouted:
                assert set(channels_for(severity, self.circumstances.routes)) <= set(told)

    def actions(self, channel: str) -> list[tuple[float, str]]:
        return [(minute, message.action.value) for minute, name, message in self.sent if name == channel]

    def triggers(self, channel: str) -> int:
        return sum(action == "trigger" for _, action in self.actions(channel))

    def open(self) -> list[Incident]:
        return [i for i in self.state.incidents if i.state is not IncidentState.RESOLVED]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def alert(self, rule: AlertRule, service: ServiceKey | None = API, about: str = "") -> Alert | None:
        return self.state.alerts.get((rule, service, about))


def stored(before: AlertingState, done: Step) -> AlertingState:
    """The state as a store would give it back: changes applied to rows, every row through plain values."""
    alerts = {key: alert for key, alert in before.alerts.items() if key not in done.removed_alerts}
    alerts |= {key_of(alert): Alert(**_values(alert)) for alert in done.changed_alerts}
    incidents = {incident.id: incident for incident in before.incidents}
    incidents |= {incident.id: Incident(**_values(incident)) for incident in done.changed_incidents}
    kept = {incident.id for incident in done.state.incidents}
    return AlertingState(alerts, tuple(one for one in incidents.values() if one.id in kept))


def _values(row: Alert | Incident) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def play(scene: Scene, sequence: str, start: int = 0, name: str = "openai") -> int:
    """A look a minute: down, failing, slow, good, `?` unknown, `.` no look. Gives the next minute."""
    words = {"d": "down", "f": "failing", "s": "slow", "g": "ok", "?": "unknown"}
    for minute, letter in enumerate(sequence, start):
        if letter == ".":
            scene.at(minute)
            scene.run([], [])
        else:
            scene.look(minute, **{name: words[letter]})
    return start + len(sequence)
