"""Rows of real traffic on their way into the next transaction: bounded, and drops are counted."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]

#: About 40 MB of rows. A cycle normally drains them within a minute.
CAPACITY = 100_000


@dataclass
class Intake:
    """Waiting rows of `api_metrics` and `webhook_metrics`; keys are column names."""

    capacity: int = CAPACITY
    dropped: int = 0
    _calls: deque[Row] = field(default_factory=deque)
    _deliveries: deque[Row] = field(default_factory=deque)

    def record_calls(self, rows: Sequence[Row]) -> None:
        """Take `api_metrics` rows; what does not fit is dropped and counted."""
        self._take(self._calls, rows)

    def record_deliveries(self, rows: Sequence[Row]) -> None:
        """Take `webhook_metrics` rows; what does not fit is dropped and counted."""
        self._take(self._deliveries, rows)

    def _take(self, waiting: deque[Row], rows: Sequence[Row]) -> None:
        room = max(0, self.capacity - len(self._calls) - len(self._deliveries))
        waiting.extend(rows[:room])
        self.dropped += max(0, len(rows) - room)

    def drain(self) -> tuple[list[Row], list[Row]]:
        """Everything that waits, as (calls, deliveries); the intake is empty afterwards."""
        calls, deliveries = list(self._calls), list(self._deliveries)
        self._calls.clear()
        self._deliveries.clear()
        return calls, deliveries
