"""What holds between services: names that are taken, and dependencies that lead somewhere."""

import difflib
import graphlib
from collections.abc import Iterable, Sequence

from analytics.model import ServiceKey
from collector.config.faults import Fault
from collector.config.services import Draft
from collector.config.words import quoted


def relation_faults(drafts: Sequence[Draft]) -> list[Fault]:
    """Services that bear the same name, and dependencies on nothing, on oneself or in a circle."""
    first: dict[str, Draft] = {}
    faults = []
    for draft in drafts:
        if draft.key is None:
            continue
        other = first.setdefault(str(draft.key), draft)
        if other is not draft:
            text = f'"{draft.key}" is already services[{other.index}]; give one of the two another name'
            faults.append(Fault((*draft.where, "name"), text))
    wrong = [fault for draft in drafts for fault in _lost(draft, first)]
    return [*faults, *wrong, *_circles(first)]


def dependencies(draft: Draft) -> list[str]:
    """What the table says it depends on, as far as it is text."""
    written = draft.table.get("depends_on")
    return [name for name in written if isinstance(name, str)] if isinstance(written, list) else []


def by_name(drafts: Sequence[Draft]) -> dict[str, ServiceKey]:
    """`type/name` → key, of drafts without faults."""
    return {str(draft.key): draft.key for draft in drafts if draft.key is not None}


def _lost(draft: Draft, known: dict[str, Draft]) -> list[Fault]:
    written = draft.table.get("depends_on")
    faults = []
    for index, name in enumerate(written if isinstance(written, list) else []):
        where = (*draft.where, "depends_on", index)
        if not isinstance(name, str):
            continue
        if name == str(draft.key):
            faults.append(Fault(where, f"{quoted(name)} is this service itself; take it out"))
        elif name not in known:
            faults.append(Fault(where, f"{quoted(name)} is no service of this file; {hint(name, known)}"))
    return faults


def hint(name: str, known: Iterable[str]) -> str:
    """What may be meant by `name`, which is none of the `known` services (`type/name`)."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    near = near or [other for other in known if other.endswith(f"/{name}")]
    if near:
        return f'did you mean "{near[0]}"?'
    return 'write type and name, as in "infrastructure/redis"'


def _circles(known: dict[str, Draft]) -> list[Fault]:
    """One fault a circle, at the service that stands first in the file."""
    if _can_be_ordered(known):
        return []
    faults = []
    done: set[str] = set()
    for start in known:
        path = _way_back(start, known) if start not in done else None
        if path:
            done.update(path)
            way = " → ".join([*path, start])
            faults.append(Fault((*known[start].where, "depends_on"), f"goes in a circle: {way}"))
    return faults


def _can_be_ordered(known: dict[str, Draft]) -> bool:
    graph = {name: [other for other in dependencies(draft) if other != name] for name, draft in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError:
        return False
    return True


def _way_back(start: str, known: dict[str, Draft]) -> list[str] | None:
    """The shortest way of two or more services from `start` back to itself."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        for name in dependencies(known[way[-1]]):
            if name == start and len(way) > 1:
                return way
            if name in known and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return None
