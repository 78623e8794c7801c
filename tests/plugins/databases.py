"""The two kinds of database the product runs on, empty and at the current schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.db import LakeLocation, Location, lake, locate, migrate
from tests.empty_database import empty_database
from tests.need import missing
from tests.plugins.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def lake_template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database that holds a migrated lake without rows: to be copied, which is much quicker."""
    try:
        __import__("duckdb_extension_ducklake")
    except ModuleNotFoundError:
        missing("DuckLake", "pip install -r requirements-scale.txt")
    name = postgres_server.create_database()
    folder = str(tmp_path_factory.mktemp("template") / "lake")
    location = locate(f"ducklake:postgres:{postgres_server.keywords(name)}", folder)
    migrate(location)
    let_go(location)
    return name


def migrated_lake(server: PostgresServer, template: str, folder: Path) -> Location:
    """A copy of the lake in `template`, with its Parquet files in `folder`."""
    name, data = server.create_database(template), str(folder / "lake")
    server.execute(name, f"UPDATE ducklake_metadata SET value = '{data}/' WHERE key = 'data_path'")
    return locate(f"ducklake:postgres:{server.keywords(name)}", data)


def let_go(location: Location) -> None:
    """Detach a lake that nobody uses any more. Its instances of DuckDB, with the extensions loaded, which
    takes 0.3 s of work, are for the next lake."""
    assert isinstance(location, LakeLocation)
    known = lake._lakes()
    for key in [key for key in known.instances if key[0] == location]:
        lake._put_back(known.instances.pop(key))


@pytest.fixture(params=["file", "lake"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Location]:
    """A database file, and then a DuckLake on a real PostgreSQL."""
    if request.param == "file":
        yield empty_database(tmp_path)
    else:
        template = request.getfixturevalue("lake_template")
        location = migrated_lake(request.getfixturevalue("postgres_server"), template, tmp_path)
        yield location
        let_go(location)
