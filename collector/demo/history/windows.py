"""The last hour of recorded traffic at many moments at once, and what the status rules make of it.

The same figures as those of `analytics/sql/windows.sql`, which looks at one moment; a test compares them.
"""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from analytics.model import Basis, Reason, Window
from analytics.rules.status import decide
from analytics.windows import SPAN, failure_reason
from collector.demo.history.batch import MICROSECONDS, Bools, Floats, Ints, to_datetime
from collector.demo.history.checks import Checks, Words, verdict_codes
from collector.demo.history.traffic import Traffic
from collector.probes.base import ServiceSpec

Singles = npt.NDArray[np.float32]

_SPAN = int(SPAN.total_seconds()) * MICROSECONDS
_QUANTILE = 0.95
#: Windows that are sorted side by side; more would take memory and no less time.
_AT_ONCE = 2048


def traffic_checks(spec: ServiceSpec, traffic: Traffic, moments: Ints, words: Words) -> Checks:
    """One row a cycle: the verdict at each of `moments`, one a cycle, over the hour before it."""
    basis, rows = spec.policy.basis, []
    for moment, window in zip(moments.tolist(), _windows(traffic, moments, basis), strict=True):
        verdict = decide(window, spec.policy, to_datetime(moment))
        details = words.details.code(_details(window))
        rows.append((*verdict_codes(verdict, words), details, window.failed, window.retries))
    count = len(moments)
    status, reason, message, response, rate, details_codes, failed, retries = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Checks(
        time=moments,
        ends=moments,
        cycle=np.arange(count),
        service=np.full(count, words.services.index(spec.key)),
        status=status,
        reason=reason,
        message=message,
        details=details_codes,
        response_ms=response.astype(np.float64),
        success_rate=rate.astype(np.float64),
        errors=failed,
        retries=retries,
        attempt=np.ones(count, dtype=np.int64),
        late=np.zeros(count, dtype=np.bool_),
        passed=np.ones(count, dtype=np.bool_),
    )


def _details(window: Window) -> str:
    newest = "" if window.newest is None else f', "newest": "{window.newest.isoformat()}"'
    p95 = "null" if window.p95_ms is None else repr(window.p95_ms)
    return f'{{"total": {window.total}, "failed": {window.failed}, "p95_ms": {p95}{newest}}}'


def _windows(traffic: Traffic, moments: Ints, basis: Basis) -> Iterator[Window]:
    """The window of each moment, in order."""
    begin = np.searchsorted(traffic.time, moments - _SPAN, side="right")
    end = np.searchsorted(traffic.time, moments, side="right")
    last_success = _last(~traffic.failed)[end]
    in_row = np.where(last_success >= begin, end - 1 - last_success, end - begin)
    if basis is not Basis.CALLS:
        in_row = np.zeros(len(moments), dtype=np.int64)
    figures = (
        end - begin,
        _within(traffic.failed.astype(np.int64), begin, end),
        _p95(traffic, moments),
        in_row,
        traffic.time[np.maximum(end - 1, 0)],
        _last(traffic.failed)[end],
        _within(traffic.retries, begin, end),
    )
    texts = traffic.message.texts.all()
    for total, failed, p95, failures, newest, failure, retries in zip(
        *(figure.tolist() for figure in figures), strict=True
    ):
        if not total:
            yield Window()
            continue
        reason, message = _failure(traffic, failure, texts, basis) if failed else (Reason.OK, "")
        yield Window(
            total=total,
            failed=failed,
            p95_ms=None if math.isnan(p95) else p95,
            consecutive_failures=failures,
            newest=to_datetime(newest),
            reason=reason,
            message=message,
            retries=retries,
        )


def _failure(traffic: Traffic, place: int, texts: list[str | None], basis: Basis) -> tuple[Reason, str]:
    message = texts[traffic.message.codes[place]] or ""
    if basis is Basis.DELIVERIES:
        return Reason.AUTH, message
    status = traffic.status[place]
    return failure_reason(None if np.isnan(status) else int(status)), message


def _within(values: Ints, begin: Ints, end: Ints) -> Ints:
    """The sum of `values` from each `begin` up to its `end`, as a difference of running sums."""
    sums: Ints = np.concatenate([[0], np.cumsum(values)])
    difference: Ints = sums[end] - sums[begin]
    return difference


def _last(marked: Bools) -> Ints:
    """For each number of rows, the place of the last marked one among so many first rows, -1 without one."""
    places = np.where(marked, np.arange(len(marked)), -1)
    return np.concatenate([[-1], np.maximum.accumulate(places)])


def _p95(traffic: Traffic, moments: Ints) -> Floats:
    """The P95 of the timed rows of each window, interpolated as SQL's quantile_cont does; NaN without any."""
    time, value = traffic.time[traffic.timed], traffic.response_ms[traffic.timed].astype(np.float32)
    begin = np.searchsorted(time, moments - _SPAN, side="right")
    size = np.searchsorted(time, moments, side="right") - begin
    result = np.full(len(moments), np.nan)
    for first in range(0, len(moments), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        result[part] = _p95_of(value, begin[part], size[part])
    return result


def _p95_of(value: Singles, begin: Ints, size: Ints) -> Floats:
    """Windows side by side in the rows of a matrix, filled up with infinity, each row sorted."""
    widest = int(size.max(initial=0))
    if not widest:
        return np.full(len(begin), np.nan)
    offset = np.arange(widest)
    places = np.minimum(begin[:, None] + offset, len(value) - 1)
    matrix = np.where(offset < size[:, None], value[places], np.inf)
    matrix.sort(axis=1)
    position = np.maximum(_QUANTILE * (size - 1), 0.0)
    low = np.floor(position).astype(np.int64)
    row = np.arange(len(begin))
    below = matrix[row, low].astype(np.float64)
    above = matrix[row, np.minimum(low + 1, np.maximum(size - 1, 0))].astype(np.float64)
    share = position - low
    return np.where(size > 0, below * (1.0 - share) + above * share, np.nan)
