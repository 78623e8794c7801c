"""The checks of one service in the order of time, and what they said at the moment of any part.

The same figures as those of the query `looks` in `analytics/sql/evidence.sql`; a test compares them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np

from analytics.model import Reason, Status
from analytics.replay.recording import (
    REASONS,
    STATUSES,
    Bools,
    CheckColumns,
    Ints,
    Occurrence,
    to_datetime,
    to_microseconds,
)
from analytics.rules.signals import Looks
from analytics.rules.slo import FAST, SLOW, Share

_SPANS = (SLOW.long, FAST.long, SLOW.short, FAST.short)
_MICROSECOND = timedelta(microseconds=1)
_DOWN, _UNKNOWN = STATUSES.index(Status.DOWN), STATUSES.index(Status.UNKNOWN)


@dataclass(frozen=True)
class History:
    """The rows of one service in `CheckColumns`, with running sums over those that are last attempts.

    `known` and `down` count what an error budget counts, in and without each first so many rows; `lost` is
    the newest last attempt among them that found the collector's own network lost, -1 without one. `counts`
    says of each row by itself whether it is counted, would it be the newest; `early` marks those that were
    counted once, with the part they are of: that maintenance had begun was put on record after it was looked.
    `done` is when each part was written.
    """

    row: Ints
    part: Ints
    time: Ints
    status: Ints
    offline: Bools
    counts: Bools
    early: Bools
    known: Ints
    down: Ints
    lost: Ints
    done: Ints

    def visible(self, part: int) -> int:
        """How many of the rows were written by the end of `part`."""
        return int(self.written[part])

    @cached_property
    def written(self) -> Ints:
        """Of each part how many of the rows were written by its end."""
        return np.searchsorted(self.part, np.arange(len(self.done)), side="right")

    @cached_property
    def _begins(self) -> dict[timedelta, Ints]:
        """Of each part the first row within each of the windows that end with it."""
        return {
            span: np.searchsorted(self.time, self.done - span // _MICROSECOND, side="right")
            for span in _SPANS
        }

    def looks(self, checks: CheckColumns, part: int) -> Looks | None:
        """What the rows written by the end of `part` say at that moment; None without any in six hours."""
        last = self.visible(part) - 1
        oldest = int(self._begins[SLOW.long][part])
        if last < oldest:
            return None
        lost = last if self.offline[last] else int(self.lost[last])
        word = REASONS[int(checks.reason[self.row[last]])]
        return Looks(
            newest=to_datetime(int(self.time[last])),
            status=STATUSES[int(self.status[last])],
            reason=Reason(word) if word else Reason.ERROR_RATE,
            offline_at=to_datetime(int(self.time[lost])) if lost >= oldest else None,
            shares={span: self._share(last, part, span) for span in _SPANS},
        )

    def _share(self, last: int, part: int, span: timedelta) -> Share:
        """Of the rows before `last` the last attempts count, and `last` itself, whatever will follow it."""
        first = int(self._begins[span][part])
        if first > last:
            return Share()
        own = bool(self.counts[last] or (self.early[last] and part == self.part[last]))
        bad = own and self.status[last] == _DOWN
        return Share(
            int(self.down[last] - self.down[first]) + int(bad),
            int(self.known[last] - self.known[first]) + int(own),
        )


def history(checks: CheckColumns, service: int, done: Ints, maintenance: Iterable[Occurrence]) -> History:
    """The history of the service at that place.

    `done` is when each part was written, `maintenance` that of the service.
    """
    row = np.flatnonzero(checks.service == service)
    time, status, attempt = checks.time[row], checks.status[row], checks.attempt[row]
    final = np.ones(len(row), dtype=np.bool_)
    final[:-1] = attempt[1:] <= attempt[:-1]
    counts, early = status != _UNKNOWN, np.zeros(len(row), dtype=np.bool_)
    for one in maintenance:
        begin, end = to_microseconds(one.starts_at), to_microseconds(one.ends_at)
        during = counts & (time >= begin) & (time < end)
        counts &= ~during
        early |= during & (checks.part[row] == np.searchsorted(done, begin, side="left"))
    offline = checks.with_reason(Reason.COLLECTOR_OFFLINE)[row]
    lost = np.where(offline & final, np.arange(len(row)), -1)
    return History(
        row=row,
        part=checks.part[row],
        time=time,
        status=status,
        offline=offline,
        counts=counts,
        early=early,
        known=_running(counts & final),
        down=_running(counts & final & (status == _DOWN)),
        lost=np.concatenate([[-1], np.maximum.accumulate(lost)]) if len(row) else np.array([-1]),
        done=done,
    )


def _running(marked: Bools) -> Ints:
    """How many of each first so many rows are marked."""
    sums: Ints = np.concatenate([[0], np.cumsum(marked, dtype=np.int64)])
    return sums
