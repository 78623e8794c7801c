"""Calls of the past, with the retries, circuit breakers and quotas of the client that makes them now."""

from collections.abc import Sequence

import numpy as np

from analytics.model import Reason
from collector.client.messages import status_message
from collector.demo.habits import CALL_FAILURES, CALLS_FAILING, RETRIES, RETRY_BASE_SECONDS
from collector.demo.history.batch import (
    MICROSECONDS,
    MINUTE,
    Batch,
    Bools,
    Coded,
    Floats,
    Ints,
    Texts,
    identifiers,
)
from collector.demo.history.circuits import trip
from collector.demo.history.grid import Grid, within
from collector.demo.history.outcomes import Outcomes
from collector.demo.history.plan import Effect, Trouble, affecting
from collector.demo.history.traffic import Traffic, happenings, latencies
from collector.demo.quotas import usual_share
from collector.demo.services import DemoApi, api_key

#: A rate limit is answered soon, and asks for so many ms of patience.
_RATE_LIMITED_MS, _RETRY_AFTER_MS = 85.0, 2000.0


def calls(
    api: DemoApi, grid: Grid, found: Sequence[Trouble], texts: Texts, chance: np.random.Generator
) -> Traffic:
    """The calls of one API. `texts` holds all texts of the table."""
    time, busy = happenings(api.calls_per_hour, grid, found, chance)
    count = len(time)
    which = chance.choice(len(api.endpoints), count, p=[endpoint.weight for endpoint in api.endpoints])
    drawn = latencies([endpoint.latency for endpoint in api.endpoints], which, busy, chance)
    outcomes = Outcomes(
        time=time,
        response_ms=drawn,
        failed=np.zeros(count, dtype=np.bool_),
        status=np.full(count, 200.0),
        reason=np.full(count, texts.code(None)),
        message=np.full(count, texts.code(None)),
        retries=np.zeros(count, dtype=np.int64),
        texts=texts,
    )
    repeatable = np.array([endpoint.repeatable for endpoint in api.endpoints])[which]
    _bad_luck(outcomes, chance.random(count) < CALLS_FAILING * busy, repeatable, chance)
    troubles = affecting(found, api_key(api.name))
    for trouble in troubles:
        _suffer(outcomes, trouble, repeatable, chance)
    events = trip(api, which, outcomes, troubles, chance)
    outcomes.response_ms = np.maximum(0.0, np.rint(outcomes.response_ms))
    rows = _rows(api, which, outcomes, grid, chance)
    nothing = np.zeros(count, dtype=np.bool_)
    return Traffic(
        time=time,
        failed=outcomes.failed,
        response_ms=outcomes.response_ms,
        timed=~outcomes.failed,
        status=outcomes.status,
        reason=Coded(outcomes.reason, texts),
        message=Coded(outcomes.message, texts),
        retries=outcomes.retries,
        handed_on=nothing,
        unprocessed=nothing,
        rows=rows,
        circuit_events=events,
    )


def _bad_luck(outcomes: Outcomes, hit: Bools, repeatable: Bools, chance: np.random.Generator) -> None:
    """One request of each call in `hit` fails; where it may be repeated, the second try succeeds."""
    again = hit & repeatable
    pause = 1000.0 * RETRY_BASE_SECONDS * chance.random(int(again.sum()))
    outcomes.response_ms[again] = 2.0 * outcomes.response_ms[again] + pause
    outcomes.retries[again] = 1
    kinds = chance.choice(len(CALL_FAILURES), len(hit), p=[share for _, _, share in CALL_FAILURES])
    for kind, (status, _, _) in enumerate(CALL_FAILURES):
        lost = hit & ~repeatable & (kinds == kind)
        outcomes.fail(lost, status, Reason.HTTP_5XX, status_message(status))


