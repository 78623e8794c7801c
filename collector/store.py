"""The only INSERT, UPDATE and DELETE of the collector.

Rows travel as one JSON parameter a table: measured as fast as bound values, with the types checked by the
database, and the same for 1 row and 50,000. Every function takes the connection of a transaction that
`analytics.db.transact` opened; nothing here commits.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb

from analytics.ids import uuid7
from analytics.model import CheckResult, ServiceInfo
from collector.store_columns import COLUMNS


@dataclass(frozen=True, slots=True)
class Run:
    """One transaction of a cycle: the heartbeat, a row of `collector_runs`.

    `failures` counts the attempts that did not pass; `services` those that took part.
    """

    id: UUID
    cycle_id: UUID
    part: int
    complete: bool
    collector: str
    version: str
    started_at: datetime
    finished_at: datetime
    interval: timedelta
    services: int
    failures: int


def columns_of(table: str) -> Mapping[str, str]:
    """The columns of one of the tables of `store_columns` with their types, in the order of the table."""
    return COLUMNS[table]


def insert_run(connection: duckdb.DuckDBPyConnection, run: Run, checks: Sequence[CheckResult]) -> None:
    """Add one heartbeat and the checks that belong to it."""
    insert_rows(connection, "integration_health_checks", [_check_row(check, run.id) for check in checks])
    row = {
        "id": run.id,
        "cycle_id": run.cycle_id,
        "part": run.part,
        "complete": run.complete,
        "collector": run.collector,
        "version": run.version,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "interval_seconds": run.interval.total_seconds(),
        "services": run.services,
        "checks": len(checks),
        "failures": run.failures,
    }
    insert_rows(connection, "collector_runs", [row])


def replace_services(
    connection: duckdb.DuckDBPyConnection, services: Sequence[ServiceInfo], now: datetime
) -> None:
    """Make `services` say exactly what is monitored from `now` on; an unchanged list writes nothing."""
    rows = [_service_row(position, info) for position, info in enumerate(services)]
    columns = [name for name in COLUMNS["services"] if name != "updated_at"]
    stored = connection.execute(f"SELECT {', '.join(columns)} FROM services ORDER BY position").fetchall()
    if [_read_back(dict(zip(columns, values, strict=True))) for values in stored] == rows:
        return
    connection.execute("DELETE FROM services")
    insert_rows(connection, "services", [{**row, "updated_at": now} for row in rows])


def _read_back(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "depends_on": json.loads(row["depends_on"])}


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add `rows` (keys are column names; a missing key is NULL) to one of the tables of `store_columns`."""
    if not rows:
        return
    structure = json.dumps([COLUMNS[table]])
    connection.execute(
        f"INSERT INTO {table} BY NAME SELECT unnest(from_json($rows::JSON, $structure), max_depth := 2)",
        {"rows": json.dumps(rows, default=_plain), "structure": structure},
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _check_row(check: CheckResult, run_id: UUID) -> dict[str, Any]:
    verdict, milliseconds = check.verdict, check.verdict.response_time_ms
    return {
        "id": uuid7(int(check.timestamp.timestamp() * 1000)),
        "timestamp": check.timestamp,
        "service_type": check.service.service_type.value,
        "service_name": check.service.service_name,
        "status": verdict.status.value,
        "response_time_ms": None if milliseconds is None else round(milliseconds),
        "success_rate": verdict.success_rate,
        "error_count": check.error_count,
        "retry_count": check.retry_count,
        "details": check.details,
        "reason": verdict.reason.value,
        "message": verdict.message,
        "attempt": check.attempt,
        "run_id": run_id,
    }


def _service_row(position: int, info: ServiceInfo) -> dict[str, Any]:
    return {
        "service_type": info.service.service_type.value,
        "service_name": info.service.service_name,
        "position": position,
        "probe": info.probe,
        "target": info.target,
        "interval_seconds": info.interval.total_seconds(),
        "stale_after_seconds": info.policy.stale_after.total_seconds(),
        "healthy_ms": float(info.policy.healthy_ms),
        "down_ms": float(info.policy.down_ms),
        "enabled": info.enabled,
        "depends_on": [str(key) for key in info.depends_on],
        "runbook": info.runbook,
        "basis": info.policy.basis.value,
        "sure_after": info.policy.sure_after,
        "healthy_above_percent": float(info.policy.healthy_above_percent),
        "down_below_percent": float(info.policy.down_below_percent),
        "traffic_name": info.traffic_name,
        "objective": info.objective,
    }
