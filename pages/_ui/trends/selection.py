"""What of the page is asked for: which services, in which order, and which part of a long list. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.model import ServiceKey, ServiceType
from pages._ui import filters
from pages._ui.situation import Situation
from pages._ui.trends.lines import Line, in_order, is_sort
from pages._ui.trends.table import Entry
from pages._ui.view import View

#: The period where the address says none.
DEFAULT_RANGE = "7d"

#: So many rows are on one page of the table.
ROWS = 20

#: A search field is worth its place from so many services on.
SEARCH_FROM = 24

_KINDS = list(ServiceType)


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is the period in words; `services` are those chosen, in an order that stays, so that the
    same choice is the same question.

    `grouped` shows groups and not services, of which the `opened` show theirs;
    `by_clock` lays the days of the map over each other.
    """

    text: str
    services: tuple[ServiceKey, ...]
    sort: str
    grouped: bool
    opened: tuple[ServiceType, ...]
    by_clock: bool = False


def asked_of(view: View, now: Situation) -> tuple[Asked, tuple[str, ...]]:
    """What `view` asks for, and one line for each part of it that is not understood and left out."""
    faults = []
    sort = view.get("sort", "worst")
    if not is_sort(sort):
        faults.append(f'sort "{sort[:30]}": it is worst, name, uptime, p95, errors, retries or requests')
        sort = "worst"
    by = view.get("by", "service")
    if by not in ("service", "type"):
        faults.append(f'by "{by[:30]}": it is service or type')
    picture = view.get("map", "time")
    if picture not in ("time", "clock"):
        faults.append(f'map "{picture[:30]}": it is time or clock')
    names = [name for name in view.get("open").split(",") if name]
    faults += [f'open "{name[:30]}": it is a type of service' for name in names if name not in _KINDS]
    services = sorted(
        (seen.key for seen in filters.chosen(view, now)),
        key=lambda key: (_KINDS.index(key.service_type), key.service_name),
    )
    grouped = by == "type" and view.service_type is None and view.service is None
    opened = tuple(kind for kind in _KINDS if kind in names)
    return Asked(
        view.range or DEFAULT_RANGE, tuple(services), sort, grouped, opened, picture == "clock"
    ), tuple(faults)


def entries(asked: Asked, services: Sequence[Line], groups: Sequence[Line]) -> list[Entry]:
    """The rows of the table, all of them: services in order, or groups with the services of those opened."""
    ordered = in_order(services, asked.sort)
    if not asked.grouped:
        return [Entry(line) for line in ordered]
    found = []
    for group in in_order(groups, asked.sort):
        is_open = group.of in asked.opened
        found.append(Entry(group, open=is_open))
        if is_open:
            found += [Entry(one, nested=True) for one in ordered if _kind(one) == group.of]
    return found


def part(rows: Sequence[Entry], page: int) -> tuple[list[Entry], int]:
    """The rows of `page` (from 1; one too many is the last) and how many pages there are."""
    pages = max(1, -(-len(rows) // ROWS))
    first = ROWS * (min(page, pages) - 1)
    return list(rows[first : first + ROWS]), pages


def shown(asked: Asked, rows: Sequence[Entry], services: Sequence[Line]) -> tuple[ServiceKey, ...]:
    """The services of `rows` for the pictures below the table; of groups alone the worst ones."""
    keys = [one.line.of for one in rows if isinstance(one.line.of, ServiceKey)]
    if not keys:
        keys = [one.of for one in in_order(services, asked.sort)[:ROWS] if isinstance(one.of, ServiceKey)]
    return tuple(keys)


def _kind(line: Line) -> ServiceType | None:
    return line.of.service_type if isinstance(line.of, ServiceKey) else None
