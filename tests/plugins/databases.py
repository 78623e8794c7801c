"""The two kinds of database the product runs on, empty and at the current schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.db import Location, close, locate, migrate
from tests.need import missing
from tests.plugins.postgres_server import PostgresServer


def lake(server: PostgresServer, folder: Path) -> Location:
    """A DuckLake in a fresh database of `server`, with its Parquet files in `folder`."""
    try:
        __import__("duckdb_extension_ducklake")
    except ModuleNotFoundError:
        missing("DuckLake", "pip install -r requirements-scale.txt")
    return locate(f"ducklake:postgres:{server.keywords(server.create_database())}", str(folder / "lake"))


@pytest.fixture(params=["file", "lake"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Location]:
    """A database file, and then a DuckLake on a real PostgreSQL."""
    if request.param == "file":
        location: Location = locate(str(tmp_path / "health.duckdb"))
    else:
        location = lake(request.getfixturevalue("postgres_server"), tmp_path)
    migrate(location)
    yield location
    close(location)
