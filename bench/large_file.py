"""The file queries are measured on: 16 services, 30 days, 691,200 checks, 3 million calls, or many times it.

`python -m bench.large_file PATH [TIMES]` writes one; 100 times as large it takes a quarter of an hour. More
rows mean more checks and calls in the same 30 days of the same services: each is looked at more often.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from analytics.db import Connection, FileLocation, migrate, read_only, transact
from analytics.rollups import next_step, take

DAYS = 30
CHECKS_A_DAY, CALLS_A_DAY, DELIVERIES_A_DAY = 16 * 24 * 60, 100_000, 5_000

_SERVICES = """
INSERT INTO services BY NAME
SELECT service_type, service_name, row_number() OVER () - 1 AS position, 'http' AS probe,
    'http://127.0.0.1/' AS target, 60 AS interval_seconds, 300 AS stale_after_seconds,
    1000 AS healthy_ms, 3000 AS down_ms, true AS enabled, '[]' AS depends_on, $now AS updated_at,
    CASE service_type WHEN 'api' THEN 'calls' WHEN 'webhook' THEN 'deliveries' ELSE 'present' END AS basis,
    CASE service_type WHEN 'api' THEN 6 ELSE 3 END AS sure_after, 95 AS healthy_above_percent,
    90 AS down_below_percent, service_name AS traffic_name, 99.9 AS objective
