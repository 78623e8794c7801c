"""The row of a delivery, and handing it over without letting its sender wait too long."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from analytics.ids import uuid7
from collector.intake import IntakeFull, IntakeUnavailable
from collector.receiver.webhook_forward import Outcome
from collector.receiver.webhook_source import WebhookSource
from collector.webhooks.verification import Verification

Row = Mapping[str, Any]

TABLE = "webhook_metrics"
ORIGIN = "receiver"


class Store(Protocol):
    """What is needed of an `Intake`."""

    async def store(self, table: str, rows: Sequence[Row], /) -> object: ...

    def offer(self, table: str, rows: Sequence[Row], /) -> int: ...


def delivery_row(
    source: WebhookSource,
    arrived: datetime,
    verification: Verification,
    outcome: Outcome,
    processing_ms: int | None,
    *,
    judged: bool,
) -> Row:
    """The row of `webhook_metrics`. Not `judged`: whether it was genuine could not be told, by our fault."""
    return {
        "id": str(uuid7(int(arrived.timestamp() * 1000))),
        "timestamp": arrived,
        "source": source.source,
        "webhook_id": verification.delivery_id,
        "event_type": verification.event_type,
        "verified": verification.verified if judged else None,
        "processed": outcome.processed if source.upstream is not None else None,
        "error_message": outcome.message,
        "processing_time_ms": processing_ms,
        "reason": outcome.reason,
        "origin": ORIGIN,
    }


class Recording:
    """Rows on their way into the store; one that it cannot take now is offered, and counted if it is lost."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    async def record(self, row: Row, seconds: float) -> None:
        """Wait until `row` is committed, at most `seconds`; it gets there also afterwards."""
        if seconds <= 0.0:
            self.offer(row)
            return
        task = asyncio.create_task(self._hand_over(row), name="webhook row")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task}, timeout=seconds)

    def offer(self, row: Row) -> None:
        """Hand `row` over without waiting."""
        self._store.offer(TABLE, [row])

    async def _hand_over(self, row: Row) -> None:
        try:
            await self._store.store(TABLE, [row])
        except (IntakeFull, IntakeUnavailable):
            self.offer(row)
