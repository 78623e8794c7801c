"""docs/data.md names every table there is and every column it has, and each of its statements runs."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from analytics.db import read_only
from tests.empty_database import empty_database

DOCUMENT = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
STATEMENTS = re.findall(r"^    (SELECT (?:.*\n)(?:    .*\n)*)", DOCUMENT, re.MULTILINE)

#: Columns whose meaning is said once for all tables, or that explain themselves.
COMMON = {"id", "run_id", "timestamp", "incident_id", "service_type", "service_name"}
EXPLAINED_BY_TABLE = {"collector_runs", "schema_version"}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with read_only(empty_database(tmp_path_factory.mktemp("documented"))) as found:
        yield found


def test_there_are_statements_to_run() -> None:
    assert len(STATEMENTS) >= 6


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda text: re.findall(r"FROM (\w+)", text)[0])
def test_every_statement_of_the_document_runs(statement: str, connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute(statement).fetchall() == []


def test_every_table_and_its_columns_are_in_the_document(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    ).fetchall()
    tables = {table for table, _ in rows}
    assert {table for table in tables if f"`{table}`" not in DOCUMENT} == set()
    missing = {
        f"{table}.{column}"
        for table, column in rows
        if table not in EXPLAINED_BY_TABLE and column not in COMMON and f"`{column}`" not in DOCUMENT
    }
    assert missing == set()
