"""Recorded traffic of the past: calls of the APIs and deliveries of the webhook sources."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collector.demo.history.batch import MINUTE, Batch, Bools, Coded, Floats, Ints, Texts, identifiers
from collector.demo.history.grid import Grid, within
from collector.demo.history.plan import Effect, Trouble, affecting
from collector.demo.services import (
    CALLS_FAILING,
    DELIVERIES_UNVERIFIED,
    DemoApi,
    DemoSource,
    api_key,
    source_key,
)

_EVENNESS = 4.0
_RETRIED = 0.015
_NO_ANSWER_MS = 10_000.0
_RATE_LIMITED_MS = 85.0

#: What a call fails with on a good day: status (NaN: no answer came), text, share.
_FAILURES = (
    (502.0, "Bad Gateway", 0.5),
    (500.0, "Internal Server Error", 0.2),
    (np.nan, "no answer within 10 s", 0.3),
)
_WRONG_SIGNATURE = "signature does not match"
_PROCESSING_MS = 24.0


@dataclass(frozen=True)
class Traffic:
    """The rows of one API or source in the order of time, as far as a window needs them, and as a `Batch`.

    `timed` marks the rows whose `response_ms` counts for the P95.
    """

    time: Ints
    failed: Bools
    response_ms: Floats
    timed: Bools
    status: Floats
    message: Coded
    retries: Ints
    rows: Batch


def calls(
    api: DemoApi, grid: Grid, found: Sequence[Trouble], texts: Texts, chance: np.random.Generator
) -> Traffic:
    """The calls of one API. `texts` holds all texts of the table."""
    time, busy = _times(api.calls_per_hour, grid, found, chance)
    count = len(time)
    which = chance.choice(len(api.endpoints), count, p=[endpoint.weight for endpoint in api.endpoints])
    latencies = [endpoint.latency for endpoint in api.endpoints]
    median, spread, slower = (
        np.array([getattr(latency, name) for latency in latencies])[which]
        for name in ("median_ms", "spread", "busy")
    )
    response = median * np.exp(spread * chance.standard_normal(count)) * (1.0 + slower * busy)
    failed, status, message = _failures(
        time, affecting(found, api_key(api.name)), texts, chance, response, busy
    )
    succeeded = ~failed
    status[succeeded] = 200.0
    retries = np.where(failed & ~(status == 429.0), 1, chance.random(count) < _RETRIED).astype(np.int64)
    response = np.maximum(1.0, np.rint(response))
    names = [texts.code(endpoint.name) for endpoint in api.endpoints]
    methods = [texts.code(endpoint.method) for endpoint in api.endpoints]
    said = Coded(message, texts)
    rows = Batch(
        "api_metrics",
        {
            "id": identifiers(time, chance),
            "timestamp": time,
            "api_name": Coded(np.full(count, texts.code(api.name)), texts),
            "endpoint": Coded(np.array(names)[which], texts),
            "method": Coded(np.array(methods)[which], texts),
            "status_code": status,
            "response_time_ms": response,
            "error_message": said,
            "retries": retries,
        },
    )
    return Traffic(time, failed, response, succeeded, status, said, retries, rows)


def deliveries(
    source: DemoSource, grid: Grid, found: Sequence[Trouble], texts: Texts, chance: np.random.Generator
) -> Traffic:
    """The deliveries of one webhook source. `texts` holds all texts of the table."""
    time, busy = _times(source.deliveries_per_hour, grid, found, chance)
    count = len(time)
    unverified = chance.random(count) < DELIVERIES_UNVERIFIED * busy
    for trouble in affecting(found, source_key(source.name)):
        unverified |= within(time, [trouble]) & (chance.random(count) < trouble.share)
    took = _PROCESSING_MS * np.exp(0.5 * chance.standard_normal(count)) * (1.0 + 0.4 * busy)
    took = np.maximum(1.0, np.rint(np.where(unverified, 1.0, took)))
    codes = np.where(unverified, texts.code(_WRONG_SIGNATURE), texts.code(None))
    said = Coded(codes, texts)
    events = np.array([texts.code(event) for event in source.events])
    webhook = np.array([texts.code(f"{source.name}-{number}") for number in range(1, 4)])
    rows = Batch(
        "webhook_metrics",
        {
            "id": identifiers(time, chance),
            "timestamp": time,
            "source": Coded(np.full(count, texts.code(source.name)), texts),
            "webhook_id": Coded(chance.choice(webhook, count), texts),
            "event_type": Coded(chance.choice(events, count), texts),
            "verified": ~unverified,
            "processed": ~unverified,
            "error_message": said,
            "processing_time_ms": took,
        },
    )
    nothing = np.zeros(count, dtype=np.int64)
    always = np.ones(count, dtype=np.bool_)
    return Traffic(time, unverified, took, always, np.full(count, np.nan), said, nothing, rows)


def _times(
    per_hour: float, grid: Grid, found: Sequence[Trouble], chance: np.random.Generator
) -> tuple[Ints, Floats]:
    """When something happened, and how busy it was then: gamma distributed pauses at the pace of the hour."""
    minutes = np.append(grid.minutes, grid.minutes[-1] + MINUTE)
    expected = np.concatenate([[0.0], np.cumsum(grid.rate * per_hour / 60.0)])
    pauses = chance.gamma(_EVENNESS, 1.0 / _EVENNESS, int(1.02 * expected[-1]) + 100)
    happened = np.cumsum(pauses)
    happened = happened[happened < expected[-1]]
    time = np.interp(happened, expected, minutes).astype(np.int64)
    lost = [trouble for trouble in found if trouble.effect in (Effect.GAP, Effect.OFFLINE)]
    time = time[~within(time, lost)]
    return time, grid.load[(time - grid.minutes[0]) // MINUTE]


def _failures(
    time: Ints,
    found: Sequence[Trouble],
    texts: Texts,
    chance: np.random.Generator,
    response: Floats,
    busy: Floats,
) -> tuple[Bools, Floats, Ints]:
    """Which calls fail, with which status, and the codes of their messages; makes `response` fit."""
    count = len(time)
    failed = chance.random(count) < CALLS_FAILING * busy
    kind = chance.choice(len(_FAILURES), count, p=[share for _, _, share in _FAILURES])
    status = np.array([status for status, _, _ in _FAILURES])[kind]
    said = np.array([texts.code(text) for _, text, _ in _FAILURES])[kind]
    for trouble in found:
        inside = within(time, [trouble])
        if trouble.effect is Effect.SLOW:
            response[inside] *= trouble.factor
        else:
            hit = inside & (chance.random(count) < trouble.share)
            failed |= hit
            status[hit] = np.nan if trouble.status is None else trouble.status
            said[hit] = texts.code(trouble.message)
    response[failed & np.isnan(status)] = _NO_ANSWER_MS
    response[failed & (status == 429.0)] = _RATE_LIMITED_MS
    return failed, status, np.where(failed, said, texts.code(None))
