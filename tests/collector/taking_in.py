"""An intake at work on a real file, for the tests of it."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from analytics.db import FileLocation, read_only
from collector.intake import Batch, Commit, Intake, Stored
from collector.intake_commit import committing_to
from collector.log import configure
from collector.secrets import Redactor

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def call(**columns: Any) -> dict[str, Any]:
    return {"timestamp": NOW, "api_name": "openai", "status_code": 200, **columns}


def calls(count: int) -> list[dict[str, Any]]:
    return [call(response_time_ms=number) for number in range(count)]


def new_intake(**settings: Any) -> Intake:
    return Intake(configure(Redactor()), **settings)


@asynccontextmanager
async def working(intake: Intake, commit: Commit) -> AsyncIterator[None]:
    task = asyncio.create_task(intake.run(commit))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def stored_in(location: FileLocation, table: str = "api_metrics") -> int:
    with read_only(location) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


class Gate:
    """Commits to a real file, but only when a test opens it; counts the transactions."""

    def __init__(self, location: FileLocation) -> None:
        self._commit = committing_to(location)
        self.opened = threading.Event()
        self.sizes: list[int] = []

    def __call__(self, batches: Sequence[Batch]) -> Sequence[Stored]:
        self.opened.wait(20)
        self.sizes.append(len(batches))
        return self._commit(batches)
