"""Incidents of the past, read off the checks: opened, looked at by a person, and resolved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.model import Reason, ServiceKey, Severity, Status
from collector.demo.history.batch import MICROSECONDS, MINUTE, Ints
from collector.demo.history.checks import REASONS, STATUSES, Checks, Words
from collector.demo.history.plan import Trouble
from collector.probes.base import ServiceSpec

#: An incident is opened by a sure failure, or after ten minutes of degradation (the design document, section
#: 6.1); two good checks in a row resolve it.
_DEGRADED_FOR = 10 * MINUTE
_GOOD_CHECKS = 2

_DOWN, _DEGRADED, _HEALTHY = (
    STATUSES.index(status) for status in (Status.DOWN, Status.DEGRADED, Status.HEALTHY)
)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident; times are microseconds since 1970. `trouble` is what caused it, if it was planned."""

    service: ServiceKey
    opened: int
    resolved: int
    severity: Severity
    reason: Reason
    message: str
    trouble: Trouble | None


def incidents(
    checks: Checks, specs: Sequence[ServiceSpec], words: Words, found: Sequence[Trouble]
) -> list[Incident]:
    """Every incident that the rows show, in the order of time. What is not over at their end is left out."""
    all_found: list[Incident] = []
    for spec in specs:
        of_service = np.flatnonzero(checks.service == words.services.index(spec.key))
        for stretch in _stretches(checks, of_service):
            incident = _incident(checks, stretch, spec, words, found)
            if incident is not None:
                all_found.append(incident)
    return sorted(all_found, key=lambda incident: incident.opened)


def _stretches(checks: Checks, of_service: Ints) -> Iterator[Ints]:
    """Runs of bad rows of one service, each with the check that ended it as its last.

    A run ends with the second good check in a row. Unknown says nothing about the service and is passed over.
    """
    known = of_service[np.isin(checks.status[of_service], (_DOWN, _DEGRADED, _HEALTHY))]
    bad = np.flatnonzero(checks.status[known] != _HEALTHY)
    breaks = np.flatnonzero(np.diff(bad) > _GOOD_CHECKS)
    for first, last in zip(
        bad[np.concatenate([[0], breaks + 1])] if len(bad) else [],
        bad[np.concatenate([breaks, [len(bad) - 1]])] if len(bad) else [],
        strict=True,
    ):
        if last + _GOOD_CHECKS < len(known):
            yield known[first : last + _GOOD_CHECKS + 1]


def _incident(
    checks: Checks, stretch: Ints, spec: ServiceSpec, words: Words, found: Sequence[Trouble]
) -> Incident | None:
    """The incident of a stretch, None for a blip that nobody needs to hear of."""
    times, statuses = checks.time[stretch], checks.status[stretch]
    down = np.flatnonzero(statuses == _DOWN)
    patience = np.flatnonzero((times - times[0] >= _DEGRADED_FOR) & (statuses == _DEGRADED))
    starts = [int(places[0]) for places in (down, patience) if len(places)]
    if not starts:
        return None
    start = min(starts)
    row = stretch[down[0] if len(down) else start]
    trouble = _cause(spec.key, int(times[0]), int(times[-1]), found)
    return Incident(
        service=spec.key,
        opened=int(times[start]),
        resolved=int(times[-1]),
        severity=Severity.CRITICAL if len(down) else Severity.WARNING,
        reason=REASONS[int(checks.reason[row])],
        message=words.messages.all()[int(checks.message[row])] or "",
        trouble=trouble,
    )


def _cause(service: ServiceKey, begin: int, end: int, found: Sequence[Trouble]) -> Trouble | None:
    return next(
        (
            trouble
            for trouble in found
            if service in trouble.services and trouble.start <= end and trouble.end >= begin - MICROSECONDS
        ),
        None,
    )
