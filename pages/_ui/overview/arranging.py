"""Which services are shown: all of a few; of many what matters, and one group page by page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from analytics.model import ServiceKey, ServiceType, Status
from pages._ui import filters
from pages._ui.situation import ORDER, Seen, Situation
from pages._ui.view import View

#: So many services are shown at once, and of one group on one page.
MOST = 60

#: Of more than that, so many of each group.
_MOST_OF_A_GROUP = 12


@dataclass(frozen=True, slots=True)
class Group:
    """A type of service: the rows that are shown, worst first, out of how many, and how these stand."""

    kind: ServiceType
    rows: tuple[Seen, ...]
    members: int
    healthy: int
    worst: Status

    @property
    def more(self) -> int:
        """How many services are not shown."""
        return self.members - len(self.rows)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is shown of what was asked for. `pages` is 1 unless one group is shown page by page."""

    groups: tuple[Group, ...]
    pages: int = 1

    @property
    def keys(self) -> tuple[ServiceKey, ...]:
        """The services that are shown."""
        return tuple(seen.key for group in self.groups for seen in group.rows)


def arrange(view: View, now: Situation) -> Arrangement:
    """What to show of `now` to who asks for `view`."""
    chosen = filters.chosen(view, now)
    members = {kind: [seen for seen in chosen if seen.key.service_type is kind] for kind in now.groups}
    members = {kind: found for kind, found in members.items() if found}
    if len(chosen) <= MOST:
        return Arrangement(tuple(_group(kind, found, found) for kind, found in members.items()))
    if len(members) == 1:
        [(kind, found)] = members.items()
        pages = -(-len(found) // MOST)
        first = (min(view.page, pages) - 1) * MOST
        return Arrangement((_group(kind, found, found[first : first + MOST]),), pages)
    narrowed = view.status is not None or bool(view.search)
    return Arrangement(
        tuple(_group(kind, found, _what_matters(found, narrowed)) for kind, found in members.items())
    )


def stacks(groups: Sequence[Group]) -> tuple[tuple[Group, ...], ...]:
    """`groups` side by side in two stacks of about the same height, each in their order; one group in one.

    Only how many rows there are counts, not what they say: a group stays where it is while things go wrong.
    """
    if len(groups) < 2:
        return (tuple(groups),)
    first, *others = groups
    sides = min(
        product((False, True), repeat=len(others)),
        key=lambda right: abs(
            sum(_height(one) * (-1 if there else 1) for one, there in zip(others, right, strict=True))
            + _height(first)
        ),
    )
    left = [one for one, there in zip(others, sides, strict=True) if not there]
    return (first, *left), tuple(one for one, there in zip(others, sides, strict=True) if there)


def _height(group: Group) -> int:
    """About how many rows high a card is, with its heading."""
    return 2 + len(group.rows) + bool(group.more)


def _what_matters(members: Sequence[Seen], narrowed: bool) -> Sequence[Seen]:
    """What is not healthy; or, where a filter says what matters, the first of what it leaves."""
    return [one for one in members if narrowed or one.status is not Status.HEALTHY][:_MOST_OF_A_GROUP]


def _group(kind: ServiceType, members: Sequence[Seen], rows: Sequence[Seen]) -> Group:
    return Group(
        kind,
        tuple(rows),
        len(members),
        sum(seen.status is Status.HEALTHY for seen in members),
        min((seen.status for seen in members), key=ORDER.index),
    )
