"""How fast one channel may be told things: what is under way, what it asked for, and whether it works."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from collector.notify.base import Outcome, Receipt
from collector.notify.retry import LONGEST_ASKED, is_due
from collector.store_outbox import WaitingRow

MOST_AT_ONCE = 4
#: Slack takes one message a second over an incoming webhook: https://docs.slack.dev/apis/web-api/rate-limits
GAPS = {"slack": timedelta(seconds=1)}


@dataclass
class Pace:
    """The state of one channel. `failing_since` is the first failure or refusal since something was accepted,
    None when there is none; `last_error` is what it said last."""

    gap: timedelta = timedelta(0)
    at_once: int = MOST_AT_ONCE
    under_way: int = 0
    failing_since: datetime | None = None
    last_error: str = ""
    _started_at: datetime | None = None
    _asked_until: datetime | None = None
    _recovered: bool = False
    _works: bool = False
    _early: set[UUID] = field(default_factory=set)

    def look(self, rows: Iterable[WaitingRow]) -> None:
        """See what waits now: when the channel has just recovered, what failed before waits no longer."""
        if self._recovered:
            self._early = {row.id for row in rows if row.attempts}
            self._recovered = False

    def ready_at(self, row: WaitingRow, now: datetime) -> datetime:
        """When `row` may be sent, as far as that is known: `now`, or later."""
        moments = [now]
        if (
            row.next_attempt_at is not None
            and row.id not in self._early
            and not is_due(row.next_attempt_at, now)
        ):
            moments.append(row.next_attempt_at)
        if self._asked_until is not None and not is_due(self._asked_until, now):
            moments.append(self._asked_until)
        if self._started_at is not None and self._started_at <= now:
            moments.append(self._started_at + self.gap)
        return max(moments)

    @property
    def full(self) -> bool:
        """Whether as many are under way as may be."""
        return self.under_way >= self.at_once

    def started(self, row: WaitingRow, now: datetime) -> None:
        """`row` is being sent."""
        self.under_way += 1
        self._started_at = now
        self._early.discard(row.id)

    def answered(self, receipt: Receipt, now: datetime) -> None:
        """An attempt ended with `receipt`."""
        if receipt.outcome is Outcome.ACCEPTED:
            self.failing_since, self._asked_until = None, None
            if not self._works:
                self._works = self._recovered = True
            return
        # One that refuses everything tells nobody anything, however fast it answers.
        self.failing_since = self.failing_since or now
        self.last_error = receipt.answer
        if receipt.outcome is Outcome.FAILED:
            self._works = False
            if receipt.retry_after is not None and receipt.retry_after > 0:
                self._asked_until = now + min(timedelta(seconds=min(receipt.retry_after, 1e6)), LONGEST_ASKED)


def pace_of(kind: str) -> Pace:
    """The pace of a channel of this kind."""
    gap = GAPS.get(kind, timedelta(0))
    return Pace(gap, 1 if gap else MOST_AT_ONCE)
