"""Running a command in this process, and the small files it is run on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from analytics.db import Location, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey
from collector.store import insert_rows
from tests.analytics.checks_by_hand import Row, check, service, write

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Say(Protocol):
    """`python -m analytics` with these words, on a database."""

    def __call__(
        self, *words: str, db: object = None, width: int = 80, environment: Mapping[str, str] | None = None
    ) -> Said: ...


def beat(moment: datetime) -> Row:
    """A heartbeat of the collector, which looks every minute."""
    return {
        "id": uuid7(),
        "cycle_id": uuid7(),
        "part": 0,
        "complete": True,
        "collector": "a",
        "version": "1",
        "started_at": moment - SECOND,
        "finished_at": moment,
        "interval_seconds": 60.0,
        "services": 1,
        "checks": 1,
        "failures": 0,
    }


def stand(
    location: Location,
    statuses: Mapping[ServiceKey, str | None],
    age: timedelta = 10 * SECOND,
    running: bool = True,
    **said: Any,
) -> Path:
    """Services with one check each, as old as `age`, None for one that was never checked."""
    checks: Sequence[Row] = [
        check(key, NOW - age, status, **said) for key, status in statuses.items() if status is not None
    ]
    write(location, [service(key) for key in statuses], checks)
    last = NOW - (5 * SECOND if running else timedelta(hours=1))
    transact(location, lambda connection: insert_rows(connection, "collector_runs", [beat(last)]))
    return Path(str(location))
