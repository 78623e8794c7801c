"""Heartbeats of the past, rows of `collector_runs`, and the checks that belong to each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.model import ServiceKey
from collector import __version__
from collector.demo.history.batch import Batch, Bools, Bytes, Coded, Ints, Texts, identifiers
from collector.demo.history.checks import REASONS, STATUSES, Checks, Words
from collector.demo.history.grid import Grid
from collector.demo.services import HISTORY_COLLECTOR

_INTERVAL_SECONDS = 60.0
#: Microseconds from the end of the last attempt of a part to the end of its write.
_WRITE = 25_000


def first_parts_finished(grid: Grid, probed: Sequence[Checks]) -> Ints:
    """When the first part of each cycle was written: after the last attempt that it holds."""
    finished = grid.cycles.copy()
    for checks in probed:
        soon = checks.take(~checks.late)
        np.maximum.at(finished, soon.cycle, soon.ends)
    return finished + _WRITE


@dataclass(frozen=True)
class Parts:
    """What was written together: a cycle has one part or two, late checks make its second one.

    `run` is the place of the part of each check; the others hold one entry a part. `done` is when it was
    written, `complete` says that its cycle ends with it.
    """

    run: Ints
    cycle: Ints
    late: Bools
    done: Ints
    complete: Bools


def written_parts(checks: Checks, finished: Ints) -> Parts:
    """The parts of all cycles; `finished` is when the first part of each cycle was written."""
    count = len(finished)
    second_finished = np.zeros(count, dtype=np.int64)
    np.maximum.at(second_finished, checks.cycle[checks.late], checks.ends[checks.late])
    has_second = np.flatnonzero(second_finished)
    cycle = np.concatenate([np.arange(count), has_second])
    late = np.concatenate([np.zeros(count, np.bool_), np.ones(len(has_second), np.bool_)])
    second = np.zeros(count, dtype=np.int64)
    second[has_second] = count + np.arange(len(has_second))
    return Parts(
        run=np.where(checks.late, second[checks.cycle], checks.cycle),
        cycle=cycle,
        late=late,
        done=np.concatenate([finished, second_finished[has_second] + _WRITE]),
        complete=late | ~np.isin(cycle, has_second),
    )


def check_and_run_batches(
    checks: Checks, grid: Grid, parts: Parts, words: Words, chance: np.random.Generator
) -> list[Batch]:
    """The rows of `integration_health_checks` and of `collector_runs`."""
    run_ids = identifiers(parts.done, chance)
    cycle_ids = identifiers(grid.cycles, chance)
    count = len(parts.done)
    runs = Batch(
        "collector_runs",
        {
            "id": run_ids,
            "cycle_id": cycle_ids[parts.cycle],
            "part": np.where(parts.late, 2, 1),
            "complete": parts.complete,
            "collector": _same(HISTORY_COLLECTOR, count),
            "version": _same(__version__, count),
            "started_at": grid.cycles[parts.cycle],
            "finished_at": parts.done,
            "interval_seconds": np.full(count, _INTERVAL_SECONDS),
            "services": _services(checks, parts.run, count),
            "checks": np.bincount(parts.run, minlength=count),
            "failures": np.bincount(parts.run, weights=~checks.passed, minlength=count).astype(np.int64),
        },
        times=frozenset({"started_at", "finished_at"}),
    )
    rows = _check_batch(checks, words, identifiers(checks.time, chance), run_ids[parts.run])
    return [rows, runs.take(np.argsort(parts.done, kind="stable"))]


def _services(checks: Checks, run: Ints, count: int) -> Ints:
    """How many different services each run has checks of."""
    seen = np.zeros((count, int(checks.service.max()) + 1), dtype=np.bool_)
    seen[run, checks.service] = True
    services: Ints = seen.sum(axis=1)
    return services


def _check_batch(checks: Checks, words: Words, ids: Bytes, runs: Bytes) -> Batch:
    types = Texts([key.service_type.value for key in words.services])
    names = Texts([key.service_name for key in words.services])
    return Batch(
        "integration_health_checks",
        {
            "id": ids,
            "timestamp": checks.time,
            "service_type": Coded(_codes(types, words.services, "service_type")[checks.service], types),
            "service_name": Coded(_codes(names, words.services, "service_name")[checks.service], names),
            "status": Coded(checks.status, Texts([status.value for status in STATUSES])),
            "response_time_ms": checks.response_ms,
            "success_rate": checks.success_rate,
            "error_count": checks.errors,
            "retry_count": checks.retries,
            "details": Coded(checks.details, words.details),
            "reason": Coded(checks.reason, Texts([reason.value for reason in REASONS])),
            "message": Coded(checks.message, words.messages),
            "attempt": checks.attempt,
            "run_id": runs,
        },
    )


def _codes(texts: Texts, services: Sequence[ServiceKey], name: str) -> Ints:
    return np.array([texts.code(str(getattr(key, name))) for key in services], dtype=np.int64)


def _same(text: str, count: int) -> Coded:
    return Coded(np.zeros(count, dtype=np.int64), Texts([text]))
