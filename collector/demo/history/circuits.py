"""The circuit breakers of the past: the client's own one, over calls that failed long ago."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.model import Reason
from collector.client import CircuitBreaker, CircuitOpen
from collector.client.breaker import CLOSED, Transition
from collector.client.messages import error_message
from collector.demo.habits import BREAKER_FAILURES, BREAKER_SECONDS
from collector.demo.history.batch import MICROSECONDS, Batch, Coded, Ints, Texts, identifiers, to_datetime
from collector.demo.history.outcomes import Outcomes
from collector.demo.history.plan import Effect, Trouble
from collector.demo.services import DemoApi


@dataclass(frozen=True, slots=True)
class _Event:
    """A change of state; `time` in microseconds since 1970."""

    time: int
    origin: str
    change: Transition


def trip(
    api: DemoApi,
    which: Ints,
    outcomes: Outcomes,
    troubles: Sequence[Trouble],
    chance: np.random.Generator,
) -> Batch | None:
    """Let the breaker of each program refuse calls in the `troubles` of its API; its changes of state.

    Changes `outcomes`. None when there was no outage.
    """
    events: list[_Event] = []
    outages = [trouble for trouble in troubles if trouble.effect is Effect.FAILS and trouble.status != 429]
    for origin in sorted({endpoint.origin for endpoint in api.endpoints}):
        own = np.array([endpoint.origin == origin for endpoint in api.endpoints])[which]
        for outage in outages:
            places = np.flatnonzero(own & (outcomes.time >= outage.start))
            events += _through(outage, origin, api.name, places, outcomes)
    return _batch(api.name, sorted(events, key=lambda event: event.time), chance) if events else None


def _through(outage: Trouble, origin: str, api: str, places: Ints, outcomes: Outcomes) -> list[_Event]:
    """One breaker from the begin of `outage` until it is closed again."""
    moment = 0.0
    breaker = CircuitBreaker(BREAKER_FAILURES, BREAKER_SECONDS, clock=lambda: moment)
    events: list[_Event] = []
    for place in places.tolist():
        time = int(outcomes.time[place])
        if time >= outage.end and breaker.state == CLOSED:
            break
        moment = time / MICROSECONDS
        try:
            permit = breaker.enter(api, to_datetime(time))
        except CircuitOpen as error:
            outcomes.fail(np.array([place]), np.nan, Reason.CIRCUIT_OPEN, error_message(error))
            outcomes.response_ms[place], outcomes.retries[place] = 0.0, 0
            continue
        ends = time + int(1000 * outcomes.response_ms[place])
        moment = ends / MICROSECONDS
        change = breaker.leave(permit, bool(outcomes.failed[place]))
        if permit.transition is not None:
            events.append(_Event(time, origin, permit.transition))
        if change is not None:
            events.append(_Event(ends, origin, change))
    return events


def _batch(api: str, events: Sequence[_Event], chance: np.random.Generator) -> Batch:
    texts = Texts()
    times = np.array([event.time for event in events], dtype=np.int64)

    def coded(values: Sequence[str]) -> Coded:
        return Coded(np.array([texts.code(value) for value in values], dtype=np.int64), texts)

    return Batch(
        "circuit_events",
        {
            "id": identifiers(times, chance),
            "timestamp": times,
            "api_name": coded([api for _ in events]),
            "origin": coded([event.origin for event in events]),
            "old_state": coded([event.change.old_state for event in events]),
            "new_state": coded([event.change.new_state for event in events]),
            "message": coded([event.change.message for event in events]),
        },
    )
