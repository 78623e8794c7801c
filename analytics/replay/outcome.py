"""What came of the alert rules, as people ask for it: incidents, pages, and which of these were noise.

The same for what a replay gave and for what was recorded, so that one can be compared with the other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from analytics.alerting import INCIDENT_RULES, Action, AlertState, Incident, Outgoing
from analytics.model import Severity
from analytics.replay.engine import Outcome
from analytics.rules.alerting import key_of

#: What was good again so soon after somebody was paged had no need of that person.
HEALED_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Page:
    """People were told that something began, came back, or got loud enough for one more channel.

    One message to several channels is one page. `service` is `type/name` or "collector"; `incident` is None
    of a notice. `healed_at` is when it was good again: when the last alert of the incident had ended, or the
    notice was said to be over; None as long as it is not, and of what is only told once. `noise` says that
    this came within `HEALED_WITHIN` of the page, without anybody having acknowledged it until then.
    """

    at: datetime
    service: str
    rule: str
    severity: Severity
    title: str
    channels: tuple[str, ...]
    incident: UUID | None
    healed_at: datetime | None
    noise: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """One incident: what it was, when it began, was sure, was told first, was acknowledged, and was over.

    `severity` is the last one it had. `pages` counts those of the period alone. Times are None for what did
    not happen.
    """

    id: UUID
    service: str
    rule: str
    reason: str
    severity: Severity
    title: str
    began_at: datetime
    created_at: datetime
    told_at: datetime | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    relapses: tuple[datetime, ...]
    told: tuple[datetime, ...]
    pages: int

    @property
    def found_at(self) -> datetime:
        """When people knew of it, or could have."""
        return self.told_at or self.created_at


@dataclass(frozen=True)
class Account:
    """The incidents that went on at some time in [since, until), and the pages sent then, oldest first.

    `waiting` are the services (`type/name`) that were bad at the end by a rule that asks for longer yet.
    """

    since: datetime
    until: datetime
    troubles: tuple[Trouble, ...]
    pages: tuple[Page, ...]
    waiting: frozenset[str] = frozenset()

    @property
    def critical_pages(self) -> int:
        """How many pages were critical."""
        return sum(page.severity is Severity.CRITICAL for page in self.pages)

    @property
    def noise(self) -> int:
        """How many pages were about what healed by itself within `HEALED_WITHIN`."""
        return sum(page.noise for page in self.pages)

    @property
    def pages_by_channel(self) -> Mapping[str, int]:
        """How many pages each channel was sent."""
        return Counter(channel for page in self.pages for channel in page.channels)


@dataclass(frozen=True, slots=True)
class Change:
    """An alert of an incident began to fire, or ended. `alert` tells apart those of one incident."""

    at: datetime
    incident: UUID
    alert: str
    fires: bool


def account(outcome: Outcome, since: datetime, until: datetime) -> Account:
    """What came of a replay in [since, until)."""
    changes = [
        Change(event.at, event.alert.incident_id, event.alert.rule, event.alert.state is AlertState.FIRING)
        for event in outcome.alert_events
        if event.alert.incident_id is not None
    ]
    acknowledged = [(event.incident_id, event.at) for event in outcome.events if event.kind == "acknowledged"]
    found = account_of(outcome.incidents, outcome.messages, changes, acknowledged, since, until)
    return replace(found, waiting=_waiting(outcome))


def _waiting(outcome: Outcome) -> frozenset[str]:
    newest = {key_of(event.alert): event.alert for event in outcome.alert_events}
    return frozenset(
        str(one.service)
        for one in newest.values()
        if one.state is AlertState.PENDING and one.rule in INCIDENT_RULES
    )


def account_of(
    incidents: Iterable[Incident],
    messages: Iterable[tuple[datetime, Outgoing]],
    changes: Iterable[Change],
    acknowledged: Iterable[tuple[UUID, datetime]],
    since: datetime,
    until: datetime,
) -> Account:
    """The same from its parts, each in any order: incidents, messages with their moments, changes of alerts,
    and which incident was acknowledged when."""
    every = _pages(messages, _ends(changes), acknowledged)
    told = defaultdict(list)
    for page in every:
        if page.incident is not None:
            told[page.incident].append(page.at)
    found = [
        _trouble(incident, told[incident.id], since, until)
        for incident in incidents
        if max(incident.began_at, incident.created_at) < until
        and (incident.resolved_at is None or incident.resolved_at > since)
    ]
    return Account(
        since,
        until,
        tuple(sorted(found, key=lambda one: (one.began_at, one.created_at, one.service))),
        tuple(page for page in every if since <= page.at < until),
    )


def _trouble(incident: Incident, told: Sequence[datetime], since: datetime, until: datetime) -> Trouble:
    return Trouble(
        id=incident.id,
        service=str(incident.service),
        rule=incident.rule.value,
        reason=incident.reason.value,
        severity=incident.severity,
        title=incident.title,
        began_at=incident.began_at,
        created_at=incident.created_at,
        told_at=min(told, default=None),
        acknowledged_at=incident.acknowledged_at,
        resolved_at=incident.resolved_at,
        relapses=incident.relapses,
        told=tuple(told),
        pages=sum(since <= at < until for at in told),
    )


def _pages(
    messages: Iterable[tuple[datetime, Outgoing]],
    ends: Mapping[UUID, Sequence[datetime]],
    acknowledged: Iterable[tuple[UUID, datetime]],
) -> list[Page]:
    """Every page, oldest first."""
    triggers: dict[tuple[datetime, str], list[Outgoing]] = defaultdict(list)
    over: dict[str, list[datetime]] = defaultdict(list)
    for at, outgoing in messages:
        if outgoing.message.action is Action.TRIGGER:
            triggers[at, outgoing.message.dedup_key].append(outgoing)
        elif outgoing.message.action is Action.RESOLVE:
            over[outgoing.message.dedup_key].append(at)
    seen = defaultdict(list)
    for incident, at in acknowledged:
        seen[incident].append(at)
    pages = []
    for (at, key), sent in sorted(triggers.items(), key=lambda item: item[0]):
        message, incident_id = sent[0].message, sent[0].incident_id
        known = ends.get(incident_id, ()) if incident_id is not None else ()
        healed = min((end for end in (*known, *over[key]) if end >= at), default=None)
        taken = incident_id is not None and any(
            at <= when and (healed is None or when <= healed) for when in seen[incident_id]
        )
        pages.append(
            Page(
                at=at,
                service=message.service,
                rule=str(message.rule),
                severity=message.severity,
                title=message.title,
                channels=tuple(dict.fromkeys(one.channel for one in sent)),
                incident=incident_id,
                healed_at=healed,
                noise=healed is not None and healed - at <= HEALED_WITHIN and not taken,
            )
        )
    return pages


def _ends(changes: Iterable[Change]) -> dict[UUID, list[datetime]]:
    """When the last alert that fired of an incident had ended, each time."""
    firing: dict[UUID, set[str]] = defaultdict(set)
    ends: dict[UUID, list[datetime]] = defaultdict(list)
    # Of one moment what begins comes first: an alert that ends as another begins is no end of the trouble.
    for change in sorted(changes, key=lambda one: (one.at, not one.fires)):
        if change.fires:
            firing[change.incident].add(change.alert)
            continue
        firing[change.incident].discard(change.alert)
        if not firing[change.incident]:
            ends[change.incident].append(change.at)
    return ends
