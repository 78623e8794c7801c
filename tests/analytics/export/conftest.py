"""A database with rows that are hard to write down, made once for all tests of this folder."""

from collections.abc import Iterator

import duckdb
import pytest

from analytics.db import read_only, transact
from tests.analytics.export.rows import fill
from tests.empty_database import empty_database


@pytest.fixture(scope="package")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    location = empty_database(tmp_path_factory.mktemp("export"))
    transact(location, fill)
    with read_only(location) as found:
        yield found
