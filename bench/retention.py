"""How large the file is after a year of daily sums and deletions, and whether it stays so.

16 services checked each minute, with the heartbeat that deleting goes by, and 100,000 API calls a day, spread
over 4 APIs with 10 endpoints each, are written a day at a time, the checks of a cycle with its id; the
collector's own keeping sums each day up (24 hours at once, where it does one in each hour) and deletes rows
older than 30 days and sums older than 13 months. Run it with `python -m bench.retention [DAYS]`.
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from analytics.db import Connection, FileLocation, migrate, transact
from bench.figure import Figure, table
from collector.keeping import Keeping

SERVICES = 16
CALLS_A_DAY = 100_000
RAW_DAYS = 30
MONTHS = 13
YEAR = 396
AND_A_MONTH = 30
_START = datetime(2026, 1, 1, tzinfo=UTC)

_CHECKS = """
    INSERT INTO integration_health_checks
    SELECT uuidv7(),
        $day::TIMESTAMPTZ + INTERVAL 1 MINUTE * (i // $services) + INTERVAL 1 SECOND * (i % $services),
        CASE WHEN i % $services < 8 THEN 'mcp' ELSE 'infrastructure' END, 'service-' || (i % $services),
        CASE WHEN hash(i, $number) % 400 = 0 THEN 'down' ELSE 'healthy' END,
        CAST(exp(4 + i % $services / 8 + 0.4 * sqrt(-2 * ln(1 - 0.999999 * random()))
            * cos(6.28318 * random())) AS INTEGER),
        99.5, CASE WHEN hash(i, $number) % 400 = 0 THEN 1 ELSE 0 END, 0,
        '{"http_status": 200, "dns_ms": 1.2, "first_byte_ms": ' || (i * 31) % 400 || '}',
        CASE WHEN hash(i, $number) % 400 = 0 THEN 'timeout' ELSE 'ok' END, 'answered', 1,
        CAST(md5(concat($number, '-', i // $services)) AS UUID)
    FROM range(1440 * $services) AS numbers(i)
"""
_CALLS = """
    INSERT INTO api_metrics
        (id, timestamp, api_name, endpoint, method, status_code, response_time_ms, retries, reason, origin)
    SELECT uuidv7(), $day::TIMESTAMPTZ + to_microseconds(i * (86400000000 // $calls)),
        'api-' || (hash(i, 1) % 4), '/v1/things/' || (hash(i, 2) % 10), 'GET',
        CASE WHEN hash(i, $number) % 200 = 0 THEN 503 ELSE 200 END,
        CAST(exp(4 + hash(i, 2) % 10 / 4 + 0.5 * sqrt(-2 * ln(1 - 0.999999 * random()))
            * cos(6.28318 * random())) AS INTEGER),
        0, CASE WHEN hash(i, $number) % 200 = 0 THEN 'http_5xx' END, 'app-' || (i % 3)
    FROM range($calls) AS numbers(i)
"""
_RUNS = """
    INSERT INTO collector_runs
    SELECT uuidv7(), uuid(), 1, true, 'bench', '0', $day::TIMESTAMPTZ + INTERVAL 1 MINUTE * i,
        $day::TIMESTAMPTZ + INTERVAL 1 MINUTE * i + INTERVAL 2 SECOND, 60, $services, $services, 0
    FROM range(1440) AS numbers(i)
"""


def measure(days: int = YEAR + AND_A_MONTH) -> list[Figure]:
    """The sizes of the file on the way through `days`, and what a day's keeping took."""
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        sizes, seconds = asyncio.run(_live(FileLocation(Path(folder) / "health.duckdb"), days))
    year, last = sizes[min(YEAR, days) - 1], sizes[-1]
    return [
        Figure(
            f"size of a file of {RAW_DAYS} days with sums of all of it", sizes[min(RAW_DAYS, days) - 1], "MB"
        ),
        Figure(f"size after {MONTHS} months of daily retention", year, "MB", 250),
        Figure("the largest it was at any day's end", max(sizes), "MB", 250),
        Figure("size a month later to that, when as much goes as comes", last / year, "times", 1.05),
        Figure("the longest transaction of a day's keeping", max(seconds) * 1000, "ms"),
    ]


async def _live(location: FileLocation, days: int) -> tuple[list[float], list[float]]:
    """Megabytes at the end of each day, and the seconds of each transaction of keeping."""
    migrate(location)
    clock = [_START]
    kept = Keeping(location, timedelta(days=RAW_DAYS), MONTHS, structlog.get_logger(), lambda: clock[0])
    sizes, seconds = [], []
    for number in range(days):
        transact(location, partial(_one_day, number=number))
        clock[0] = _START + timedelta(days=number + 1, minutes=5)
        more = True
        while more:
            started = time.perf_counter()
            more = await kept.step()
            seconds.append(time.perf_counter() - started)
        sizes.append(location.path.stat().st_size / 1e6)
        if number % 30 == 29:
            print(f"day {number + 1}: {sizes[-1]:.1f} MB", file=sys.stderr, flush=True)
    return sizes, seconds


def _one_day(connection: Connection, number: int) -> None:
    day = _START + timedelta(days=number)
    connection.execute(_CHECKS, {"day": day, "number": number, "services": SERVICES})
    connection.execute(_CALLS, {"day": day, "number": number, "calls": CALLS_A_DAY})
    connection.execute(_RUNS, {"day": day, "services": SERVICES})


if __name__ == "__main__":
    print(table(measure(*map(int, sys.argv[1:]))))
