"""What the tests of imports do again and again: import, and look what is there."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from analytics import imports
from analytics.db import Location, read_only
from tests.analytics.imports.other_monitors import Row, beat

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def bring(location: Location, path: Path, now: datetime = NOW, **options: Any) -> imports.Imported:
    """Plan and run an import; `options` are those of `run`, and `mapping`."""
    plan = imports.plan(location, path, mapping=options.pop("mapping", None))
    return imports.run(location, plan, now, **options)


def answer(location: Location, statement: str) -> list[tuple[Any, ...]]:
    """What `statement` returns."""
    with read_only(location) as connection:
        return connection.execute(statement).fetchall()


def everything(location: Location) -> list[tuple[Any, ...]]:
    """All there is of checks and sums, without ids."""
    return answer(
        location,
        """
        SELECT 'check', timestamp, status, reason, message, NULL, NULL FROM integration_health_checks
        UNION ALL SELECT 'hour', hour, status, reason, NULL, sum(checks), round(sum(seconds), 3)
        FROM check_hours GROUP BY ALL
        UNION ALL SELECT 'span', begun, status, reason, NULL, NULL, round(epoch(ended), 3) FROM status_spans
        UNION ALL SELECT 'requests', hour, NULL, reason, NULL, sum(requests), sum(errors) FROM traffic_hours
        GROUP BY ALL
        ORDER BY ALL
        """,
    )


def counted(location: Location) -> dict[str, int]:
    """How many checks of each status the hours hold."""
    found = answer(location, "SELECT status, sum(checks) FROM check_hours GROUP BY status")
    return {status: int(count) for status, count in found}


def minutely(since: datetime, minutes: int, down: Sequence[int] = ()) -> list[Row]:
    """Heartbeats every minute; those at the places `down` failed."""
    return [
        beat(
            1,
            since + MINUTE * place,
            0 if place in down else 1,
            msg="timeout" if place in down else "200 - OK",
        )
        for place in range(minutes)
    ]


def sums(begun: datetime, up: int, down: int, maintenance: int = 0) -> Row:
    """A row of `stat_hourly` or `stat_daily`."""
    extras = json.dumps({"maintenance": maintenance}) if maintenance else None
    stamp = int(begun.timestamp())
    return {"monitor_id": 1, "timestamp": stamp, "ping": 3.5, "up": up, "down": down, "extras": extras}
