"""A file of 30 days of checks and nothing else: 16 services, 691,200 checks."""

from datetime import UTC, datetime

from analytics.db import Connection, FileLocation, migrate, transact

SERVICES, MINUTES = 16, 30 * 24 * 60

_FILL = """
INSERT INTO services BY NAME
SELECT ['mcp', 'api', 'webhook', 'infrastructure'][1 + i % 4] AS service_type,
       'service-' || i AS service_name, i AS position, 'http' AS probe, 'http://127.0.0.1/' AS target,
       60 AS interval_seconds,
       300 AS stale_after_seconds, 1000 AS healthy_ms, 3000 AS down_ms, true AS enabled, '[]' AS depends_on,
       $now AS updated_at
FROM range($services) AS _(i);
INSERT INTO integration_health_checks
SELECT uuid(), $now - to_seconds(60 * ($minutes - minute)) + to_milliseconds(i),
       ['mcp', 'api', 'webhook', 'infrastructure'][1 + i % 4], 'service-' || i,
       CASE WHEN random() < 0.01 THEN 'down' ELSE 'healthy' END, CAST(100 + 500 * random() AS INTEGER), 100,
       0, 0, '{"server": "example", "tools": 14, "hash": "' || md5(minute::VARCHAR) || '"}', 'ok',
       'answered in ' || CAST(500 * random() AS INTEGER) || ' ms, 14 tools', 1, uuid()
FROM range($minutes) AS _(minute), range($services) AS _(i) ORDER BY minute, i;
INSERT INTO collector_runs
SELECT uuid(), uuid(), 1, true, 'bench', '0', $now - to_seconds(60 * ($minutes - minute)),
       $now - to_seconds(60 * ($minutes - minute)) + to_seconds(1), 60, $services, $services, 0
FROM range($minutes) AS _(minute)
"""


def large_history(location: FileLocation) -> None:
    """30 days of minutes for 16 services, 691,200 checks, up to now."""
    values = {"now": datetime.now(UTC), "services": SERVICES, "minutes": MINUTES}

    def work(connection: Connection) -> None:
        for statement in _FILL.split(";"):
            connection.execute(
                statement, {name: value for name, value in values.items() if f"${name}" in statement}
            )

    migrate(location)
    transact(location, work)
