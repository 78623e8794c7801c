"""Recorded traffic of one API or source by the column, and its window at any moment.

The same figures as those of `analytics/sql/windows.sql`, which reads a table; a test compares them.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analytics.model import Reason, Window
from analytics.replay.columns import running_sums
from analytics.rules.signals import CommonFailure
from analytics.windows import failure_reason

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Small = npt.NDArray[np.int8] | npt.NDArray[np.int16] | npt.NDArray[np.int32] | Ints

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_QUANTILE = 0.95
#: What `max()` of an array does, without the way there, which takes longer for a few hundred.
_largest = np.maximum.reduce


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call failed: its HTTP status (None without an answer), the recorded reason, the message."""

    status: int | None
    reason: str | None
    message: str | None


@dataclass(frozen=True)
class CallColumns:
    """The calls of one API in the order of `time`.

    `response_ms` is -1 where it is missing. `failures` holds those that failed in their order,
    `failed_before` how many failed before each place (one more than there are calls). Numbers other than
    times are as narrow as they can be: there are millions of calls.
    """

    time: Ints
    response_ms: Small
    retries: Small
    succeeded: Bools
    failures: Sequence[Failure]
    failed_before: Small

    @cached_property
    def ended(self) -> Ints:
        """When each ended."""
        ended: Ints = np.maximum(self.response_ms, 0).astype(np.int64)
        ended *= 1000
        ended += self.time
        return ended

    @cached_property
    def _failures_ended(self) -> Ints:
        return self.ended[~self.succeeded]

    @cached_property
    def _all_timed(self) -> bool:
        return bool(np.all(self.response_ms >= 0))

    @cached_property
    def _retries_before(self) -> Small:
        return running_sums(self.retries)

    def window(self, now: int, span: int) -> Window | None:
        """The calls of the last `span` microseconds as of `now`; None without any."""
        begin, end = bounds(self.time, now, span)
        if begin == end:
            return None
        failed = self.failed_before.item(end) - self.failed_before.item(begin)
        ended, timed = self.ended[begin:end], self.response_ms[begin:end]
        newest = int(_largest(ended))
        newest_success: int | None = newest
        in_row = 0
        if failed:
            good = self.succeeded[begin:end]
            timed = timed[good]
            newest_success = int(_largest(ended[good])) if len(timed) else None
            in_row = end - begin if newest_success is None else int((ended > newest_success).sum())
        reason, message = self._newest_failure(begin, end)
        return Window(
            total=end - begin,
            failed=failed,
            p95_ms=p95(timed if self._all_timed else timed[timed >= 0]),
            consecutive_failures=in_row,
            newest=_moment(newest),
            newest_success=None if newest_success is None else _moment(newest_success),
            reason=reason,
            message=message,
            retries=self._retries_before.item(end) - self._retries_before.item(begin),
        )

    def common_failure(self, now: int, span: int) -> CommonFailure | None:
        """How most of the failed calls of the last `span` microseconds failed; None when none did."""
        begin, end = bounds(self.time, now, span)
        places = begin + np.flatnonzero(~self.succeeded[begin:end])
        ways: Counter[tuple[int | None, str | None]] = Counter()
        words: dict[tuple[int | None, str | None], str | None] = {}
        newest: dict[tuple[int | None, str | None], int] = {}
        for place in places.tolist():
            failure = self.failures[int(self.failed_before[place])]
            told_by_status = failure.status is not None and failure.status >= 400
            way = (failure.status, None if told_by_status else failure.reason)
            ways[way] += 1
            newest[way] = int(self.time[place])
            words[way] = failure.reason or words.get(way)
        if not ways:
            return None
        way = min(ways, key=lambda way: (-ways[way], -newest[way], *_nulls_last(way)))
        return CommonFailure(failure_reason(way[0], words[way]), way[0], ways[way])

    def _newest_failure(self, begin: int, end: int) -> tuple[Reason, str]:
        first, last = self.failed_before.item(begin), self.failed_before.item(end)
        if first == last:
            return Reason.OK, ""
        failure = self.failures[first + int(self._failures_ended[first:last].argmax())]
        reason = failure_reason(failure.status, failure.reason)
        return reason, failure.message or (f"HTTP {failure.status}" if failure.status else "")


@dataclass(frozen=True)
class DeliveryColumns:
    """The deliveries of one webhook source in the order of `time`.

    `verified` and `processed` are 1, 0, or -1 where nobody knows; `messages` says what was wrong with those
    that were not, None with the others.
    """

    time: Ints
    verified: Ints
    processed: Ints
    response_ms: Ints
    messages: Sequence[str | None]

    def window(self, now: int, span: int) -> Window | None:
        """The deliveries of the last `span` microseconds as of `now`; None without any."""
        begin, end = bounds(self.time, now, span)
        if begin == end:
            return None
        part = slice(begin, end)
        time, verified, processed = self.time[part], self.verified[part], self.processed[part]
        timed = self.response_ms[part]
        genuine, unverified = verified == 1, verified == 0
        missed = genuine & (processed == 0)
        failed = int(np.count_nonzero(unverified))
        return Window(
            total=int(np.count_nonzero(verified >= 0)),
            failed=failed,
            p95_ms=p95(timed[timed >= 0]),
            newest=_newest(time[verified >= 0]),
            newest_success=_newest(time[genuine]),
            reason=Reason.AUTH if failed else Reason.OK,
            message=self._message(begin, unverified),
            handed_on=int(np.count_nonzero(genuine & (processed >= 0))),
            unprocessed=int(np.count_nonzero(missed)),
            unprocessed_message=self._message(begin, missed),
        )

    def _message(self, begin: int, marked: Bools) -> str:
        places = np.flatnonzero(marked)
        return (self.messages[begin + int(places[-1])] or "") if len(places) else ""


def bounds(time: Ints, now: int, span: int) -> tuple[int, int]:
    """The first place after `now` - `span`, and the first after `now`."""
    return int(time.searchsorted(now - span, "right")), int(time.searchsorted(now, "right"))


def p95(values: Small) -> float | None:
    """The 95th percentile, interpolated as SQL's quantile_cont does; None of nothing."""
    if not len(values):
        return None
    position = _QUANTILE * (len(values) - 1)
    low, high = math.floor(position), math.ceil(position)
    ordered = values.copy()
    ordered.sort()  # of a few hundred: quicker than to part them at two places
    below, above = float(ordered.item(low)), float(ordered.item(high))
    share = position - low
    return below * (1.0 - share) + above * share


def _nulls_last(way: tuple[int | None, str | None]) -> tuple[bool, int, bool, str]:
    status, word = way
    return status is None, status or 0, word is None, word or ""


def _newest(time: Ints) -> datetime | None:
    return _moment(int(time[-1])) if len(time) else None


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND
