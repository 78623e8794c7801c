"""Rows for the tests of rollups, and what the parts of `rollups.sql` make of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from analytics.coverage import Coverage
from analytics.ids import uuid7
from analytics.named_sql import FOLDER, parse, with_parts
from collector.store import insert_rows

SCHEMA = Path(__file__).parents[3] / "analytics" / "sql" / "schema"
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = timedelta(hours=1)
RUN = uuid7()

ROLLUPS = (
    "check_hours",
    "status_spans",
    "traffic_hours",
    "latency_hours",
    "service_latency_hours",
    "quota_hours",
)
TABLES = (
    *ROLLUPS,
    "integration_health_checks",
    "api_metrics",
    "webhook_metrics",
    "circuit_events",
    "collector_runs",
    "services",
    "maintenance",
    "integration_incidents",
    "incident_events",
    "notifications",
    "mutes",
    "vendor_incidents",
    "reports",
    "alert_events",
    "rollup_state",
    "late_hours",
)
Row = dict[str, Any]


def in_memory() -> duckdb.DuckDBPyConnection:
    """A database in memory at the current schema."""
    made = duckdb.connect()
    made.execute("SET TimeZone='UTC'")
    for path in sorted(SCHEMA.glob("*.sql")):
        made.execute(path.read_text())
    return made


def empty(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")


def at(hours: float = 0, **span: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours, **span)


def check(name: str, moment: datetime, status: str = "healthy", reason: str = "ok", **more: Any) -> Row:
    row = {"id": uuid7(), "service_type": "mcp", "service_name": name, "attempt": 1, "run_id": RUN}
    return row | {"timestamp": moment, "status": status, "reason": reason, "error_count": 0} | more


def call(name: str, moment: datetime, latency_ms: int | None = 100, **more: Any) -> Row:
    row = {"id": uuid7(), "api_name": name, "endpoint": "/a", "method": "GET", "status_code": 200}
    return row | {"timestamp": moment, "response_time_ms": latency_ms} | more


def delivery(source: str, moment: datetime, **more: Any) -> Row:
    row = {"id": uuid7(), "source": source, "event_type": "paid", "verified": True, "processed": True}
    return row | {"timestamp": moment, "processing_time_ms": 5} | more


def maintenance(name: str, starts_at: datetime, ends_at: datetime) -> Row:
    row = {"id": uuid7(), "name": "move", "service_type": "mcp", "service_name": name}
    return row | {"starts_at": starts_at, "ends_at": ends_at}


def insert(
    connection: duckdb.DuckDBPyConnection,
    checks: Sequence[Row] = (),
    calls: Sequence[Row] = (),
    deliveries: Sequence[Row] = (),
    announced: Sequence[Row] = (),
) -> None:
    insert_rows(connection, "integration_health_checks", checks)
    insert_rows(connection, "api_metrics", calls)
    insert_rows(connection, "webhook_metrics", deliveries)
    insert_rows(connection, "maintenance", announced)


def configure(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    interval_seconds: float = 60,
    service_type: str = "mcp",
    traffic_name: str | None = None,
    enabled: bool = True,
) -> None:
    """A service of the table `services`."""
    connection.execute(
        "INSERT INTO services BY NAME SELECT $type AS service_type, $name AS service_name, 0 AS position, "
        "'http' AS probe, '' AS target, CAST($interval AS DOUBLE) AS interval_seconds, 300 AS "
        "stale_after_seconds, 1000 AS healthy_ms, 3000 AS down_ms, $enabled AS enabled, '[]' AS depends_on, "
        "now() AS updated_at, "
        "CAST($traffic AS TEXT) AS traffic_name",
        {
            "type": service_type,
            "name": name,
            "interval": interval_seconds,
            "traffic": traffic_name,
            "enabled": enabled,
        },
    )


def finish(
    connection: duckdb.DuckDBPyConnection, rolled_until: datetime | None, raw_since: datetime | None = None
) -> None:
    """Say how far the rollups go, and since when single rows are complete."""
    connection.execute("DELETE FROM rollup_state")
    connection.execute(
        "INSERT INTO rollup_state VALUES ($until, $since)", {"until": rolled_until, "since": raw_since}
    )


def part(name: str, statement: str) -> str:
    """`statement` with the part `name` of `rollups.sql` before it."""
    known = {
        one.name: one for one in parse((FOLDER / "rollups.sql").read_text(), "rollups.sql") if one.is_part
    }
    (asked,) = parse(f"-- name: asked\n-- It.\n-- uses: {name}\n{statement}", "test")
    return with_parts(asked, known).sql


def pieces(connection: duckdb.DuckDBPyConnection, name: str, period: Coverage) -> list[Row]:
    """The rows of the part `name` over `period`, in any order."""
    asked = connection.execute(part(name, f"SELECT * FROM {name}"), period.bound())
    columns = [column[0] for column in asked.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in asked.fetchall()]


def rolled(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the rollups, in order."""
    return {table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in ROLLUPS}
