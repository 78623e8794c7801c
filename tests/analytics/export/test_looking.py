"""What is said of an export before it is made: rows, size, the first rows."""

import io
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from analytics.export import FORMATS, ExportError, export, look
from analytics.export.looking import _SAMPLE
from analytics.model import ServiceKey, ServiceType
from tests.analytics.export.rows import NOW, SHOP

CHECKS = "integration_health_checks"
ALL: dict[str, Any] = {"since": None, "until": None}
DAY: dict[str, Any] = {"since": NOW - timedelta(days=1), "until": NOW}


def written(connection: duckdb.DuckDBPyConnection, dataset: str, form: str, **wish: Any) -> tuple[int, int]:
    done = export(connection, dataset, form, io.BytesIO(), **wish)
    return done.rows, done.bytes


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("dataset", "wish"),
    [
        (CHECKS, ALL),
        (CHECKS, {**ALL, "services": [SHOP]}),
        (CHECKS, {**DAY, "columns": ["status", "id"]}),
        ("availability", DAY),
        ("mutes", ALL),
    ],
)
def test_of_few_rows_the_size_is_that_of_the_file(
    connection: duckdb.DuckDBPyConnection, dataset: str, wish: dict[str, Any], form: str
) -> None:
    found = look(connection, dataset, form, **wish)

    assert found.exact
    assert (found.total, found.size) == written(connection, dataset, form, **wish)


def test_the_first_rows_come_with_their_columns(connection: duckdb.DuckDBPyConnection) -> None:
    found = look(connection, CHECKS, "csv", **ALL, columns=["service_name", "status"], rows=2)

    assert [column.name for column in found.columns] == ["service_name", "status"]
    assert len(found.rows) == 2
    assert all(len(row) == 2 and isinstance(row[0], str) for row in found.rows)
    assert found.total > 2


def test_of_many_rows_the_size_is_guessed_closely() -> None:
    rows = 5 * _SAMPLE
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE collector_runs AS SELECT n AS cycle, now() AS finished_at FROM range($1) AS r(n)",
            [rows],
        )
        found = look(connection, "collector_runs", "ndjson", **ALL)
        _, size = written(connection, "collector_runs", "ndjson", **ALL)

    assert (found.total, found.exact) == (rows, False)
    assert found.size == pytest.approx(size, rel=0.1)


@pytest.mark.parametrize(
    ("dataset", "form", "wish", "says"),
    [
        ("checks", "csv", ALL, 'no dataset "checks"'),
        (CHECKS, "xml", ALL, 'no format "xml"'),
        ("availability", "csv", ALL, "since is missing"),
        (CHECKS, "csv", {**ALL, "services": [ServiceKey(ServiceType.API, "nobody")]}, "no service"),
        (CHECKS, "csv", {**ALL, "columns": ["statu"]}, 'did you mean "status"'),
    ],
)
def test_what_cannot_be_exported_is_said(
    connection: duckdb.DuckDBPyConnection, dataset: str, form: str, wish: dict[str, Any], says: str
) -> None:
    with pytest.raises(ExportError, match=says):
        look(connection, dataset, form, **wish)
