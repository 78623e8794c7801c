"""What reading and writing traffic costs in files that hold 30 days of it.

In a file of a million calls and in one of ten, a tenth of them in the last hour: the windows of one verdict
cycle, and the transaction that takes a batch in and looks whether its ids are there already. Each figure
includes what really happens to it: the file is opened for the work, and closed after it.

Run it with `python -m bench.judging`.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from analytics.db import Connection, FileLocation, keep_pandas_out, migrate, read_only, transact
from analytics.ids import uuid7_texts
from analytics.windows import call_windows, delivery_rhythms, delivery_windows
from bench.figure import Figure, table
from collector.store_traffic import Row, insert_new

CALLS = (1_000_000, 10_000_000)
ROUNDS = 7
_SMALL, _LARGE = 10, 20_000
_CALL_WINDOWS = "windows of a tenth of the calls, the last hour"
_TAKE_IN = "take in {count:,} rows, {kind} ids"
_ORDERED = _TAKE_IN.format(count=_SMALL, kind="ordered")
_GROWING = (_CALL_WINDOWS, _ORDERED, _TAKE_IN.format(count=_LARGE, kind="ordered"))

#: Calls (or deliveries) of 30 days, of which the last tenth stands in the last hour, in order of time.
_MOMENTS = """
    SELECT i, $now - to_microseconds(CASE
        WHEN i < 0.9 * $rows THEN 3600000000 + (1 - i / (0.9 * $rows)) * 29 * 86400000000
        ELSE ($rows - i) / (0.1 * $rows) * 3600000000 END::BIGINT) AS moment, md5(i::VARCHAR) AS digits
    FROM range($rows) AS numbers(i)
"""
_IDS = """
    SELECT *, CASE WHEN i % 100 < $random_in_hundred THEN uuid() ELSE (substr(stamp, 1, 8) || '-' ||
        substr(stamp, 9) || '-7' || substr(digits, 1, 3) || '-8' || substr(digits, 4, 3) || '-' ||
        substr(digits, 7, 12))::UUID END AS id
    FROM (SELECT *, printf('%012x', epoch_ms(moment)) AS stamp FROM moments)
"""
_CALLS = f"""
    INSERT INTO api_metrics BY NAME
    WITH moments AS ({_MOMENTS}), numbered AS ({_IDS})
    SELECT id, moment AS timestamp, 'api-' || i % 16 AS api_name, 'POST' AS method,
        '/v1/things/' || i % 7 || '/{{id}}' AS endpoint,
        CASE WHEN i % 50 = 0 THEN 503 ELSE 200 END AS status_code,
        CASE WHEN i % 50 = 0 THEN 'HTTP 503' END AS error_message,
        CASE WHEN i % 50 = 0 THEN 'http_5xx' END AS reason,
        50 + (i * 7919) % 900 AS response_time_ms, (i % 40 = 0)::INTEGER AS retries,
        'program-' || i % 3 AS origin
    FROM numbered
"""
_DELIVERIES = f"""
    INSERT INTO webhook_metrics BY NAME
    WITH moments AS ({_MOMENTS}), numbered AS ({_IDS})
    SELECT id, moment AS timestamp, 'source-' || i % 4 AS source, 'delivery-' || i AS webhook_id,
        'orders/create' AS event_type, i % 60 > 0 AS verified,
        CASE WHEN i % 60 > 0 THEN i % 90 > 0 END AS processed, 40 + (i * 7919) % 400 AS processing_time_ms
    FROM numbered
