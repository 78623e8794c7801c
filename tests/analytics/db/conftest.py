"""Databases for the tests of this folder: a file, and a lake on a real PostgreSQL."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from analytics.db import FileLocation, LakeLocation, Location, close, migrate, transact
from tests.need import missing
from tests.plugins.postgres_server import PostgresServer


@pytest.fixture
def file(tmp_path: Path) -> FileLocation:
    """A migrated file in a folder of its own."""
    location = FileLocation(tmp_path / "data" / "health.duckdb")
    migrate(location)
    return location


def _extensions() -> None:
    if find_spec("duckdb_extension_ducklake") is None:
        missing("DuckLake", "pip install -r requirements-scale.txt")


@pytest.fixture
def empty_lake(
    postgres_server: PostgresServer, postgres_database: str, tmp_path: Path
) -> Iterator[LakeLocation]:
    """Where a lake can be made: an empty database and an empty folder."""
    _extensions()
    location = LakeLocation(postgres_server.keywords(postgres_database), str(tmp_path / "lake"))
    yield location
    close(location)


@pytest.fixture(scope="session")
def shared_lake(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LakeLocation]:
    """A migrated lake of this test run."""
    _extensions()
    connection = postgres_server.keywords(postgres_server.create_database())
    location = LakeLocation(connection, str(tmp_path_factory.mktemp("lake")))
    migrate(location)
    yield location
    close(location)


@pytest.fixture
def lake(shared_lake: LakeLocation) -> LakeLocation:
    """A migrated lake without rows."""

    def clear(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("DELETE FROM integration_health_checks")
        connection.execute("DELETE FROM collector_runs")

    transact(shared_lake, clear)
    return shared_lake


@pytest.fixture(params=["file", "lake"])
def location(request: pytest.FixtureRequest) -> Location:
    """A migrated database: every test with it runs on a file and on a lake."""
    found: Location = request.getfixturevalue(request.param)
    return found
