"""Services that other tables name, and tables that must not bear the same name."""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.model import ServiceKey
from collector.config.faults import Fault, Where
from collector.config.relations import hint
from collector.config.words import quoted

ALL = "*"


def unknown_services(names: Any, where: Where, known: Mapping[str, ServiceKey]) -> list[Fault]:
    """A fault for each text of the list `names` that is no service of the file (`type/name` → key)."""
    return [
        Fault((*where, index), f"{quoted(name)} is no service of this file; {hint(name, known)}")
        for index, name in enumerate(names if isinstance(names, list) else [])
        if isinstance(name, str) and name != ALL and name not in known
    ]


def same_names(tables: Sequence[Any], where: Where, noun: str) -> list[Fault]:
    """A fault for each table of the list at `where` whose `name` an earlier one has already."""
    first: dict[str, int] = {}
    faults = []
    for index, table in enumerate(tables):
        name = table.get("name") if isinstance(table, Mapping) else None
        if isinstance(name, str) and first.setdefault(name, index) != index:
            other = f"{where[0]}[{first[name]}]"
            text = f"{quoted(name)} is already {other}; give one of the two {noun} another name"
            faults.append(Fault((*where, index, "name"), text))
    return faults
