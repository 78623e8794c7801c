"""The messages on their way to channels: put in with the check that caused them, settled after delivery.

The functions take the connection of a transaction that `analytics.db.transact` opened; nothing here commits.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb

from analytics.alerting import ChannelHealth, Outgoing
from analytics.alerting.message_json import message_json
from analytics.ids import uuid7
from analytics.named_sql import query
from collector.store import insert_rows

_DAY = timedelta(days=1)

_SETTLED = {
    "id": "UUID",
    "state": "VARCHAR",
    "attempts": "INTEGER",
    "next_attempt_at": "TIMESTAMPTZ",
    "first_attempt_at": "TIMESTAMPTZ",
    "delivered_at": "TIMESTAMPTZ",
    "last_error": "VARCHAR",
    "answer": "VARCHAR",
}

#: The answer and the last error stay to be read when nothing newer takes their place.
_KEPT = ("id", "answer", "last_error")

_SETTLE = f"""
UPDATE notifications SET {", ".join(f"{name} = s.{name}" for name in _SETTLED if name not in _KEPT)},
    answer = coalesce(s.answer, notifications.answer),
    last_error = coalesce(s.last_error, notifications.last_error)
FROM (SELECT unnest(from_json($rows::JSON, $structure), max_depth := 2)) AS s
WHERE notifications.id = s.id
"""

#: The trigger, and what was folded only because it had been refused.
_REVIVE = """
UPDATE notifications SET state = 'pending', next_attempt_at = NULL, first_attempt_at = NULL
WHERE channel = $channel AND dedup_key = $dedup_key
AND (id = $id::UUID OR (id > $id::UUID AND state = 'folded' AND last_error = $because))
"""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A message that is not settled. `payload` is JSON; `past` says what became of the trigger before it."""

    id: UUID
    incident_id: UUID | None
    channel: str
    dedup_key: str
    payload: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    first_attempt_at: datetime | None
    past: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a message: `state` pending (it failed, and is tried again), delivered, refused, folded
    or expired. `event` is the entry of its incident's timeline: kind, text and moment.
    """

    id: UUID
    channel: str
    state: str
    attempts: int
    next_attempt_at: datetime | None = None
    first_attempt_at: datetime | None = None
    delivered_at: datetime | None = None
    last_error: str | None = None
    answer: str | None = None
    incident_id: UUID | None = None
    event: tuple[str, str, datetime] | None = None


def insert_outgoing(
    connection: duckdb.DuckDBPyConnection, outgoing: Sequence[Outgoing], now: datetime
) -> None:
    """Put `outgoing` into the outbox, to be sent in this order to each channel.

    Belongs into the transaction of what it tells of. Ids grow with each message, also when the clock is set
    back: they are the order.
    """
    if not outgoing:
        return
    newest = connection.execute(query("outbox_newest_id")).fetchone()
    last = UUID(newest[0]) if newest and newest[0] else None
    rows = []
    for one in outgoing:
        last = _id_after(last, now)
        rows.append(_row(one, last, now))
    insert_rows(connection, "notifications", rows)


def _id_after(last: UUID | None, now: datetime) -> UUID:
    """A UUIDv7 that sorts after `last`: of the same millisecond with the next number in its 12 bits
    (RFC 9562, section 6.2, method 1)."""
    milliseconds, number = int(now.timestamp() * 1000), 0
    if last is not None and last.int >> 80 >= milliseconds:
        milliseconds, number = last.int >> 80, (last.int >> 64 & 0xFFF) + 1
        if number > 0xFFF:
            milliseconds, number = milliseconds + 1, 0
    chance = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 7 << 76 | number << 64 | 2 << 62 | chance)


def _row(one: Outgoing, identity: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": identity,
        "incident_id": one.incident_id,
        "channel": one.channel,
        "action": one.message.action.value,
        "dedup_key": one.message.dedup_key,
        "payload": message_json(one.message),
        "state": "pending",
        "attempts": 0,
        "created_at": now,
        "severity": one.message.severity.value,
    }


def waiting(connection: duckdb.DuckDBPyConnection, keys: int, rows: int) -> list[WaitingRow]:
    """The messages that are not settled, oldest first.

    Of each channel those of at most `keys` dedup keys, the loudest first; of each key the oldest `rows`.
    """
    found = connection.execute(query("outbox_waiting"), {"keys": keys, "rows": rows}).fetchall()
    return [WaitingRow(*row) for row in found]


def settle(connection: duckdb.DuckDBPyConnection, settlements: Sequence[Settlement]) -> None:
    """Keep what became of messages, and tell it in the timelines of their incidents."""
    if not settlements:
        return
    rows = [{name: _plain(getattr(one, name)) for name in _SETTLED} for one in settlements]
    connection.execute(_SETTLE, {"rows": json.dumps(rows), "structure": json.dumps([_SETTLED])})
    insert_rows(connection, "incident_events", [row for one in settlements for row in _event_rows(one)])


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _event_rows(settlement: Settlement) -> Iterable[dict[str, Any]]:
    if settlement.event is None or settlement.incident_id is None:
        return
    kind, message, at = settlement.event
    yield {
        "id": uuid7(int(at.timestamp() * 1000)),
        "incident_id": settlement.incident_id,
        "timestamp": at,
        "kind": kind,
        "author": "collector",
        "message": message,
    }


def revive_refused(connection: duckdb.DuckDBPyConnection, channels: Sequence[str], because: str) -> int:
    """Let the refused triggers of what is not over wait again, for these channels; how many.

    What follows them and was folded with the words `because` waits again too.
    """
    revived = 0
    for channel, dedup_key, identity in connection.execute(query("outbox_refused_triggers")).fetchall():
        if channel in channels:
            values = {"channel": channel, "dedup_key": dedup_key, "id": identity, "because": because}
            connection.execute(_REVIVE, values)
            revived += 1
    return revived


def channel_health(
    connection: duckdb.DuckDBPyConnection, channels: Sequence[str], now: datetime
) -> list[ChannelHealth]:
    """How delivery over each of `channels` goes, in their order.

    `refused` counts what was refused in the last day, or has expired, since the channel took something.
    """
    rows = connection.execute(query("outbox_channel_health"), {"since": now - _DAY}).fetchall()
    found = {row[0]: ChannelHealth(*row) for row in rows}
    return [found.get(name) or ChannelHealth(name, 0, None, 0, 0, "") for name in channels]
