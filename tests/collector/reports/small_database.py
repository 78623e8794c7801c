"""A database of two days and three services, made by hand: what its reports say can be counted on fingers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from analytics.db import Location, locate, migrate, transact

#: 08:00 in Berlin.
END = datetime(2026, 11, 24, 7, tzinfo=UTC)
START = END - timedelta(days=1)

_CHECKS = """
INSERT INTO integration_health_checks (id, timestamp, service_type, service_name, status, response_time_ms,
    error_count, retry_count, reason, message, attempt, run_id)
SELECT uuid(), moment, $type, $name, $status, $ms, $errors, 0, 'ok', '', 1, uuid()
FROM (SELECT unnest(generate_series($start, $until - INTERVAL 1 MINUTE, INTERVAL 1 MINUTE)) AS moment)
"""
_RUNS = """
INSERT INTO collector_runs
SELECT uuid(), uuid(), 1, true, 'test', '0', moment, moment, 60, 3, 3, 0
FROM (SELECT unnest(generate_series($start, $until - INTERVAL 1 MINUTE, INTERVAL 1 MINUTE)) AS moment)
"""
_CALLS = """
INSERT INTO api_metrics (id, timestamp, api_name, endpoint, method, status_code, response_time_ms, retries)
SELECT uuid(), $start + to_seconds(30 * number), 'shopify', '/orders', 'GET',
    CASE WHEN number % 50 = 0 THEN 500 ELSE 200 END, 100 + number % 100,
    CASE WHEN number % 50 = 0 THEN 1 ELSE 0 END
FROM (SELECT unnest(range($calls)) AS number)
"""
_DELIVERIES = """
INSERT INTO webhook_metrics (id, timestamp, source, event_type, verified, processed, processing_time_ms)
SELECT uuid(), $start + to_minutes(number), 'shopify', 'orders/create', number % 100 <> 0,
    CASE WHEN number % 100 = 0 THEN NULL ELSE true END, 20 + number % 10
FROM (SELECT unnest(range(1000)) AS number)
"""
_INCIDENT = """
INSERT INTO integration_incidents (id, created_at, resolved_at, service_type, service_name, severity, title,
    status, reason, began_at, acknowledged_at, acknowledged_by, relapses, rule)
VALUES ($id::UUID, $created, $resolved, 'api', 'shopify', $severity, $title, $status, 'http_5xx', $began,
    $acknowledged, 'anna', $relapses, 'service_down')
"""
_NOTIFICATION = """
INSERT INTO notifications (id, incident_id, channel, action, dedup_key, payload, state, attempts, created_at,
    delivered_at, last_error, severity)
VALUES (uuid(), $incident::UUID, $channel, 'trigger', 'incident/1', '{}', $state, $attempts, $created,
    $delivered, $error, 'critical')
"""
_SUPPRESSED = """
INSERT INTO alert_events (id, timestamp, rule, service_type, service_name, old_state, new_state, severity,
    title, suppressed_by)
VALUES (uuid(), $at, 'service_down', 'webhook', 'shopify', 'pending', 'firing', 'critical', $title, $why)
"""
_MAINTENANCE = "INSERT INTO maintenance VALUES (uuid(), $name, $type, $service, $starts, $ends)"
_SERVICE = """
INSERT INTO services (service_type, service_name, position, probe, target, interval_seconds,
    stale_after_seconds, healthy_ms, down_ms, enabled, depends_on, updated_at)
