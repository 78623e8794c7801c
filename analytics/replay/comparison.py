"""Two accounts of the same time compared: what other settings would have told, told later, or never told.

An incident is missed when the other account has none of that service that overlaps it, five minutes before
and after included. Otherwise it is paired with the one that overlaps it longest. Several that are one in the
other account are each paired with that one, and none of them is missed. Nor is one that is not over and that
the other account waits for: it is bad there, too, and not for long enough yet. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.replay.outcome import Account, Trouble
from analytics.rules.alerting.severity import RISING

#: Two incidents so close belong to one trouble.
CLOSE = timedelta(minutes=5)

#: Looks of one moment differ by less.
_AT_ONCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """An incident in both accounts. `later` is by how much people knew of it later (below zero: earlier).

    `later` is None when nothing can be said: people were told of it in one account alone, or it is in one a
    part of an incident they had been told of before. `told_before` and `told_after` say whether anybody was.
    """

    before: Trouble
    after: Trouble
    later: timedelta | None
    told_before: bool
    told_after: bool

    @property
    def louder(self) -> int:
        """By how many severities it is louder after; below zero: quieter."""
        return RISING.index(self.after.severity) - RISING.index(self.before.severity)


@dataclass(frozen=True)
class Comparison:
    """What changed from the account `before` to the account `after`, oldest first.

    `pairs` holds an entry for each incident of `before` that is in `after`, too. `missed` are in `before`
    alone, `new` in `after` alone. `waiting` are in `before`, and may still come in `after`.
    """

    before: Account
    after: Account
    pairs: tuple[Pair, ...]
    missed: tuple[Trouble, ...]
    new: tuple[Trouble, ...]
    waiting: tuple[Trouble, ...] = ()

    @property
    def later(self) -> tuple[Pair, ...]:
        """Those that people would have known of later."""
        return tuple(pair for pair in self.pairs if pair.later is not None and pair.later > timedelta(0))

    @property
    def earlier(self) -> tuple[Pair, ...]:
        """Those that people would have known of earlier."""
        return tuple(pair for pair in self.pairs if pair.later is not None and pair.later < timedelta(0))

    @property
    def silenced(self) -> tuple[Pair, ...]:
        """Those that would have been seen, and nobody told."""
        return tuple(pair for pair in self.pairs if pair.told_before and not pair.told_after)

    @property
    def voiced(self) -> tuple[Pair, ...]:
        """Those that nobody was told of, and somebody would have been."""
        return tuple(pair for pair in self.pairs if pair.told_after and not pair.told_before)

    @property
    def is_same(self) -> bool:
        """Whether no incident is missed, waited for, new, told at another time or to nobody, or of another
        severity."""
        apart = any(pair.later or pair.louder or pair.told_before != pair.told_after for pair in self.pairs)
        return not (self.missed or self.waiting or self.new or apart)


def compare(before: Account, after: Account) -> Comparison:
    """What changed from `before` to `after`, two accounts of the same time."""
    old, new = _by_service(before.troubles), _by_service(after.troubles)
    pairs: list[Pair] = []
    missed: list[Trouble] = []
    waiting: list[Trouble] = []
    for trouble in before.troubles:
        partner = _partner(trouble, new.get(trouble.service, ()), before.until)
        if partner is not None:
            pairs.append(_pair(trouble, partner))
        elif trouble.resolved_at is None and trouble.service in after.waiting:
            waiting.append(trouble)
        else:
            missed.append(trouble)
    unmatched = tuple(
        trouble
        for trouble in after.troubles
        if _partner(trouble, old.get(trouble.service, ()), before.until) is None
    )
    return Comparison(before, after, tuple(pairs), tuple(missed), unmatched, tuple(waiting))


def _by_service(troubles: Sequence[Trouble]) -> dict[str, list[Trouble]]:
    found: dict[str, list[Trouble]] = {}
    for trouble in troubles:
        found.setdefault(trouble.service, []).append(trouble)
    return found


def _partner(trouble: Trouble, others: Sequence[Trouble], until: datetime) -> Trouble | None:
    """The one of `others` that overlaps `trouble` longest, of equals the most alike; None without any."""
    close = [one for one in others if _overlap(trouble, one, until) >= -CLOSE]
    if not close:
        return None
    return min(close, key=lambda one: (-_overlap(trouble, one, until), _apart(trouble, one, until)))


def _overlap(one: Trouble, other: Trouble, until: datetime) -> timedelta:
    """For how long both went on; below zero: how long after the end of the first the second began."""
    return min(_end(one, until), _end(other, until)) - max(one.began_at, other.began_at)


def _apart(one: Trouble, other: Trouble, until: datetime) -> tuple[timedelta, timedelta, int]:
    begun, ended = abs(one.began_at - other.began_at), abs(_end(one, until) - _end(other, until))
    unlike = (one.rule != other.rule, one.severity is not other.severity, one.told != other.told)
    return begun + ended, abs(one.found_at - other.found_at), sum(unlike)


def _end(trouble: Trouble, until: datetime) -> datetime:
    return trouble.resolved_at or max(until, trouble.began_at)


def _pair(before: Trouble, after: Trouble) -> Pair:
    heard_before, heard_after = _heard(before, after), _heard(after, before)
    later = None
    # Of one that people were told of in one account alone, there is nothing to be compared.
    if bool(before.told) == bool(after.told) and heard_before is not None and heard_after is not None:
        difference = heard_after - heard_before
        later = difference if abs(difference) >= _AT_ONCE else timedelta(0)
    return Pair(before, after, later, bool(before.told), bool(after.told))


def _heard(trouble: Trouble, other: Trouble) -> datetime | None:
    """When people knew of the part of `trouble` that `other` is about; None when they had known all along."""
    began = max(trouble.began_at, other.began_at) - CLOSE
    if trouble.told_at is None:
        return trouble.created_at if trouble.created_at >= began else None
    return min((at for at in trouble.told if at >= began), default=None)