"""


def measure(calls: Sequence[int] = CALLS) -> list[Figure]:
    """Milliseconds, medians, of a process that keeps pandas out as a collector does; then how they grow."""
    command = [sys.executable, "-m", "bench.judging", "child", *map(str, calls)]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    taken: dict[str, dict[str, float]] = json.loads(child.stdout)
    figures = [
        Figure(f"{int(rows):,} calls: {name}", value, "ms")
        for rows, times in taken.items()
        for name, value in times.items()
    ]
    small, large = (taken[str(calls[place])] for place in (0, -1))
    growth = f"{calls[-1] / calls[0]:g} times the calls"
    return figures + [Figure(f"{growth}: {name}", large[name] / small[name], "times") for name in _GROWING]


def _child(calls: Sequence[int]) -> None:
    keep_pandas_out()
    taken = {}
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        for rows in calls:
            print(f"judging: {rows:,} calls ...", file=sys.stderr, flush=True)
            location, now = FileLocation(Path(folder) / f"{rows}.duckdb"), datetime.now(UTC)
            large_traffic(location, rows, now)
            taken[rows] = dict(_times(location, now))
            location.path.unlink()
        location, now = FileLocation(Path(folder) / "mixed.duckdb"), datetime.now(UTC)
        large_traffic(location, calls[-1], now, random_in_hundred=1)
        batches = [_rows(uuid7_texts(_SMALL)) for _ in range(ROUNDS)]
        taken[calls[-1]][f"{_ORDERED}, when 1 of 100 stored ids is random"] = _taken_in(location, batches)
    print(json.dumps(taken))


def large_traffic(location: FileLocation, calls: int, now: datetime, random_in_hundred: int = 0) -> None:
    """30 days of `calls`, and a tenth as many deliveries, up to `now`; a tenth of each in the last hour.

    Of a hundred ids of calls `random_in_hundred` are random, the others are ordered by time (UUIDv7).
    """

    def work(connection: Connection) -> None:
        connection.execute(_CALLS, {"rows": calls, "now": now, "random_in_hundred": random_in_hundred})
        connection.execute(_DELIVERIES, {"rows": calls // 10, "now": now, "random_in_hundred": 0})

    migrate(location)
    transact(location, work)


def _times(location: FileLocation, now: datetime) -> Iterator[tuple[str, float]]:
    """What was measured, and its milliseconds."""
    until = now + timedelta(seconds=1)
    with read_only(location) as connection:
        rhythms = delivery_rhythms(connection, until)
    yield "open the file and close it", _read(location, lambda _: None)
    yield (
        _CALL_WINDOWS,
        _read(location, lambda connection: call_windows(connection, until)),
    )
    yield (
        "windows of a tenth as many deliveries",
        _read(location, lambda connection: delivery_windows(connection, until, rhythms)),
    )
    yield (
        "rhythms of a week of deliveries, once in ten minutes",
        _read(location, lambda connection: delivery_rhythms(connection, until)),
    )
    for count in (_SMALL, _LARGE):
        batches = [_rows(uuid7_texts(count)) for _ in range(ROUNDS)]
        yield _TAKE_IN.format(count=count, kind="ordered"), _taken_in(location, batches)
    yield f"the same {_LARGE:,} rows again, all known", _taken_in(location, batches)
    for count in (_SMALL, _LARGE):
        batches = [_rows([str(uuid4()) for _ in range(count)]) for _ in range(ROUNDS)]
        yield _TAKE_IN.format(count=count, kind="random"), _taken_in(location, batches)


def _read(location: FileLocation, work: Callable[[Connection], Any]) -> float:
    def once() -> float:
        started = time.perf_counter()
        with read_only(location) as connection:
            work(connection)
        return 1000 * (time.perf_counter() - started)

    return median(once() for _ in range(ROUNDS))


def _taken_in(location: FileLocation, batches: Sequence[Sequence[Row]]) -> float:
    """The median of the whole transactions, one for each of `batches`."""

    def once(rows: Sequence[Row]) -> float:
        started = time.perf_counter()
        transact(location, partial(insert_new, table="api_metrics", rows=rows))
        return 1000 * (time.perf_counter() - started)

    return median(once(rows) for rows in batches)


def _rows(ids: Sequence[str]) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [
        {
            "id": key,
            "timestamp": now,
            "api_name": "api-1",
            "endpoint": "/v1/things/{id}",
            "method": "GET",
            "status_code": 200,
            "response_time_ms": 120,
            "retries": 0,
            "origin": "program-1",
        }
        for key in ids
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        _child([int(rows) for rows in sys.argv[2:]])
    else:
        print(table(measure()))
