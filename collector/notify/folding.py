"""What of the messages that wait for one channel about one thing is still worth sending; the rest is folded.

The messages of one (channel, dedup key) in the order of their creation. A trigger begins anew: what stands
before it is never joined with what follows. Within one beginning:

    two updates               the newest counts
    anything, then resolve    only the end counts; what lies between trigger and end is folded
    trigger, then resolve     people are told once, by the end (`over`); machines keep a state by key and are
                              told both, the trigger marked `over` so that nobody is woken
    the trigger was refused   what follows is folded: the other side knows of nothing
    the trigger expired       the same, except that an update is told as the trigger
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from analytics.alerting import Action, Message

REFUSED_BEFORE = "the alert itself was refused, so there is nothing to follow it up"
EXPIRED_BEFORE = "the alert itself could not be delivered for a day, so there is nothing to follow it up"
OVER_BEFORE = "it was over before this could be sent"
TOLD_BY_THE_END = "it was over before it could be sent: the message about its end tells of both"
NEWER_UPDATE = "a newer update tells the same"


class Past(StrEnum):
    """What became of the newest trigger of the key that does not wait any more."""

    HEARD = "delivered"
    """The other side knows; also when nothing is known of the past."""
    REFUSED = "refused"
    EXPIRED = "expired"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is not settled yet."""

    id: UUID
    message: Message


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send, in this order, each when the one before is settled; and what to fold, with why."""

    send: tuple[Waiting, ...]
    fold: tuple[tuple[UUID, str], ...]


def plan(waiting: Sequence[Waiting], for_machines: bool, past: Past = Past.HEARD) -> Plan:
    """The plan for the messages `waiting` of one (channel, dedup key), oldest first.

    `for_machines` is that of the channel. Every message is either sent or folded; the last state the other
    side is told is that of the newest message, unless it never heard of the beginning.
    """
    send: list[Waiting] = []
    fold: list[tuple[UUID, str]] = []
    for beginning in _beginnings(waiting):
        follows_up = beginning[0].message.action is not Action.TRIGGER
        before = past if follows_up else Past.HEARD
        kept, dropped = _folded(beginning, for_machines, before)
        send += kept
        fold += dropped
    return Plan(tuple(send), tuple(fold))


def _beginnings(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    """`waiting` cut before each trigger."""
    parts: list[list[Waiting]] = []
    for one in waiting:
        if not parts or one.message.action is Action.TRIGGER:
            parts.append([])
        parts[-1].append(one)
    return parts


_Folded = tuple[list[Waiting], list[tuple[UUID, str]]]


def _folded(part: Sequence[Waiting], for_machines: bool, before: Past) -> _Folded:
    """What to send and to fold of one beginning, or of the rest of one with a settled trigger (`before`)."""
    if before in (Past.REFUSED, Past.EXPIRED):
        return _unheard(part, before)
    ends = [place for place, one in enumerate(part) if one.message.action is Action.RESOLVE]
    if not ends:
        return _newest_update(part, before)
    end = ends[-1]
    kept: list[Waiting] = []
    dropped: list[tuple[UUID, str]] = []
    over = before is Past.FOLDED
    for one in part[:end]:
        if one.message.action in (Action.REPORT, Action.TEST):
            kept.append(one)
        elif one.message.action is not Action.TRIGGER:
            dropped.append((one.id, OVER_BEFORE))
        elif for_machines:
            kept.append(_over(one))
        else:
            over = True
            dropped.append((one.id, TOLD_BY_THE_END))
    kept.append(_over(part[end]) if over else part[end])
    return [*kept, *part[end + 1 :]], dropped


def _over(one: Waiting) -> Waiting:
    return replace(one, message=replace(one.message, over=True))


def _newest_update(part: Sequence[Waiting], before: Past) -> _Folded:
    updates = [one.id for one in part if one.message.action is Action.UPDATE]
    obsolete = frozenset(updates[:-1])
    kept = [one for one in part if one.id not in obsolete]
    if before is Past.FOLDED:
        kept = [_as_trigger(one) for one in kept]
    return kept, [(one.id, NEWER_UPDATE) for one in part if one.id in obsolete]


def _unheard(part: Sequence[Waiting], before: Past) -> _Folded:
    """What follows a trigger that never arrived."""
    over = any(one.message.action is Action.RESOLVE for one in part)
    updates = [one for one in part if one.message.action is Action.UPDATE]
    kept = [one for one in part if one.message.action in (Action.REPORT, Action.TEST)]
    if before is Past.EXPIRED and updates and not over:
        kept.append(_as_trigger(updates[-1]))
    why = REFUSED_BEFORE if before is Past.REFUSED else EXPIRED_BEFORE
    sent = {one.id for one in kept}
    return kept, [(one.id, why) for one in part if one.id not in sent]


def _as_trigger(one: Waiting) -> Waiting:
    """An update of what the other side never heard of is news to it."""
    if one.message.action is not Action.UPDATE:
        return one
    return replace(one, message=replace(one.message, action=Action.TRIGGER))
