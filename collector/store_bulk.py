"""Whole tables at once: how the generated history of the demo gets into its database.

Apart from the running collector's `store`, because nothing else replaces what a table holds. The functions
take the connection of a transaction that `analytics.db.transact` opened; nothing here commits.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import duckdb

#: The tables that a history fills, and that are emptied before.
TABLES = (
    "integration_health_checks",
    "api_metrics",
    "webhook_metrics",
    "circuit_events",
    "integration_incidents",
    "incident_events",
    "alerts",
    "alert_events",
    "alert_rule_changes",
    "mutes",
    "maintenance",
    "notifications",
    "vendor_incidents",
    "vendor_feeds",
    "reports",
    "collector_runs",
    "check_hours",
    "status_spans",
    "traffic_hours",
    "latency_hours",
    "service_latency_hours",
    "quota_hours",
    "rollup_state",
    "late_hours",
    "imports",
)


def replace_tables(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[tuple[str, Any]], collector: str
) -> None:
    """Make `tables` (name and `pyarrow.Table`) all that the database holds of the past.

    Raises `ForeignHistory`, with nothing changed, when it holds runs and none of them is by `collector`.
    """
    if holds_foreign_runs(connection, collector):
        raise ForeignHistory
    for name in TABLES:
        connection.execute(f"DELETE FROM {name}")
    for name, rows in tables:
        connection.register("bulk_rows", rows)
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM bulk_rows")
        connection.unregister("bulk_rows")


class ForeignHistory(Exception):
    """The database holds the history of a real collector."""


def holds_foreign_runs(connection: duckdb.DuckDBPyConnection, collector: str) -> bool:
    """Whether there are runs, and none of them by `collector`."""
    row = connection.execute(
        "SELECT count(*) > 0 AND count(*) FILTER (collector = $collector) = 0 FROM collector_runs",
        {"collector": collector},
    ).fetchone()
    return bool(row and row[0])


def newest_run(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the newest run was finished; None without any."""
    row = connection.execute("SELECT max(finished_at) FROM collector_runs").fetchone()
    return row[0] if row else None
