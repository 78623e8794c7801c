"""Which incidents the address asks for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.model import IncidentState, Severity
from pages._ui.incidents.rows import Incident
from pages._ui.view import View
from pages._ui.words import service_label

PAGE = "incidents"

#: A week holds enough to see a pattern, and not so much that the newest is lost in it.
DEFAULT_RANGE = "7d"

SHOWN = 25


@dataclass(frozen=True, slots=True)
class Wish:
    """What only this page's address says: one severity, one state, one incident; empty for all."""

    severity: str = ""
    state: str = ""
    incident: str = ""
    faults: tuple[str, ...] = ()


def wish_of(view: View) -> Wish:
    """What `view` asks of this page; what cannot be understood is left out and named."""
    faults: list[str] = []
    return Wish(
        severity=_one_of(view, "severity", list(Severity), faults),
        state=_one_of(view, "state", list(IncidentState), faults),
        incident=view.get("incident"),
        faults=tuple(faults),
    )


def chosen(incidents: Sequence[Incident], view: View, wish: Wish) -> list[Incident]:
    """Those of `incidents` that the filters leave, in their order."""
    wanted = view.search.casefold().split()
    return [
        one
        for one in incidents
        if (view.service_type is None or one.service_type == view.service_type)
        and (view.service is None or one.key == view.service)
        and wish.severity in ("", one.severity)
        and wish.state in ("", one.state)
        and all(word in _searched(one) for word in wanted)
    ]


def is_filtered(view: View, wish: Wish) -> bool:
    """Whether anything but the time is asked for."""
    return bool(view.service_type or view.service or view.search or wish.severity or wish.state)


def href(view: View, **changes: object) -> str:
    """This page with all filters and `changes` of them; of an incident the list is kept to go back to."""
    return view.href(PAGE, **{"search": view.search, **dict(view.own), **changes})


def _searched(one: Incident) -> str:
    said = (one.title, one.description, one.rule, one.reason, one.acknowledged_by, one.id)
    label = service_label(one.service_type, one.service_name)
    return f"{one.service_type}/{one.service_name} {label} {' '.join(said)}".casefold()


def _one_of(view: View, name: str, known: Sequence[str], faults: list[str]) -> str:
    text = view.get(name)
    if text and text not in known:
        faults.append(f'{name} "{text[:60]}": it is {", ".join(known[:-1])} or {known[-1]}')
        return ""
    return text
