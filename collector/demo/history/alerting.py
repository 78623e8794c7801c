"""The alerting of the past: what the rules decided, what people did, what was sent, as rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from random import Random

from analytics.alerting import IncidentEvent, Route
from analytics.model import ServiceKey
from collector.alerting import Setup
from collector.alerting_rows import incident_row
from collector.config import Config, dashboard_url, runbook_base
from collector.demo.history.alert_rows import (
    Row,
    alert_event_rows,
    batch_of,
    event_rows,
    maintenance_rows,
    notification_row,
    vendor_row,
)
from collector.demo.history.batch import Batch, Ints
from collector.demo.history.checks import Checks, Words
from collector.demo.history.evidence import RecordedTraffic
from collector.demo.history.identities import Identities
from collector.demo.history.maintenance import maintenances
from collector.demo.history.people import People
from collector.demo.history.plan import Trouble
from collector.demo.history.replay import Left, Replay
from collector.demo.history.runs import Parts
from collector.demo.history.sending import Sent, bad_times, send_all
from collector.demo.history.traffic import Traffic
from collector.demo.history.vendors import newest_states, vendor_states


def alerting_batches(
    config: Config,
    checks: Checks,
    parts: Parts,
    words: Words,
    traffic: Mapping[ServiceKey, Traffic],
    moments: Ints,
    found: Sequence[Trouble],
    span: tuple[datetime, datetime],
    seed: str,
) -> Iterator[Batch]:
    """The rows of all tables of alerting; of a table without any there is none.

    `moments` are the ends of the first parts of all cycles, `span` is the begin and end of the history.
    """
    setup = _setup(config)
    limits = {spec.key: spec.policy for spec in config.services}
    recorded = RecordedTraffic(moments, config.alerts, limits)
    for key, own in traffic.items():
        recorded.add(key, own, checks, words, found)
    states, maintenance = vendor_states(found), list(maintenances(*span))
    people = People(found, _chance(seed, "people"))
    replay = Replay(
        setup, checks, parts, words, recorded, people, states, maintenance, _chance(seed, "incidents")
    )
    left = _finished(replay.run())
    sent = send_all(left.outgoing, config.channels, bad_times(found), _chance(seed, "notifications"))
    tables: dict[str, list[Row]] = {
        "integration_incidents": [incident_row(incident) for incident in left.incidents.values()],
        "incident_events": event_rows([*left.events, *_told(sent)], Identities(_chance(seed, "events"))),
        "alert_events": alert_event_rows(left.alert_events, Identities(_chance(seed, "alerts"))),
        "notifications": [notification_row(one) for one in sent],
        "maintenance": maintenance_rows(maintenance, Identities(_chance(seed, "maintenance"))),
        "vendor_incidents": [vendor_row(state) for state in newest_states(states)],
    }
    for name, rows in tables.items():
        if rows:
            yield batch_of(name, rows)


def _setup(config: Config) -> Setup:
    return Setup(
        services={spec.key: spec for spec in config.services},
        policy=config.alerts,
        routes=tuple(Route(channel.name, frozenset(channel.severities)) for channel in config.channels),
        runbook_base=runbook_base(config, {}),
        dashboard=dashboard_url(config, {}),
    )


def _chance(seed: str, purpose: str) -> Random:
    """Chance of its own for each purpose, the same for the same seed."""
    return Random(f"{seed} {purpose}")  # noqa: S311  decides what a demo shows


def _finished(left: Left) -> Left:
    """Without the incidents that are not over by the end, and what is about them."""
    open_ones = {key for key, incident in left.incidents.items() if incident.resolved_at is None}
    return Left(
        {key: incident for key, incident in left.incidents.items() if key not in open_ones},
        [event for event in left.events if event.incident_id not in open_ones],
        [event for event in left.alert_events if event.alert.incident_id not in open_ones],
        [(at, one) for at, one in left.outgoing if one.incident_id not in open_ones],
    )


def _told(sent: Sequence[Sent]) -> Iterator[IncidentEvent]:
    """What delivery wrote into the timelines."""
    for one in sent:
        for settled in one.settled:
            if settled.event is not None and settled.incident_id is not None:
                kind, message, at = settled.event
                yield IncidentEvent(settled.incident_id, at, kind, message)
