"""The last hour of recorded traffic at many moments at once, and what the status rules make of it.

The same figures as those of `analytics/sql/windows.sql`, which looks at one moment; a test compares them.
"""

import math
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from analytics.model import Basis, Reason, Rhythm, Window
from analytics.rules.status import decide
from analytics.windows import RHYTHM_SPAN, SPAN, failure_reason
from collector.demo.history.batch import MICROSECONDS, MINUTE, Bools, Coded, Floats, Ints, to_datetime
from collector.demo.history.checks import Checks, Words, verdict_codes
from collector.demo.history.traffic import Traffic
from collector.probes.base import ServiceSpec

Singles = npt.NDArray[np.float32]

_SPAN = int(SPAN.total_seconds()) * MICROSECONDS
_RHYTHM_SPAN = int(RHYTHM_SPAN.total_seconds()) * MICROSECONDS
#: Less than the rules take for a silence: until then a source's rhythm changes no verdict.
_SURELY_NO_SILENCE = 3 * MINUTE
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
    handed_on = ""
    if window.handed_on:
        handed_on = f', "handed_on": {window.handed_on}, "unprocessed": {window.unprocessed}'
    in_row = f', "in_row": {window.consecutive_failures}' if window.consecutive_failures else ""
    more = in_row + newest + handed_on
    return f'{{"total": {window.total}, "failed": {window.failed}, "p95_ms": {p95}{more}}}'


def recent_windows(traffic: Traffic, moments: Ints, basis: Basis, lasting: timedelta) -> Iterator[Window]:
    """The window of the last `lasting` of each moment, in order, as the alert rules look at it."""
    span = lasting // timedelta(microseconds=1)
    if basis is Basis.CALLS:
        return _call_windows(traffic, moments, span)
    return _delivery_windows(traffic, moments, span, with_rhythm=False)


def _windows(traffic: Traffic, moments: Ints, basis: Basis) -> Iterator[Window]:
    """The window of each moment, in order."""
    if basis is Basis.CALLS:
        return _call_windows(traffic, moments, _SPAN)
    return _delivery_windows(traffic, moments, _SPAN, with_rhythm=True)


def _call_windows(traffic: Traffic, moments: Ints, span: int) -> Iterator[Window]:
    begin, end = _bounds(traffic.time, moments, span)
    last_success = _last(~traffic.failed)[end]
    figures = (
        end - begin,
        _within(traffic.failed, begin, end),
        _p95(traffic, moments, span),
        np.where(last_success >= begin, end - 1 - last_success, end - begin),
        traffic.time[np.maximum(end - 1, 0)],
        _last(traffic.failed)[end],
        _within(traffic.retries, begin, end),
    )
    failures: dict[int, tuple[Reason, str]] = {-1: (Reason.OK, "")}
    for total, failed, p95, in_row, newest, failure, retries in zip(
        *(figure.tolist() for figure in figures), strict=True
    ):
        if not total:
            yield Window()
            continue
        place = failure if failed else -1
        if place not in failures:
            failures[place] = _failure(traffic, place)
        reason, message = failures[place]
        yield Window(
            total=total,
            failed=failed,
            p95_ms=None if math.isnan(p95) else p95,
            consecutive_failures=in_row,
            newest=to_datetime(newest),
            reason=reason,
            message=message,
            retries=retries,
        )


def _failure(traffic: Traffic, place: int) -> tuple[Reason, str]:
    status = traffic.status[place]
    word = _text(traffic.reason, place)
    reason = failure_reason(None if np.isnan(status) else int(status), word)
    return reason, _text(traffic.message, place) or ""


def _delivery_windows(traffic: Traffic, moments: Ints, span: int, with_rhythm: bool) -> Iterator[Window]:
    begin, end = _bounds(traffic.time, moments, span)
    figures = (
        moments,
        end - begin,
        _within(traffic.failed, begin, end),
        _p95(traffic, moments, span),
        traffic.time[np.maximum(end - 1, 0)],
        _within(traffic.handed_on, begin, end),
        _within(traffic.unprocessed, begin, end),
        _last(traffic.failed)[end],
        _last(traffic.unprocessed)[end],
    )
    genuine = traffic.time[~traffic.failed]
    for moment, total, failed, p95, newest, handed_on, unprocessed, unverified, missed in zip(
        *(figure.tolist() for figure in figures), strict=True
    ):
        quiet = with_rhythm and (not total or moment - newest > _SURELY_NO_SILENCE)
        rhythm = rhythm_at(genuine, moment) if quiet else None
        if not total:
            yield Window() if rhythm is None else Window(newest=rhythm.newest, rhythm=rhythm)
            continue
        yield Window(
            total=total,
            failed=failed,
            p95_ms=p95,
            newest=to_datetime(newest),
            reason=Reason.AUTH if failed else Reason.OK,
            message=_text(traffic.message, unverified) or "" if failed else "",
            handed_on=handed_on,
            unprocessed=unprocessed,
            unprocessed_message=_text(traffic.message, missed) or "" if unprocessed else "",
            rhythm=rhythm,
        )


def rhythm_at(genuine: Ints, moment: int) -> Rhythm | None:
    """How a source usually speaks as of `moment`, from the times of its genuine deliveries."""
    begin, end = np.searchsorted(genuine, [moment - _RHYTHM_SPAN, moment], side="right")
    week = genuine[begin:end]
    if not len(week):
        return None
    seconds = np.diff(week) / MICROSECONDS
    usual, longest = np.quantile(seconds, [0.5, 0.99]).tolist() if len(seconds) else (0.0, 0.0)
    newest = to_datetime(int(week[-1]))
    return Rhythm(len(seconds), timedelta(seconds=usual), timedelta(seconds=longest), newest)


def _text(column: Coded, place: int) -> str | None:
    return column.texts.text(int(column.codes[place]))


def _bounds(time: Ints, moments: Ints, span: int) -> tuple[Ints, Ints]:
    """The first row of the `span` before each moment, and the first after it."""
    begin = np.searchsorted(time, moments - span, side="right")
    return begin, np.searchsorted(time, moments, side="right")


def _within(values: Ints | Bools, begin: Ints, end: Ints) -> Ints:
    """The sum of `values` from each `begin` up to its `end`, as a difference of running sums."""
    sums: Ints = np.concatenate([[0], np.cumsum(values)])
    difference: Ints = sums[end] - sums[begin]
    return difference


def _last(marked: Bools) -> Ints:
    """For each number of rows, the place of the last marked one among so many first rows, -1 without one."""
    places = np.where(marked, np.arange(len(marked)), -1)
    return np.concatenate([[-1], np.maximum.accumulate(places)])


def _p95(traffic: Traffic, moments: Ints, span: int) -> Floats:
    """The P95 of the timed rows of each window, interpolated as SQL's quantile_cont does; NaN without any."""
    time, value = traffic.time[traffic.timed], traffic.response_ms[traffic.timed].astype(np.float32)
    begin = np.searchsorted(time, moments - span, side="right")
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
    # An empty window has infinity alone, which cannot be interpolated.
    matrix[size == 0] = 0.0
    below = matrix[row, low].astype(np.float64)
    above = matrix[row, np.minimum(low + 1, np.maximum(size - 1, 0))].astype(np.float64)
    share = position - low
    return np.where(size > 0, below * (1.0 - share) + above * share, np.nan)
