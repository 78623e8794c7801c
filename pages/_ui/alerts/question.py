"""What the page asks of the database: rules, alerts and firings, channels, maintenance, mutes, changes."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from analytics import alert_queries, alert_settings, incident_queries
from analytics.alerting import AlertPolicy, AlertRule
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from analytics.periods import parse_period
from analytics.rules.alert_words import WORDS
from analytics.rules.rule_changes import change_of, with_changes
from pages._ui.alerts.rows import COLLECTOR, Board, Channel, Firing, Kept, Made, Muted, Standing, Work

#: Maintenance of so long ago is told of.
_WORK_OF = timedelta(days=30)

#: Changes of rules that are told of.
_MOST_CHANGES = 50

Row = dict[str, Any]


def board(connection: Connection, now: datetime, text: str) -> Board:
    """Everything about alerts in the period in words `text`."""
    period = parse_period(text, now)
    written = alert_settings.read_written_policy(connection)
    changes = alert_settings.read_changes(connection, now)
    kept = incident_queries.suppressed_alerts(connection, period.since, period.until)
    firings = alert_queries.alert_firings(connection, period.since, period.until)
    changed = {(str(one.rule), one.service): one.settings for one in changes if one.settings}
    return Board(
        period=period,
        written=written,
        policy=with_changes(written, changes),
        changed=MappingProxyType(changed),
        made=tuple(_made(connection, now, written))[::-1][:_MOST_CHANGES],
        standing=tuple(map(_standing, records(alert_queries.standing_alerts(connection)))),
        firings=tuple(map(_firing, records(firings))),
        kept=tuple(map(_kept, records(kept))),
        channels=tuple(map(_channel, records(alert_queries.channel_health(connection, period.since)))),
        mutes=tuple(map(_muted, records(alert_queries.mutes_in_force(connection, now)))),
        work=tuple(map(_work, records(alert_queries.announced_work(connection, now - _WORK_OF)))),
    )


def _service(row: Row) -> str:
    kind, name = row["service_type"], row["service_name"]
    return COLLECTOR if kind == COLLECTOR else f"{kind}/{name}" if name else ""


def _standing(row: Row) -> Standing:
    return Standing(
        rule=row["rule"],
        service=_service(row),
        fires=row["state"] == "firing",
        since=row["since"],
        severity=row["severity"] or "",
        title=row["title"] or "",
        quiet=row["suppressed_by"] or "",
        incident=row["incident_id"] or "",
    )


def _firing(row: Row) -> Firing:
    return Firing(
        rule=row["rule"],
        service=_service(row),
        begun=row["begun"],
        ended=row["ended"],
        severity=row["severity"] or "",
        title=row["title"] or "",
        quiet=row["suppressed_by"] or "",
        incident=row["incident_id"] or "",
    )


def _kept(row: Row) -> Kept:
    return Kept(
        rule=row["rule"],
        service=_service(row),
        why=row["suppressed_by"],
        times=int(row["suppressions"]),
        title=row["title"] or "",
        last_at=row["last_at"],
    )


def _channel(row: Row) -> Channel:
    found = json.loads(row["severities"] or "[]")
    return Channel(
        name=row["channel"],
        kind=row["kind"] or "",
        severities=tuple(str(one) for one in found) if isinstance(found, list) else (),
        waiting=int(row["waiting"]),
        waiting_since=row["waiting_since"],
        next_attempt_at=row["next_attempt_at"],
        attempts=int(row["attempts"]),
        delivered=int(row["delivered"]),
        refused=int(row["refused"]),
        expired=int(row["expired"]),
        median=None if row["median_seconds"] is None else timedelta(seconds=row["median_seconds"]),
        last_delivered_at=row["last_delivered_at"],
        last_error=row["last_error"] or "",
        last_error_at=row["last_error_at"],
    )


def _muted(row: Row) -> Muted:
    return Muted(row["id"], _service(row), row["rule"] or "", row["until"], row["author"], row["note"])


def _work(row: Row) -> Work:
    return Work(row["name"], row["starts_at"], row["ends_at"], tuple(row["services"]))


def _made(connection: Connection, now: datetime, written: AlertPolicy) -> Iterator[Made]:
    """The changes with what each of them changed, the oldest first; those that cannot be understood not."""
    before: dict[tuple[AlertRule, ServiceKey | None], Mapping[str, Any]] = {}
    for row in records(alert_queries.rule_changes_made(connection, now)):
        service = alert_settings.service_of(row["service_type"], row["service_name"])
        if row["rule"] not in list(AlertRule) or (row["service_name"] is not None and service is None):
            continue
        rule = AlertRule(row["rule"])
        found = json.loads(row["settings"] or "{}")
        after = found if isinstance(found, dict) else {}
        base = change_of(WORDS[rule], written.settings(rule, service))
        old, new = {**base, **before.get((rule, service), {})}, {**base, **after}
        steps = tuple((word, old[word], new[word]) for word in WORDS[rule] if old[word] != new[word])
        before[rule, service] = after
        yield Made(rule, service, row["timestamp"], row["author"], row["note"], steps, not after)