FROM (VALUES
    ('mcp', 'shopify'), ('mcp', 'context7'), ('mcp', 'chrome-devtools'), ('mcp', 'analytics'),
    ('mcp', 'filesystem'), ('mcp', 'memory'), ('mcp', 'sequential-thinking'),
    ('api', 'shopify'), ('api', 'chatwoot'), ('api', 'openai'), ('api', 'google_analytics'),
    ('webhook', 'shopify'), ('webhook', 'chatwoot'),
    ('infrastructure', 'supabase'), ('infrastructure', 'fly'), ('infrastructure', 'redis')
) AS known(service_type, service_name)
"""

#: A service has stretches of 20 minutes in which it is down or degraded, about 1 and 2 in a hundred.
_CHECKS = """
INSERT INTO integration_health_checks BY NAME
WITH looks AS (
    SELECT $day + to_microseconds(i * 86400000000 // $rounds) + to_milliseconds(7 * position) AS timestamp,
        service_type, service_name, i,
        hash(service_type, service_name, epoch_us($day) // 1000000 + (i * 86400 // $rounds) // 1200) % 1000
            AS luck
    FROM range($rounds) AS _(i), services
)
SELECT uuid() AS id, timestamp, service_type, service_name,
    CASE WHEN luck < 10 THEN 'down' WHEN luck < 30 THEN 'degraded' ELSE 'healthy' END AS status,
    CASE WHEN luck < 10 THEN 'timeout' WHEN luck < 30 THEN 'slow' ELSE 'ok' END AS reason,
    CAST(80 + 400 * random() AS INTEGER) AS response_time_ms,
    CASE WHEN luck < 10 THEN 0 ELSE 100 END AS success_rate,
    CASE WHEN luck < 10 THEN 3 ELSE 0 END AS error_count, 0 AS retry_count,
    '{"server": "example", "tools": 14}' AS details, 'answered, 14 tools' AS message, 1 AS attempt,
    CAST('01900000-0000-7000-8000-' ||
        lpad(CAST(epoch_us($day) * $rounds // 86400000000 + i AS VARCHAR), 12, '0') AS UUID) AS run_id
FROM looks
ORDER BY timestamp
"""

_CALLS = """
INSERT INTO api_metrics BY NAME
WITH calls AS (
    SELECT $day + to_microseconds(i * 86400000000 // $calls) AS timestamp,
        ['shopify', 'chatwoot', 'openai', 'google_analytics'][1 + i % 4] AS api_name,
        hash(i) % 11 AS endpoint, random() AS luck, random() + random() + random() AS sum_of_three
    FROM range($calls) AS _(i)
)
SELECT uuid() AS id, timestamp, api_name, '/resource-' || endpoint || '/{id}' AS endpoint,
    CASE WHEN endpoint % 3 = 0 THEN 'POST' ELSE 'GET' END AS method,
    CASE WHEN luck < 0.01 THEN 503 ELSE 200 END AS status_code,
    CAST(exp(3.2 + 1.4 * sum_of_three + 0.05 * endpoint) AS INTEGER) AS response_time_ms,
    CASE WHEN luck < 0.01 THEN 'HTTP 503' END AS error_message,
    CASE WHEN luck < 0.03 THEN 1 ELSE 0 END AS retries, CASE WHEN luck < 0.01 THEN 'http_5xx' END AS reason,
    'shop' AS origin, 'requests' AS quota_name, CAST(i_quota AS DOUBLE) AS quota_used, 1000.0 AS quota_limit
FROM (SELECT *, hash(timestamp) % 800 AS i_quota FROM calls)
"""

_DELIVERIES = """
INSERT INTO webhook_metrics BY NAME
SELECT uuid() AS id, $day + to_microseconds(i * 86400000000 // $deliveries) AS timestamp,
    ['shopify', 'chatwoot'][1 + i % 2] AS source, 'w-' || i AS webhook_id,
    ['orders/create', 'orders/paid', 'message_created'][1 + i * 7919 % 3] AS event_type,
    random() > 0.002 AS verified, random() > 0.004 AS processed,
    CAST(5 + 60 * random() AS INTEGER) AS processing_time_ms, 'receiver' AS origin
FROM range($deliveries) AS _(i)
"""

_RUNS = """
INSERT INTO collector_runs BY NAME
SELECT CAST('01900000-0000-7000-8000-' ||
        lpad(CAST(epoch_us($day) * $rounds // 86400000000 + i AS VARCHAR), 12, '0') AS UUID) AS id,
    uuid() AS cycle_id, 1 AS part, true AS complete, 'bench' AS collector, '0' AS version,
    $day + to_microseconds(i * 86400000000 // $rounds) AS started_at,
    $day + to_microseconds(i * 86400000000 // $rounds) + INTERVAL 1 SECOND AS finished_at,
    60 AS interval_seconds, 16 AS services, 16 AS checks, 0 AS failures
FROM range($rounds) AS _(i)
"""

_INCIDENTS = """
INSERT INTO integration_incidents BY NAME
SELECT uuid() AS id, min(timestamp) AS began_at, min(timestamp) + INTERVAL 20 SECOND AS created_at,
    max(timestamp) + INTERVAL 1 MINUTE AS resolved_at, service_type, service_name, 'critical' AS severity,
    service_name || ' is down' AS title, 'no answer' AS description, 'resolved' AS status,
    'timeout' AS reason, 'service_down' AS rule, 0 AS relapses
FROM integration_health_checks WHERE status = 'down' AND timestamp >= $since
GROUP BY service_type, service_name, time_bucket(INTERVAL 20 MINUTE, timestamp)
"""


def write(
    location: FileLocation, now: datetime, times: int = 1, progress: Callable[[str], None] = print
) -> None:
    """Fill a new file with the 30 days before `now`, a day a transaction, and roll up what is finished."""
    migrate(location)
    transact(location, lambda connection: connection.execute(_SERVICES, {"now": now}))
    for number in range(DAYS):
        day = now - timedelta(days=DAYS - number)
        transact(location, partial(_write_day, day=day, times=times))
        progress(f"day {number + 1} of {DAYS}")
    # Incidents come from the small part of the file that every size shares.
    since = now - timedelta(days=DAYS)
    transact(location, lambda connection: connection.execute(_INCIDENTS, {"since": since}))
    roll_up_all(location, now, progress)


def roll_up_all(location: FileLocation, now: datetime, progress: Callable[[str], None] = print) -> None:
    """Roll up every finished hour, in the steps in which the collector does it."""
    while True:
        with read_only(location) as connection:
            step = next_step(connection, now)
        if step is None:
            return
        transact(location, partial(take, step=step))
        progress(str(step))


def _write_day(connection: Connection, day: datetime, times: int) -> None:
    values = {
        "day": day,
        "rounds": CHECKS_A_DAY // 16 * times,
        "calls": CALLS_A_DAY * times,
        "deliveries": DELIVERIES_A_DAY * times,
    }
    for statement in (_CHECKS, _CALLS, _DELIVERIES, _RUNS):
        connection.execute(
            statement, {name: value for name, value in values.items() if f"${name}" in statement}
        )


def main(path: str, times: str = "1") -> None:
    """Write the file at `path`."""
    begun = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {what}", flush=True)

    write(FileLocation(Path(path)), datetime.now(UTC).replace(second=0, microsecond=0), int(times), tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
