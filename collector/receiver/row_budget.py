"""How many rows may be in memory at once: those that are being read, beside those that wait to be written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from collector.intake import CAPACITY
from collector.receiver.body import BodyRefused

_COME_AGAIN_SECONDS = 1.0
_TOO_MANY = "too many rows are being read or wait to be written; send them again"


def _none() -> int:
    return 0


@dataclass(slots=True)
class RowBudget:
    """The rows of all requests that are being read, which must fit beside the `waiting` ones of the intake.

    A row takes many times the bytes it came in, so that a limit of bytes alone does not bound memory.
    """

    waiting: Callable[[], int] = _none
    capacity_rows: int = CAPACITY
    taken: int = 0
    _handed_over: int = 0

    @contextmanager
    def share(self) -> Iterator["RowShare"]:
        """The share of one request, given back at the end."""
        share = RowShare(self)
        try:
            yield share
        finally:
            self.taken -= share.rows
            if share.handed_over:
                self._handed_over -= share.rows

    def others(self, rows: int) -> int:
        """The rows in memory beside `rows` of one request. What was handed over waits, and counts once."""
        return self.taken - rows + max(0, self.waiting() - self._handed_over)

    def hand_over(self, rows: int) -> None:
        """Note that so many of `taken` are among the `waiting` from now on."""
        self._handed_over += rows


@dataclass(slots=True)
class RowShare:
    """What one request has of the budget."""

    budget: RowBudget
    rows: int = 0
    handed_over: bool = False

    def take(self, more: int) -> None:
        """Count `more` rows that were read. Raises `BodyRefused` (429) when they do not fit beside others.

        A request that is alone is never refused: it would be again however often it came.
        """
        others = self.budget.others(self.rows)
        if others and others + self.rows + more > self.budget.capacity_rows:
            raise BodyRefused(429, _TOO_MANY, _COME_AGAIN_SECONDS)
        self.rows += more
        self.budget.taken += more

    def hand_over(self) -> None:
        """From now on the intake has these rows."""
        self.handed_over = True
        self.budget.hand_over(self.rows)
