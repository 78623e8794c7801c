"""What people did: mutes, and settings of alert rules they changed. Nothing of it is ever deleted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import duckdb

from analytics.alerting import AlertRule, Mute
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from analytics.rules.rule_changes import RuleChange
from collector.store import insert_rows

_MUTES = """
    SELECT id, service_type, service_name, rule, until, author, coalesce(note, '')
    FROM mutes
    WHERE until > $now
    ORDER BY created_at, id
"""
_END_MUTE = """
    UPDATE mutes
    SET until = $now, note = concat_ws(' · ', nullif(note, ''), 'ended by ' || $author)
    WHERE id = $id AND until > $now
"""


def read_mutes(connection: duckdb.DuckDBPyConnection, now: datetime) -> tuple[Mute, ...]:
    """The mutes that hold at `now`, oldest first.

    One of a rule or a type this version does not know is left out: it can silence nothing.
    """
    rows = connection.execute(_MUTES, {"now": now}).fetchall()
    return tuple(
        Mute(id_, _service(service_type, name), _rule(rule), until, author, note)
        for id_, service_type, name, rule, until, author, note in rows
        if _known(rule, service_type, name)
    )


def insert_mute(connection: duckdb.DuckDBPyConnection, mute: Mute, now: datetime) -> None:
    """Add `mute`, made at `now`."""
    row = {
        "id": mute.id,
        "created_at": now,
        **_names(mute.service),
        "rule": None if mute.rule is None else mute.rule.value,
        "until": mute.until,
        "author": mute.author,
        "note": mute.note,
    }
    insert_rows(connection, "mutes", [row])


def end_mute(connection: duckdb.DuckDBPyConnection, mute_id: UUID, author: str, now: datetime) -> None:
    """Let the mute end at `now`; who ended it is added to its note. Without effect when it is over."""
    connection.execute(_END_MUTE, {"id": mute_id, "author": author, "now": now})


def insert_changes(connection: duckdb.DuckDBPyConnection, changes: Sequence[RuleChange]) -> None:
    """Add `changes`; each replaces the one of its rule and service."""
    rows = [
        {
            "id": uuid7(),
            "timestamp": change.at,
            "rule": change.rule.value,
            **_names(change.service),
            "settings": dict(change.settings) or None,
            "author": change.author,
            "note": change.note,
        }
        for change in changes
    ]
    insert_rows(connection, "alert_rule_changes", rows)


def _known(rule: str | None, service_type: str | None, name: str | None) -> bool:
    if rule is not None and rule not in list(AlertRule):
        return False
    if service_type is None or name is None:
        return service_type is name
    return service_type in list(ServiceType)


def _rule(rule: str | None) -> AlertRule | None:
    return None if rule is None else AlertRule(rule)


def _service(service_type: str | None, name: str | None) -> ServiceKey | None:
    return None if service_type is None or name is None else ServiceKey(ServiceType(service_type), name)


def _names(service: ServiceKey | None) -> dict[str, str | None]:
    if service is None:
        return {"service_type": None, "service_name": None}
    return {"service_type": service.service_type.value, "service_name": service.service_name}
