"""The schema: fresh, half and newer databases, and what a lake is not told."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from analytics.db import FileLocation, LakeLocation, Location, migrate, pending, read_only, schema_version
from analytics.db.migrations import Migration, known
from tests.analytics.db.programs import Program

TABLES = {
    "alerts",
    "api_metrics",
    "circuit_events",
    "collector_runs",
    "incident_events",
    "integration_health_checks",
    "integration_incidents",
    "notifications",
    "schema_version",
    "check_hours",
    "latency_hours",
    "services",
    "webhook_metrics",
}
NAMES = [step.name for step in known()]


def tables(location: Location) -> set[str]:
    with read_only(location) as connection:
        rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'health'")
        return {row[0] for row in rows.fetchall()}


def test_a_fresh_database_gets_every_step(location: Location) -> None:
    assert tables(location) >= TABLES
    assert schema_version(location) == known()[-1].version
    assert pending(location) == []
    with read_only(location) as connection:
        rows = connection.execute("SELECT version, name FROM schema_version ORDER BY version").fetchall()
    assert rows == [(step.version, step.name) for step in known()]


def test_migrating_tells_what_it_did_and_then_does_nothing(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "new" / "folder" / "health.duckdb")
    assert migrate(location) == NAMES
    before = location.path.read_bytes()
    assert migrate(location) == []
    assert location.path.read_bytes() == before


def test_an_older_database_keeps_its_rows_and_gets_what_it_lacks(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    with duckdb.connect(str(location)) as connection:
        connection.execute(known()[0].statements(lake=False))
        connection.execute("CREATE TABLE schema_version (version INTEGER, name TEXT, applied_at TIMESTAMPTZ)")
        connection.execute("INSERT INTO schema_version VALUES (1, 'initial', now())")
        connection.execute(
            """INSERT INTO api_metrics (id, timestamp, api_name, status_code)
               VALUES (uuid(), now(), 'openai', 200)"""
        )
    assert pending(location) == NAMES[1:]
    assert migrate(location) == NAMES[1:]
    with read_only(location) as connection:
        rows = connection.execute(
            "SELECT api_name, status_code, reason, quota_used FROM api_metrics"
        ).fetchall()
    assert rows == [("openai", 200, None, None)]


def test_an_empty_database_gets_every_step(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    duckdb.connect(str(location)).close()
    assert pending(location) == NAMES
    assert migrate(location) == NAMES
    assert tables(location) >= TABLES


def test_a_half_migrated_database_gets_the_rest(tmp_path: Path) -> None:
    """As an older version of the project left it: its steps are recorded, the newer ones are missing."""
    location = FileLocation(tmp_path / "health.duckdb")
    with duckdb.connect(str(location)) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER, name TEXT, applied_at TIMESTAMPTZ)")
        connection.execute("INSERT INTO schema_version VALUES (0, 'before everything', now())")
    assert schema_version(location) == 0
    assert migrate(location) == NAMES
    with read_only(location) as connection:
        rows = connection.execute("SELECT name FROM schema_version ORDER BY version").fetchall()
    assert [row[0] for row in rows] == ["before everything", *NAMES]


def test_a_step_that_fails_leaves_nothing(file: FileLocation) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("DELETE FROM schema_version")
    assert pending(file) == NAMES
    with pytest.raises(duckdb.CatalogException, match="already exists"):
        migrate(file)
    assert pending(file) == NAMES


def test_a_lake_is_not_told_what_only_a_file_knows() -> None:
    step = Migration(1, "x", "CREATE TABLE a (\n    b TEXT\n    , CHECK (b <> '')  -- file only\n);\n")
    assert step.statements(lake=True) == "CREATE TABLE a (\n    b TEXT\n);"
    assert "CHECK" in step.statements(lake=False)
    for known_step in known():
        assert not re.search(r"\b(CHECK|UNIQUE|PRIMARY|INDEX)\b *\(", known_step.statements(lake=True))


def test_the_file_itself_refuses_a_status_that_is_none(file: FileLocation) -> None:
    with duckdb.connect(str(file)) as connection, pytest.raises(duckdb.ConstraintException):
        connection.execute(
            """
            INSERT INTO integration_health_checks (id, timestamp, service_type, service_name, status, reason,
                attempt, run_id) VALUES (uuid(), now(), 'api', 'x', 'fine', 'ok', 1, uuid())
            """
        )


def test_steps_are_numbered_without_gaps() -> None:
    assert [step.version for step in known()] == list(range(1, len(known()) + 1))


def together(where: str) -> list[str]:
    """What three processes say that migrate at the same moment."""
    migrators = [Program("migrator", where) for _ in range(3)]
    try:
        assert [migrator.line() for migrator in migrators] == ["ready"] * 3
        for migrator in migrators:
            migrator.say()
        return sorted(migrator.line() for migrator in migrators)
    finally:
        for migrator in migrators:
            migrator.__exit__()


def each_once(said: list[str]) -> bool:
    """Each migration is a transaction of its own: which process makes which is chance, how often is not."""
    return sorted((name for one in said for name in json.loads(one)), key=NAMES.index) == NAMES


def test_three_processes_make_one_file(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / "data" / "health.duckdb")
    assert each_once(together(str(location)))
    assert tables(location) >= TABLES


def test_three_processes_make_one_lake(empty_lake: LakeLocation) -> None:
    where = json.dumps([empty_lake.connection, empty_lake.data_path])
    assert each_once(together(where))
    assert tables(empty_lake) >= TABLES
    assert schema_version(empty_lake) == known()[-1].version
