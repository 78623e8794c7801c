"""An empty database in memory: made once a module, emptied for each test."""

from collections.abc import Iterator

import duckdb
import pytest

from tests.analytics.rollups.stage import empty, in_memory


@pytest.fixture(scope="module")
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as made:
        yield made


@pytest.fixture
def connection(_database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A database of all tables without a row."""
    empty(_database)
    return _database
