"""What one round of delivery does, decided from what waits: what goes out now, and what is settled unsent."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analytics.alerting import Message
from analytics.alerting.message_json import message_from
from analytics.model import Severity
from collector.notify.base import Channel
from collector.notify.folding import Past, Waiting, plan
from collector.notify.outcome import folded, unreadable
from collector.store_outbox import Settlement, WaitingRow

NOT_CONFIGURED = "the channel is not configured any more"

#: A channel and a dedup key: what is told strictly one after the other.
Lane = tuple[str, str]

_LOUDEST_FIRST = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Next:
    """The message that is to be sent next in its lane, as it is to be sent."""

    lane: Lane
    row: WaitingRow
    message: Message
    channel: Channel


def lanes_of(rows: Sequence[WaitingRow]) -> dict[Lane, list[WaitingRow]]:
    """`rows` by lane, each in its order."""
    lanes: dict[Lane, list[WaitingRow]] = {}
    for row in rows:
        lanes.setdefault((row.channel, row.dedup_key), []).append(row)
    return lanes


def next_of(
    lanes: Mapping[Lane, Sequence[WaitingRow]],
    channels: Mapping[str, Channel],
    settle: Callable[[Settlement], None],
) -> list[Next]:
    """The next message of each lane, the loudest first; what is obsolete goes to `settle`."""
    found = []
    for lane, rows in lanes.items():
        channel = channels.get(lane[0])
        if channel is None:
            for row in rows:
                settle(folded(row, NOT_CONFIGURED))
            continue
        first = _next(lane, rows, channel, settle)
        if first is not None:
            found.append(first)
    return sorted(found, key=lambda one: (_LOUDEST_FIRST[one.message.severity], one.row.id))


def _next(
    lane: Lane, rows: Sequence[WaitingRow], channel: Channel, settle: Callable[[Settlement], None]
) -> Next | None:
    known = {row.id: row for row in rows}
    messages: list[Waiting] = []
    for row in rows:
        try:
            message = message_from(json.loads(row.payload))
        except ValueError as error:
            settle(unreadable(row, str(error)))
            continue
        if channel.takes(message):
            messages.append(Waiting(row.id, message))
        else:
            settle(folded(row, f"{channel.kind} has no way to tell this ({message.action})"))
    decided = plan(messages, channel.for_machines, Past(rows[0].past))
    for identity, why in decided.fold:
        settle(folded(known[identity], why))
    if not decided.send:
        return None
    return Next(lane, known[decided.send[0].id], decided.send[0].message, channel)
