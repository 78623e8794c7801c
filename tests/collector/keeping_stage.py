"""Hours of calls and checks in a database, and a collector's keeping of it at a moment of a test's choice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from analytics.db import Connection, Location, read_only, transact
from collector.keeping import Keeping

#: Five minutes past the full hour: the hour before is over.
NOW = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)

_CALLS = """
    INSERT INTO api_metrics (id, timestamp, api_name, endpoint, method, status_code, response_time_ms)
    SELECT uuidv7(), $since::TIMESTAMPTZ + INTERVAL 1 SECOND * (30 * i), 'shopify', '/orders', 'GET',
        200, 100 + i % 50
    FROM range($count) AS numbers(i)
"""
_CHECKS = """
    INSERT INTO integration_health_checks
        (id, timestamp, service_type, service_name, status, error_count, reason, attempt, run_id)
    SELECT uuidv7(), $since::TIMESTAMPTZ + INTERVAL 1 SECOND * (60 * i), 'mcp', 'context7', 'healthy',
        0, 'ok', 1, uuid()
    FROM range($count // 2) AS numbers(i)
"""
_RUN = """
    INSERT INTO collector_runs BY NAME
    SELECT uuid() AS id, uuid() AS cycle_id, 1 AS part, true AS complete, 'x' AS collector, '1' AS version,
        $at AS started_at, $at AS finished_at, 60 AS interval_seconds, 1 AS services, 1 AS checks,
        0 AS failures
"""


def keeping(location: Location, now: datetime = NOW, days: int = 30, log: Any = None, **more: Any) -> Keeping:
    """Keeps single rows for so many `days`."""
    quiet = log or structlog.wrap_logger(None, processors=[_drop])
    return Keeping(location, timedelta(days=days), 13, quiet, lambda: now, **more)


def ran(location: Location, at: datetime) -> None:
    """A cycle that ended then."""
    transact(location, lambda connection: connection.execute(_RUN, {"at": at}))


def _drop(*_: Any) -> Any:
    raise structlog.DropEvent


def fill(location: Location, since: datetime, hours: int) -> None:
    """Two calls and a check a minute from `since` on."""

    def work(connection: Connection) -> None:
        for statement in (_CALLS, _CHECKS):
            connection.execute(statement, {"since": since, "count": 120 * hours})

    transact(location, work)


async def all_steps(kept: Keeping) -> int:
    """Take steps until there is nothing to do; how many there were."""
    steps = 0
    while await kept.step():
        steps += 1
    return steps


def fetch(location: Location, sql: str) -> list[tuple[Any, ...]]:
    with read_only(location) as connection:
        return connection.execute(sql).fetchall()


def sums(location: Location) -> Sequence[tuple[Any, ...]]:
    """Requests, times and checks in the sums; hours of them."""
    return fetch(
        location,
        """SELECT (SELECT sum(requests) FROM traffic_hours WHERE service_type = 'api'),
                  (SELECT sum(requests) FROM latency_hours WHERE service_type = 'api'),
                  (SELECT sum(checks) FROM check_hours),
                  (SELECT count(DISTINCT hour) FROM traffic_hours)""",
    )[0]


def single_rows(location: Location) -> tuple[int, int]:
    """Calls and checks that are there one by one."""
    calls = fetch(location, "SELECT count(*) FROM api_metrics")[0][0]
    return calls, fetch(location, "SELECT count(*) FROM integration_health_checks")[0][0]
