"""What a rehearsal of a changed rule comes to, small enough to be kept. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.replay import Account, Pair, Rehearsal, Trouble, is_cut

#: Pages drawn on a line, and incidents named in a list: the newest of more.
_MOST_MARKS = 400
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """One page on a line of time."""

    at: datetime
    severity: str
    noise: bool
    title: str


@dataclass(frozen=True, slots=True)
class Side:
    """One account of the time: how many pages, of them critical and for nothing; how many incidents."""

    pages: int
    critical: int
    noise: int
    incidents: int
    by_channel: tuple[tuple[str, int], ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One incident that would be another one. `kind` says in which way, `later` by how much it is known later
    (below zero: earlier) where that is the way."""

    kind: str
    service: str
    rule: str
    title: str
    severity: str
    began_at: datetime
    lasted: timedelta | None
    later: timedelta | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """[since, until) told three times: what was really sent, what the rules in force make of it, and what
    they would with the change.

    `counts` says how many differences of each kind there are, `differences` names the gravest. `data_since`
    is when the single rows begin where they do not reach back to `since`; `is_empty` when there are none.
    """

    since: datetime
    until: datetime
    sent: Side
    in_force: Side
    changed: Side
    counts: tuple[tuple[str, int], ...]
    differences: tuple[Difference, ...]
    data_since: datetime | None
    is_empty: bool

    @property
    def is_same(self) -> bool:
        """Whether the change would have changed nothing that people notice."""
        return not self.counts and self.in_force.pages == self.changed.pages


def preview_of(rehearsal: Rehearsal) -> Preview:
    """The figures and the gravest differences of `rehearsal`."""
    comparison = rehearsal.comparison
    found = {
        "missed": [_of_trouble("missed", one) for one in comparison.missed],
        "waiting": [_of_trouble("waiting", one) for one in comparison.waiting],
        "silenced": [_of_trouble("silenced", one.before) for one in comparison.silenced],
        "later": _by_length(_of_pair("later", one) for one in comparison.later),
        "new": [_of_trouble("new", one) for one in comparison.new],
        "voiced": [_of_trouble("voiced", one.after) for one in comparison.voiced],
        "earlier": _by_length(_of_pair("earlier", one) for one in comparison.earlier),
        "quieter": [_of_trouble("quieter", one.after) for one in comparison.pairs if one.louder < 0],
        "louder": [_of_trouble("louder", one.after) for one in comparison.pairs if one.louder > 0],
    }
    since, until = comparison.after.since, comparison.after.until
    begins = rehearsal.data_since
    return Preview(
        since=since,
        until=until,
        sent=_side(rehearsal.recorded),
        in_force=_side(rehearsal.baseline),
        changed=_side(rehearsal.rehearsed),
        counts=tuple((kind, len(some)) for kind, some in found.items() if some),
        differences=tuple(one for some in found.values() for one in some)[:_MOST_NAMED],
        data_since=begins if is_cut(begins, since, until) else None,
        is_empty=begins is None or begins >= until,
    )


def _side(account: Account) -> Side:
    marks = [
        Mark(page.at, str(page.severity), page.noise, page.title) for page in account.pages[-_MOST_MARKS:]
    ]
    return Side(
        pages=len(account.pages),
        critical=account.critical_pages,
        noise=account.noise,
        incidents=len(account.troubles),
        by_channel=tuple(sorted(account.pages_by_channel.items())),
        marks=tuple(marks),
    )


def _by_length(found: Iterable[Difference]) -> list[Difference]:
    return sorted(found, key=lambda one: -abs(one.later or timedelta(0)))


def _of_pair(kind: str, pair: Pair) -> Difference:
    return _of_trouble(kind, pair.after, pair.later)


def _of_trouble(kind: str, trouble: Trouble, later: timedelta | None = None) -> Difference:
    return Difference(
        kind=kind,
        service=trouble.service,
        rule=trouble.rule,
        title=trouble.title,
        severity=str(trouble.severity),
        began_at=trouble.began_at,
        lasted=None if trouble.resolved_at is None else trouble.resolved_at - trouble.began_at,
        later=later,
    )