VALUES ($type, $name, $position, 'http', 'https://a.example', 60, 300, 1000, 3000, true, '[]', $now)
"""


def migrated(folder: Path) -> Location:
    """An empty database in `folder`."""
    location = locate(str(folder / "health.duckdb"), None)
    migrate(location)
    return location


def filled(folder: Path) -> Location:
    """The database of two days."""
    location = migrated(folder)
    transact(location, fill)
    return location


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Two days: Redis well, Shopify down for 14 minutes, a stop of 30 minutes, maintenance."""
    before = START - timedelta(days=1)
    for position, (kind, name) in enumerate(
        [("infrastructure", "redis"), ("api", "shopify"), ("webhook", "shopify")]
    ):
        service(connection, kind, name, position)
    stop, again = START + timedelta(hours=20), START + timedelta(hours=20, minutes=30)
    for start, until in ((before, stop), (again, END)):
        connection.execute(_RUNS, {"start": start, "until": until})
        checks(connection, "infrastructure", "redis", "healthy", start, until, ms=5)
    down, up = START + timedelta(hours=3), START + timedelta(hours=3, minutes=14)
    for start, until, status in ((before, down, "healthy"), (down, up, "down"), (up, stop, "healthy")):
        checks(connection, "api", "shopify", status, start, until, ms=150)
    checks(connection, "api", "shopify", "degraded", again, again + timedelta(minutes=6), ms=150)
    checks(connection, "api", "shopify", "healthy", again + timedelta(minutes=6), END, ms=150)
    broken = START + timedelta(hours=10)
    checks(connection, "webhook", "shopify", "healthy", before, broken)
    checks(connection, "webhook", "shopify", "down", broken, broken + timedelta(hours=1))
    checks(connection, "webhook", "shopify", "healthy", broken + timedelta(hours=1), stop)
    checks(connection, "webhook", "shopify", "unknown", again, END)
    connection.execute(_CALLS, {"start": before, "calls": 2000})
    connection.execute(_CALLS, {"start": START, "calls": 2500})
    connection.execute(_DELIVERIES, {"start": START})
    known = "01a1759e-21c5-7356-8738-b38e48b94bb4"
    incident(connection, known, "Shopify API failing: 500 on 100 % of 12 calls", down, up)
    notification(connection, known, "oncall", "delivered", down + timedelta(seconds=60))
    notification(connection, known, "team", "refused", down + timedelta(seconds=60), "404 no_service")
    suppressed(connection, broken, "Shopify webhooks down", "maintenance: nightly import")
    maintenance(connection, "nightly import", "webhook", "shopify", broken, broken + timedelta(minutes=90))


def service(connection: duckdb.DuckDBPyConnection, kind: str, name: str, position: int) -> None:
    values = {"type": kind, "name": name, "position": position, "now": START}
    connection.execute(_SERVICE, values)


def checks(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    name: str,
    status: str,
    start: datetime,
    until: datetime,
    ms: int | None = None,
) -> None:
    """One check a minute from `start` until just before `until`."""
    values = {"type": kind, "name": name, "status": status, "ms": ms, "errors": int(status == "down")}
    connection.execute(_CHECKS, {**values, "start": start, "until": until})


def runs(connection: duckdb.DuckDBPyConnection, start: datetime, until: datetime) -> None:
    """One cycle a minute."""
    connection.execute(_RUNS, {"start": start, "until": until})


def incident(
    connection: duckdb.DuckDBPyConnection,
    known: str,
    title: str,
    began: datetime,
    resolved: datetime | None,
) -> None:
    values = {
        "id": known,
        "title": title,
        "severity": "critical",
        "began": began,
        "created": began + timedelta(seconds=20),
        "resolved": resolved,
        "status": "open" if resolved is None else "resolved",
        "acknowledged": began + timedelta(minutes=4),
        "relapses": 1,
    }
    connection.execute(_INCIDENT, values)


def notification(
    connection: duckdb.DuckDBPyConnection,
    known: str | None,
    channel: str,
    state: str,
    at: datetime,
    error: str | None = None,
) -> None:
    delivered = at if state == "delivered" else None
    values = {"incident": known, "channel": channel, "state": state, "attempts": 1, "created": at}
    connection.execute(_NOTIFICATION, {**values, "delivered": delivered, "error": error})


def suppressed(connection: duckdb.DuckDBPyConnection, at: datetime, title: str, why: str) -> None:
    connection.execute(_SUPPRESSED, {"at": at, "title": title, "why": why})


def maintenance(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    kind: str,
    service_name: str,
    starts: datetime,
    ends: datetime,
) -> None:
    values = {"name": name, "type": kind, "service": service_name, "starts": starts, "ends": ends}
    connection.execute(_MAINTENANCE, values)
