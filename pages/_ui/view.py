"""What a visitor looks at, as the address says it: a link shows a colleague the same. Pure.

    range=7d  type=api  service=api/shopify  status=down

are common to all pages and go along from page to page; q, page and what only one page knows stay there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from analytics.model import ServiceKey, ServiceType, Status
from analytics.periods import Period, parse_period
from analytics.rules.wording import listed

#: The first page stands at the root.
ROOT = "overview"

#: The longest search text that is looked for, and the longest of what only one page knows.
_LONGEST_SEARCH = 100
_LONGEST_OWN = 500


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for; nothing of it is asked where it says nothing.

    `range` is a period in words ("7d", or two moments with "/" between them). `own` is what only one page
    knows, name by name, as it was written.
    """

    range: str = ""
    service_type: ServiceType | None = None
    service: ServiceKey | None = None
    status: Status | None = None
    search: str = ""
    page: int = 1
    own: tuple[tuple[str, str], ...] = ()

    def period(self, now: datetime, default: str = "24h") -> Period:
        """The time that is looked at, `default` where the address says none."""
        return parse_period(self.range or default, now)

    def get(self, name: str, default: str = "") -> str:
        """What the address says of `name`, which only this page knows."""
        return dict(self.own).get(name, default)

    def query(self) -> str:
        """The address's query, without `?`; empty when nothing is asked for."""
        written = {
            "range": self.range,
            "type": self.service_type or "",
            "service": str(self.service or ""),
            "status": self.status or "",
            "q": self.search,
            "page": str(self.page) if self.page > 1 else "",
            **dict(self.own),
        }
        return urlencode({name: value for name, value in written.items() if value}, safe="/:")

    def href(self, page: str, /, **changes: Any) -> str:
        """The address of `page` with these filters and `changes` of them (fields, or names of `own`).

        What belongs to one page alone is left behind unless it is among the changes. Not escaped for HTML.
        """
        fields = {name: value for name, value in changes.items() if name in self.__dataclass_fields__}
        own = tuple((name, str(value)) for name, value in changes.items() if name not in fields and value)
        there = replace(self, **{"search": "", "page": 1, "own": own, **fields})
        query = there.query()
        path = "./" if page == ROOT else page
        return f"{path}?{query}" if query else path


def read_view(asked: Mapping[str, str], now: datetime) -> tuple[View, tuple[str, ...]]:
    """The view an address asks for, and one line for each part of it that is not understood and left out."""
    rest = {name: value for name, value in asked.items() if value}
    faults: list[str] = []
    view = View(
        range=_range(rest.pop("range", ""), now, faults),
        service_type=_one_of(ServiceType, rest.pop("type", ""), "type", faults),
        service=_service(rest.pop("service", ""), faults),
        status=_one_of(Status, rest.pop("status", ""), "status", faults),
        search=rest.pop("q", "")[:_LONGEST_SEARCH],
        page=_page(rest.pop("page", ""), faults),
        own=_own(rest, faults),
    )
    return view, tuple(faults)


def _range(text: str, now: datetime, faults: list[str]) -> str:
    if text:
        try:
            parse_period(text, now)
        except ValueError as error:
            faults.append(f"range: {error}")
            return ""
    return text


def _one_of(kind: Any, text: str, name: str, faults: list[str]) -> Any:
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        faults.append(f'{name} "{text[:60]}": it is {listed(one.value for one in kind)}')
        return None


def _service(text: str, faults: list[str]) -> ServiceKey | None:
    kind, _, name = text.partition("/")
    if name and kind in list(ServiceType):
        return ServiceKey(ServiceType(kind), name)
    if text:
        faults.append(f'service "{text[:60]}": it is written type/name, such as api/shopify')
    return None


def _own(rest: Mapping[str, str], faults: list[str]) -> tuple[tuple[str, str], ...]:
    """What only one page knows; a name that a field of a view has would be taken for it."""
    own = []
    for name, value in sorted(rest.items()):
        if name in View.__dataclass_fields__:
            faults.append(f'"{name}" is no name of a filter')
        elif len(name) + len(value) > _LONGEST_OWN:
            faults.append(f'"{name[:60]}": longer than {_LONGEST_OWN} characters')
        else:
            own.append((name, value))
    return tuple(own)


def _page(text: str, faults: list[str]) -> int:
    if not text:
        return 1
    if text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= 100_000:
        return int(text)
    faults.append(f'page "{text[:20]}": it is a number from 1 on')
    return 1