def _suffer(outcomes: Outcomes, trouble: Trouble, repeatable: Bools, chance: np.random.Generator) -> None:
    """What `trouble` does to the calls that are made meanwhile."""
    inside = within(outcomes.time, [trouble])
    if trouble.effect is Effect.SLOW:
        outcomes.response_ms[inside] *= trouble.factor
        return
    hit = inside & (chance.random(len(inside)) < trouble.share)
    status = np.nan if trouble.status is None else float(trouble.status)
    outcomes.fail(hit, status, trouble.reason, trouble.message)
    if trouble.status == 429:
        retries = 0 if trouble.reason is Reason.QUOTA_EXHAUSTED else RETRIES
        outcomes.retries[hit] = retries
        outcomes.response_ms[hit] = _RATE_LIMITED_MS * (1 + retries) + _RETRY_AFTER_MS * retries
        return
    again = hit & repeatable
    outcomes.retries[hit] = 0
    outcomes.retries[again] = RETRIES
    outcomes.response_ms[again] *= 1 + RETRIES
    pauses = sum(RETRY_BASE_SECONDS * 2.0**number for number in range(RETRIES))
    outcomes.response_ms[again] += 1000.0 * pauses * chance.random(int(again.sum()))


def _rows(api: DemoApi, which: Ints, outcomes: Outcomes, grid: Grid, chance: np.random.Generator) -> Batch:
    texts, time = outcomes.texts, outcomes.time
    told = {name: np.array([texts.code(value) for value in values]) for name, values in _names(api).items()}
    quota_name, used, limit, reset = _quotas(api, which, outcomes, grid, chance)
    return Batch(
        "api_metrics",
        {
            "id": identifiers(time, chance),
            "timestamp": time,
            **{name: Coded(codes[which], texts) for name, codes in told.items()},
            "status_code": outcomes.status,
            "response_time_ms": outcomes.response_ms,
            "error_message": Coded(outcomes.message, texts),
            "retries": outcomes.retries,
            "reason": Coded(outcomes.reason, texts),
            "quota_name": Coded(quota_name, texts),
            "quota_used": used,
            "quota_limit": limit,
            "quota_reset_at": reset,
        },
        times=frozenset({"timestamp", "quota_reset_at"}),
    )


def _names(api: DemoApi) -> dict[str, list[str]]:
    """The columns that an endpoint decides."""
    return {
        "api_name": [api.name for _ in api.endpoints],
        "endpoint": [endpoint.name for endpoint in api.endpoints],
        "method": [endpoint.method for endpoint in api.endpoints],
        "origin": [endpoint.origin for endpoint in api.endpoints],
    }


def _quotas(
    api: DemoApi, which: Ints, outcomes: Outcomes, grid: Grid, chance: np.random.Generator
) -> tuple[Ints, Floats, Floats, Ints]:
    """Name, use, limit and reset of the quota that each answer told; what was not answered told none."""
    time, texts = outcomes.time, outcomes.texts
    count, quota = len(time), api.quota
    if quota is None:
        nothing = np.full(count, np.nan)
        return np.full(count, texts.code(None)), nothing, nothing, np.full(count, -1)
    told = np.array([endpoint.tells_quota for endpoint in api.endpoints])[which] & ~outcomes.failed
    minutes = zip(grid.minutes.tolist(), grid.load.tolist(), strict=True)
    usual = np.array([usual_share(quota, minute / MICROSECONDS, load) for minute, load in minutes])
    share = usual[(time - grid.minutes[0]) // MINUTE] * np.exp(quota.spread * chance.standard_normal(count))
    used = np.where(told, np.rint(quota.limit * np.minimum(1.0, share)), np.nan)
    reset = np.full(count, -1)
    if quota.refill_seconds is not None:
        free = time[told] + 1000 * outcomes.response_ms[told]
        reset[told] = free + MICROSECONDS * quota.refill_seconds * used[told] / quota.limit
    names = np.where(told, texts.code(quota.name), texts.code(None))
    return names, used, np.where(told, quota.limit, np.nan), reset
