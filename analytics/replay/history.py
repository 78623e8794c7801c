"""The checks of one service in the order of time, and what they said at the moment of any part.

The same figures as those of the query `looks` in `analytics/sql/evidence.sql`; a test compares them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np

from analytics.model import Reason, Status
from analytics.replay.columns import running_sums
from analytics.replay.recording import (
    STATUSES,
    Bools,
    CheckColumns,
    Ints,
    Occurrence,
    to_datetime,
    to_microseconds,
)
from analytics.replay.traffic import Small
from analytics.rules.signals import Looks
from analytics.rules.slo import FAST, SLOW, Share

_SPANS = (SLOW.long, FAST.long, SLOW.short, FAST.short)
_MICROSECOND = timedelta(microseconds=1)
#: What stands for a word this version does not know, and the others as they are placed in `REASONS`.
_REASONS = (Reason.ERROR_RATE, *Reason)
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
    part: Small
    time: Ints
    status: Small
    offline: Bools
    counts: Bools
    early: Bools
    known: Small
    down: Small
    lost: Small
    done: Ints

    def visible(self, part: int) -> int:
        """How many of the rows were written by the end of `part`."""
        return self.written.item(part)

    def written_with(self, part: int) -> list[int]:
        """The places in `CheckColumns` of the rows that are of `part`."""
        begin = self.written.item(part - 1) if part else 0
        rows: list[int] = self.row[begin : self.written.item(part)].tolist()
        return rows

    @cached_property
    def written(self) -> Small:
        """Of each part how many of the rows were written by its end."""
        parts = np.arange(len(self.done), dtype=self.part.dtype)
        return np.searchsorted(self.part, parts, side="right").astype(np.int32)

    @cached_property
    def _begins(self) -> dict[timedelta, Small]:
        """Of each part the first row within each of the windows that end with it."""
        return {
            span: np.searchsorted(self.time, self.done - span // _MICROSECOND, side="right").astype(np.int32)
            for span in _SPANS
        }

    def looks(self, checks: CheckColumns, part: int) -> Looks | None:
        """What the rows written by the end of `part` say at that moment; None without any in six hours."""
        last = self.visible(part) - 1
        oldest = self._begins[SLOW.long].item(part)
        if last < oldest:
            return None
        lost = last if self.offline[last] else self.lost.item(last)
        return Looks(
            newest=to_datetime(self.time.item(last)),
            status=STATUSES[self.status.item(last)],
            reason=_REASONS[checks.reason.item(self.row.item(last))],
            offline_at=to_datetime(self.time.item(lost)) if lost >= oldest else None,
            shares={
                span: Share(bad.item(part), known.item(part)) for span, (bad, known) in self._shares.items()
            },
        )

    @cached_property
    def _shares(self) -> dict[timedelta, tuple[Small, Small]]:
        """Of each part the bad and the known checks within each window.

        Of the rows before the newest the last attempts count, and the newest itself, whatever will follow it.
        """
        last, parts = self.written - 1, np.arange(len(self.done))
        own = self.counts[last] | (self.early[last] & (self.part[last] == parts))
        bad = own & (self.status[last] == _DOWN)
        shares: dict[timedelta, tuple[Small, Small]] = {}
        for span, first in self._begins.items():
            some = first <= last
            first = np.minimum(first, len(self.row))
            shares[span] = (
                np.where(some, self.down[last] - self.down[first] + bad, 0).astype(np.int32),
                np.where(some, self.known[last] - self.known[first] + own, 0).astype(np.int32),
            )
        return shares


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
        known=running_sums(counts & final),
        down=running_sums(counts & final & (status == _DOWN)),
        lost=np.concatenate([[-1], np.maximum.accumulate(lost)]) if len(row) else np.array([-1]),
        done=done,
    )
