"""Runs for the database tests: a `collector_runs` row that says how many checks belong to it, and the checks.

A run is whole when as many checks are there as it says: that is what a kill must not break.
"""

import json
from uuid import uuid4

import duckdb

from analytics.db import FileLocation, Location, read_only

_RUN = """
    INSERT INTO collector_runs
    SELECT $run, $run, 1, true, 'test', '0', now(), now(), 60, $checks, $checks, 0
"""
_CHECKS = """
    INSERT INTO integration_health_checks BY NAME
    SELECT unnest(from_json($rows::JSON, $structure), max_depth := 2)
"""
_STRUCTURE = {
    "id": "UUID",
    "timestamp": "TIMESTAMPTZ",
    "service_type": "VARCHAR",
    "service_name": "VARCHAR",
    "status": "VARCHAR",
    "response_time_ms": "INTEGER",
    "success_rate": "DECIMAL(5,2)",
    "error_count": "INTEGER",
    "retry_count": "INTEGER",
    "details": "JSON",
    "reason": "VARCHAR",
    "message": "VARCHAR",
    "attempt": "INTEGER",
    "run_id": "UUID",
}


def insert_run(connection: duckdb.DuckDBPyConnection, checks: int = 16) -> str:
    """Add one run with its checks; its id."""
    run = str(uuid4())
    rows = [_check(run, number) for number in range(checks)]
    connection.execute(_CHECKS, {"rows": json.dumps(rows), "structure": json.dumps([_STRUCTURE])})
    connection.execute(_RUN, {"run": run, "checks": checks})
    return run


def run_ids(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The ids of all runs."""
    return {row[0] for row in connection.execute("SELECT id::VARCHAR FROM collector_runs").fetchall()}


def run_counts(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """For every run, and every run id that only checks have: the checks it says and the checks there are."""
    return connection.execute(
        """
        SELECT coalesce(runs.checks, 0), coalesce(found.checks, 0)
        FROM collector_runs AS runs
        FULL JOIN (SELECT run_id, count(*) AS checks FROM integration_health_checks GROUP BY run_id) AS found
            ON found.run_id = runs.id
        """
    ).fetchall()


def whole_runs(location: Location) -> set[str]:
    """The ids of all runs in a database; fails when one of them is half there."""
    with read_only(location) as connection:
        assert [pair for pair in run_counts(connection) if pair[0] != pair[1]] == []
        return run_ids(connection)


def beside(location: FileLocation) -> set[str]:
    """What lies beside a file, but for the locks and what stays there."""
    names = {path.name for path in location.path.parent.iterdir()}
    return names - {"health.duckdb", "health.duckdb.writing", "health.duckdb.lock", "health.duckdb.undo"}


def _check(run: str, number: int) -> dict[str, object]:
    return {
        "id": str(uuid4()),
        "timestamp": "2026-01-01T12:00:00.123456+00:00",
        "service_type": "api",
        "service_name": f"service-{number}",
        "status": "healthy",
        "response_time_ms": 100 + number,
        "success_rate": 99.5,
        "error_count": 0,
        "retry_count": 0,
        "details": {"number": number},
        "reason": "ok",
        "message": "answered",
        "attempt": 1,
        "run_id": run,
    }
