"""What one round of delivery does, decided from what waits: what goes out now, and what is settled unsent."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

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
#: What nobody looks at until the message is worded. Then it would fail again and again.
_KINDS = {one.name: one.type for one in fields(Message) if one.type in (str, datetime)}


@dataclass(frozen=True, slots=True)
class Next:
    """The message that is to be sent next in its lane, as it is to be sent.

    `loudest` is the worst severity of it and of what is to be sent after it.
    """

    lane: Lane
    row: WaitingRow
    message: Message
    channel: Channel
    loudest: Severity


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
    off: Collection[str] = (),
) -> list[Next]:
    """The next message of each lane, the loudest first; what is obsolete goes to `settle`.

    What is for a channel that is `off` waits for a start with its variables.
    """
    found = []
    for lane, rows in lanes.items():
        channel = channels.get(lane[0])
        if channel is None:
            for row in rows if lane[0] not in off else ():
                settle(folded(row, NOT_CONFIGURED))
            continue
        first = _next(lane, rows, channel, settle)
        if first is not None:
            found.append(first)
    return sorted(found, key=lambda one: (_LOUDEST_FIRST[one.loudest], one.row.id))


def _next(
    lane: Lane, rows: Sequence[WaitingRow], channel: Channel, settle: Callable[[Settlement], None]
) -> Next | None:
    known = {row.id: row for row in rows}
    messages: list[Waiting] = []
    for row in rows:
        try:
            message = _message_of(row)
        except Exception as error:  # noqa: BLE001  whatever a row holds, it must keep no other waiting
            settle(unreadable(row, str(error) or type(error).__name__))
            continue
        if channel.takes(message):
            messages.append(Waiting(row.id, message))
        else:
            settle(folded(row, f"{channel.kind} has no way to tell this ({message.action})"))
    decided = plan(messages, channel.for_machines, _past_of(rows[0]))
    for identity, why in decided.fold:
        settle(folded(known[identity], why))
    if not decided.send:
        return None
    first = decided.send[0]
    loudest = min((one.message.severity for one in decided.send), key=_LOUDEST_FIRST.__getitem__)
    return Next(lane, known[first.id], first.message, channel, loudest)


def _message_of(row: WaitingRow) -> Message:
    """The message of `row`. Raises ValueError or TypeError when it cannot be read."""
    data = json.loads(row.payload)
    if not isinstance(data, dict):
        raise TypeError(f"the stored message cannot be read: it is a {type(data).__name__}, no JSON object")
    message = message_from(data)
    for name, kind in _KINDS.items():
        if not isinstance(getattr(message, name), kind):
            raise TypeError(f"the stored message cannot be read: its {name} is wrong")
    return message


def _past_of(row: WaitingRow) -> Past:
    """A state that only a newer version knows is a past of which nothing is known."""
    try:
        return Past(row.past)
    except ValueError:
        return Past.HEARD
