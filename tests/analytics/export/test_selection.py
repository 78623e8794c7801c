"""Which rows and columns come, and what is said when there are none such."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
import pytest

from analytics.db import LakeLocation, close, migrate, read_only, transact
from analytics.export import DATASETS, ExportError, count, dataset_named, export
from analytics.export.tables import TABLES
from analytics.model import ServiceKey, ServiceType
from tests.analytics.export.rows import NOW, SHOP, fill, ident
from tests.plugins.postgres_server import PostgresServer

CHECKS = "integration_health_checks"
SHP = ServiceKey(ServiceType.API, "shp")
GONE = ServiceKey(ServiceType.INFRASTRUCTURE, "gone")
DAY = {"since": NOW - timedelta(days=1), "until": NOW}


def numbers(connection: duckdb.DuckDBPyConnection, dataset: str, **wish: object) -> list[int]:
    """The numbers of the rows that are exported; as many as are counted."""
    stream = io.BytesIO()
    whole = {"since": None, "until": None, **wish}
    done = export(connection, dataset, "parquet", stream, **whole)  # type: ignore[arg-type]
    assert count(connection, dataset, **whole) == done.rows  # type: ignore[arg-type]
    known = {str(ident(number)): number for number in range(20)}
    return [known[text] for text in parquet.read_table(stream)["id"].to_pylist()]


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, [0, 1, 2, 3, 4, 5, 6]),
        (minutes_ago(3), None, [5, 6]),
        (minutes_ago(3) - timedelta(microseconds=1), None, [4, 5, 6]),
        (None, minutes_ago(5), [0, 1, 2]),
        (None, minutes_ago(5) - timedelta(microseconds=1), [0, 1]),
        (minutes_ago(6), minutes_ago(4), [2, 3]),
    ],
)
def test_the_period_has_its_first_moment_and_not_its_last(
    connection: duckdb.DuckDBPyConnection, since: datetime | None, until: datetime | None, found: list[int]
) -> None:
    assert numbers(connection, CHECKS, since=since, until=until) == found


@pytest.mark.parametrize(
    ("dataset", "services", "found"),
    [
        (CHECKS, [SHOP], [1, 3, 5]),
        (CHECKS, [GONE], [0, 2, 4, 6]),
        (CHECKS, [SHOP, GONE], [0, 1, 2, 3, 4, 5, 6]),
        (CHECKS, [], []),
        ("api_metrics", [SHOP], [1, 3]),
        ("api_metrics", [ServiceKey(ServiceType.API, "unknown")], [0, 2]),
        ("webhook_metrics", [SHOP], []),
        ("integration_incidents", [SHOP], [1]),
        ("incident_events", [SHOP], [1]),
        ("incident_events", None, [1, 2]),
    ],
)
def test_rows_of_services(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    services: Sequence[ServiceKey] | None,
    found: list[int],
) -> None:
    assert numbers(connection, dataset, services=services) == found


def test_rows_of_a_status(connection: duckdb.DuckDBPyConnection) -> None:
    assert numbers(connection, CHECKS, statuses=["down"]) == [3]
    assert numbers(connection, CHECKS, statuses=["down", "healthy"], services=[SHOP]) == [1, 3, 5]
    assert numbers(connection, "incidents", statuses=["resolved"], **DAY) == []
    assert numbers(connection, "incidents", statuses=["open"], **DAY) == [1]


@pytest.mark.parametrize(
    ("dataset", "wish", "words"),
    [
        (
            "api_metric",
            {},
            'there is no dataset "api_metric": did you mean "api_metrics"? `python -m analytics export',
        ),
        (CHECKS, {"columns": ["statsu"]}, f'there is no column of {CHECKS} "statsu": did you mean "status"?'),
        (CHECKS, {"columns": ["id", "id"]}, f"{CHECKS}: columns: name at least one, and each once"),
        (CHECKS, {"columns": []}, f"{CHECKS}: columns: name at least one"),
        (CHECKS, {"columns": ['id" --']}, 'no column of integration_health_checks "id" --"'),
        (
            CHECKS,
            {"statuses": ["dwon"]},
            'status of integration_health_checks "dwon": did you mean "down"',
        ),
        ("api_metrics", {"statuses": ["down"]}, "api_metrics: its rows have no status"),
        ("reports", {"services": [SHOP]}, "reports: its rows belong to no service"),
        (
            CHECKS,
            {"services": [SHP]},
            '"api/shp": did you mean "api/shop"? there are',
        ),
        ("webhook_metrics", {"services": [GONE]}, 'there is no service "infrastructure/gone"'),
        (CHECKS, {"since": NOW, "until": NOW}, "the period ends before it begins"),
        (CHECKS, {"since": datetime(2026, 1, 1)}, "since: 2026-01-01 00:00:00 has no time zone"),  # noqa: DTZ001
        ("incidents", {"since": NOW}, "incidents: until is missing: figures are of a period"),
        (
            CHECKS,
            {"timezone": "Europe/Berlim"},
            'zone "Europe/Berlim": did you mean "Europe/Berlin"? a zone',
        ),
    ],
)
def test_what_there_is_not_is_said_in_a_line(
    connection: duckdb.DuckDBPyConnection, dataset: str, wish: dict[str, object], words: str
) -> None:
    stream = io.BytesIO()
    with pytest.raises(ExportError, match=re.escape(words)) as refused:
        export(connection, dataset, "csv", stream, **{"since": None, "until": None, **wish})  # type: ignore[arg-type]
    assert len(str(refused.value).splitlines()) == 1
    assert stream.getvalue() == b""


def test_values_are_bound_and_no_sql(connection: duckdb.DuckDBPyConnection) -> None:
    hostile = ServiceKey(ServiceType.API, "'; DROP TABLE services; --")
    with pytest.raises(ExportError, match="there is no service"):
        numbers(connection, CHECKS, services=[hostile])
    assert count(connection, "services", since=None, until=None) == 1


def test_every_table_can_be_exported(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
    assert {table.name for table in TABLES} == {name for (name,) in rows}


def test_names_are_given_once_and_each_says_what_it_is() -> None:
    assert len(DATASETS) >= len(TABLES) + 4
    for name, dataset in DATASETS.items():
        assert (name, bool(dataset.about)) == (dataset.name, True)


def test_every_dataset_is_chosen_from_by_all_it_offers(connection: duckdb.DuckDBPyConnection) -> None:
    _choose(connection, DATASETS)


def test_a_lake_is_chosen_from_as_a_file_is(postgres_server: PostgresServer, tmp_path: Path) -> None:
    lake = LakeLocation(postgres_server.keywords(postgres_server.create_database()), str(tmp_path / "lake"))
    migrate(lake)
    transact(lake, fill)
    with read_only(lake) as connection:
        _choose(connection, [CHECKS, "incident_events", "incidents"])
    close(lake)


def _choose(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    for dataset in map(dataset_named, names):
        services = [SHOP] if dataset.owner else None
        wish = {"services": services, "statuses": dataset.statuses or None, **DAY}
        stream = io.BytesIO()
        done = export(connection, dataset.name, "ndjson", stream, **wish)  # type: ignore[arg-type]
        assert done.rows == stream.getvalue().count(b"\n")
        if dataset.read is None:
            assert done.rows == count(connection, dataset.name, **wish)  # type: ignore[arg-type]
