"""Checks of the probed services over the past, judged as the running collector judges them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.model import Attempt, Finding, Reason, ServiceKey, ServiceType, Window
from analytics.rules.confirmation import present_window
from analytics.rules.status import decide
from collector.demo.history.batch import Floats, Ints, to_datetime
from collector.demo.history.checks import Checks, Words, joined, verdict_codes
from collector.demo.history.confirming import FIRST_PART, FailingCycles, touches
from collector.demo.history.grid import Grid, within
from collector.demo.history.plan import Effect, Trouble
from collector.demo.mcp_sketches import SERVERS
from collector.demo.services import STDIO, DemoService
from collector.probes.base import ServiceSpec

#: Attempts that fail and pass when tried again, as a share of all: about one a day and service.
_BLIPS = 0.0006
#: A server that is started for each check is looked at every five minutes.
STDIO_EVERY, _STDIO_PHASE = 5, 2
#: Reached without a network: started here, or on the collector's own machine.
_LOCAL = (STDIO, ServiceKey(ServiceType.INFRASTRUCTURE, "redis"))
#: Microseconds between two starts in a cycle.
_PACE = 3_000


@dataclass(frozen=True)
class _Past:
    """One service's cycles: which of the grid's they are, when they began, and the ms an answer takes."""

    cycle: Ints
    start: Ints
    latency: Floats


def probe_checks(
    service: DemoService,
    spec: ServiceSpec,
    grid: Grid,
    found: Sequence[Trouble],
    words: Words,
    chance: np.random.Generator,
) -> Checks:
    """All rows of `service`, judged with the policy of `spec`; `found` are all troubles of the history."""
    past = _past(service, grid, found, words, chance)
    details = words.details.code(_details(service))
    troubles = touches(found, service.key, service.key not in _LOCAL)
    blip = chance.random(len(past.start)) < _BLIPS
    failing = within(past.start, troubles) | blip
    cycles = FailingCycles(spec, service.answer, troubles, words)
    before = -1
    for place in np.flatnonzero(failing).tolist():
        if place != before + 1:
            cycles.forget()
        before = place
        start, latency = int(past.start[place]), float(past.latency[place])
        cycles.add(int(past.cycle[place]), start, latency, bool(blip[place]), details)
    passing = _passing(service, spec, past, np.flatnonzero(~failing), words, details)
    return joined([passing, cycles.checks()])


def _past(
    service: DemoService, grid: Grid, found: Sequence[Trouble], words: Words, chance: np.random.Generator
) -> _Past:
    every = grid.minute % STDIO_EVERY == _STDIO_PHASE if service.key == STDIO else grid.minute >= 0
    cycle = np.flatnonzero(every)
    start = grid.cycles[cycle] + _PACE * (words.services.index(service.key) + 1)
    latency = chance.lognormal(np.log(service.latency.median_ms), service.latency.spread, len(cycle))
    latency *= 1.0 + service.latency.busy * grid.load[grid.minute[cycle]]
    for trouble in found:
        if trouble.effect is Effect.SLOW and service.key in trouble.services:
            latency[within(start, [trouble])] *= trouble.factor
    return _Past(cycle, start, np.maximum(1.0, np.rint(latency)))


def _details(service: DemoService) -> str:
    """What a good check found; without the fingerprint of the tools, which only a real check can know."""
    details: dict[str, object] = {"generated": True}
    if service.key.service_type is ServiceType.MCP:
        server = SERVERS[service.key.service_name]
        details |= {"server_name": server.title, "server_version": server.version}
        details["tool_count"] = len(server.tools)
    return json.dumps(details)


def _passing(
    service: DemoService, spec: ServiceSpec, past: _Past, places: Ints, words: Words, details: int
) -> Checks:
    """Attempts that pass at once. Their verdict depends on the latency alone: one for each different ms."""
    start, latency = past.start[places], past.latency[places]
    different, which = np.unique(latency, return_inverse=True)
    moment = to_datetime(0)
    verdicts = [
        decide(_answered(service, milliseconds), spec.policy, moment) for milliseconds in different.tolist()
    ]
    codes = np.array([verdict_codes(verdict, words)[:3] for verdict in verdicts], dtype=np.int64)[which]
    nothing = np.zeros(len(places), dtype=np.int64)
    took = (1000 * latency).astype(np.int64)
    return Checks(
        time=start,
        ends=start + took,
        cycle=past.cycle[places],
        service=nothing + words.services.index(service.key),
        status=codes[:, 0],
        reason=codes[:, 1],
        message=codes[:, 2],
        details=nothing + details,
        response_ms=latency,
        success_rate=np.full(len(places), 100.0),
        errors=nothing,
        retries=nothing,
        attempt=nothing + 1,
        late=took > FIRST_PART,
        passed=np.ones(len(places), dtype=np.bool_),
    )


def _answered(service: DemoService, milliseconds: float) -> Window:
    finding = Finding(True, Reason.OK, service.answer)
    return present_window(Attempt(service.key, to_datetime(0), milliseconds, 1, finding), 0, False)
