"""What only a lake has: a server that may be gone, extensions that may be missing, writers that collide."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from analytics.db import (
    DatabaseBusy,
    DatabaseMissing,
    DatabaseUnusable,
    LakeLocation,
    close,
    compact,
    locate,
    migrate,
    read_only,
    schema_version,
    transact,
)
from tests.analytics.db.programs import Program
from tests.analytics.db.runs import insert_run, run_counts, run_ids
from tests.plugins.ports import free_port
from tests.plugins.postgres_server import PASSWORD, PostgresServer, cluster


def runs(location: LakeLocation) -> set[str]:
    with read_only(location) as connection:
        return run_ids(connection)


@pytest.mark.parametrize("use", [runs, schema_version, lambda location: transact(location, insert_run)])
def test_no_lake_yet(empty_lake: LakeLocation, use: Callable[[LakeLocation], object]) -> None:
    with pytest.raises(DatabaseMissing) as caught:
        use(empty_lake)
    wanted = f"{empty_lake}: there is no database yet: start the collector (python -m collector)"
    assert str(caught.value) == wanted
    assert PASSWORD not in wanted


def test_no_server() -> None:
    port = free_port()
    location = LakeLocation(f"host=127.0.0.1 port={port} dbname=health password=hush", "/lake")
    with pytest.raises(DatabaseUnusable) as caught:
        migrate(location)
    assert str(caught.value) == (
        f"ducklake:postgres:host=127.0.0.1 port={port} dbname=health password=***: PostgreSQL refuses the "
        "connection: Connection refused Is the server running on that host and accepting TCP/IP connections?"
    )


def test_a_wrong_password(postgres_server: PostgresServer, postgres_database: str) -> None:
    right = postgres_server.keywords(postgres_database)
    location = LakeLocation(right.replace(PASSWORD, "wrong-password"), "/lake")
    with pytest.raises(DatabaseUnusable) as caught:
        migrate(location)
    assert str(caught.value) == (
        f"{location}: PostgreSQL refuses the connection: "
        'FATAL: password authentication failed for user "health"'
    )
    assert "wrong-password" not in repr(caught.value) + repr(caught.value.__cause__)


def test_no_such_database(postgres_server: PostgresServer) -> None:
    location = LakeLocation(postgres_server.keywords("nowhere"), "/lake")
    with pytest.raises(DatabaseUnusable) as caught:
        runs(location)
    wanted = f'{location}: PostgreSQL refuses the connection: FATAL: database "nowhere" does not exist'
    assert str(caught.value) == wanted


def test_another_folder_than_the_lake_was_made_with(lake: LakeLocation, tmp_path: Path) -> None:
    other = LakeLocation(lake.connection, str(tmp_path / "other"))
    with pytest.raises(DatabaseUnusable) as caught:
        runs(other)
    assert str(caught.value) == (
        f"{other}: its files are in {lake.data_path}: set HEALTH_DATA_PATH to that, not to {other.data_path}"
    )


def test_without_the_extensions_it_says_how_to_get_them(tmp_path: Path) -> None:
    """In a process that has DuckDB and not the packages of its extensions."""
    installed = Path(duckdb.__file__).parent.parent
    for path in [*installed.glob("duckdb"), *installed.glob("duckdb-*"), *installed.glob("_duckdb*")]:
        (tmp_path / path.name).symlink_to(path)
    program = """
from analytics.db import LakeLocation, read_only
try:
    with read_only(LakeLocation("dbname=health password=hush", "/lake")):
        pass
except Exception as error:
    print(f"{type(error).__name__}: {error}")
"""
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    command = [sys.executable, "-S", "-c", program]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said == (
        "DatabaseUnusable: ducklake:postgres:dbname=health password=***: DuckDB's extension postgres_scanner "
        "is not installed: pip install -r requirements-scale.txt\n"
    )


def test_a_transaction_that_lost_is_run_again(lake: LakeLocation) -> None:
    """Two change the same row: the one who is slower sees the change of the other and adds to it."""
    transact(lake, insert_run)
    met = threading.Barrier(2)
    tries: list[int] = []

    def count(connection: duckdb.DuckDBPyConnection) -> None:
        first = not tries.count(threading.get_ident())
        tries.append(threading.get_ident())
        connection.execute("UPDATE collector_runs SET failures = failures + 1")
        if first:
            met.wait(30)

    threads = [threading.Thread(target=transact, args=(lake, count)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_only(lake) as connection:
        assert connection.execute("SELECT failures FROM collector_runs").fetchall() == [(2,)]
    assert len(tries) > 2


def test_connections_that_the_server_ended_are_made_again(
    lake: LakeLocation, postgres_server: PostgresServer
) -> None:
    written = {transact(lake, insert_run)}
    assert runs(lake) == written
    database = lake.connection.split("dbname=")[1].split()[0]
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    command = [str(postgres_server.binaries / "psql"), postgres_server.dsn(), "-qAtc", end]
    ended = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert ended.split().count("t") > 0
    written.add(transact(lake, insert_run))
    assert runs(lake) == written


def test_an_error_of_the_callers_own_file_is_the_callers_own(lake: LakeLocation) -> None:
    with read_only(lake) as connection, pytest.raises(duckdb.IOException, match="no-such-file"):
        connection.execute("SELECT * FROM read_csv('/no-such-file.csv')")


def test_a_connection_as_a_url(postgres_server: PostgresServer, tmp_path: Path) -> None:
    address = postgres_server.dsn(postgres_server.create_database())
    for url in (address, f"{address}?sslmode=disable"):
        location = locate(f"ducklake:postgres:{url}", str(tmp_path / "lake"))
        assert isinstance(location, LakeLocation)
        migrate(location)
        assert runs(location) == set()
        assert PASSWORD not in str(location)
        close(location)


def test_a_server_that_stops_and_comes_back(tmp_path: Path) -> None:
    with cluster() as server:
        location = LakeLocation(server.keywords(server.create_database()), str(tmp_path / "lake"))
        migrate(location)
        written = {transact(location, insert_run)}
        assert runs(location) == written
        server.stop()
        for use in (runs, lambda location: transact(location, insert_run)):
            with pytest.raises(DatabaseUnusable) as caught:
                use(location)
            assert "PostgreSQL refuses the connection" in str(caught.value)
            assert "\n" not in str(caught.value)
            assert PASSWORD not in str(caught.value)
        server.start()
        assert runs(location) == written
        written.add(transact(location, insert_run))
        assert runs(location) == written
        close(location)


def test_small_transactions_make_no_file_each(lake: LakeLocation) -> None:
    """At one cycle a minute a file each would be 40,000 a month."""
    before = set(Path(lake.data_path).rglob("*.parquet"))
    written = {transact(lake, insert_run) for _ in range(20)}
    assert runs(lake) == written
    assert set(Path(lake.data_path).rglob("*.parquet")) == before


def test_compacting_changes_no_row_and_disturbs_no_writer(lake: LakeLocation) -> None:
    for _ in range(10):
        transact(lake, insert_run)
    with Program("commits", json.dumps([lake.connection, lake.data_path]), 20) as writer:
        first = writer.line()
        compact(lake)
        said = [json.loads(line)[0] for line in (first, *writer.rest())]
        assert writer.process.wait() == 0
    compact(lake)
    assert len(said) == 20
    assert len(runs(lake)) == 30
    assert runs(lake) >= set(said)
    with read_only(lake) as connection:
        assert set(run_counts(connection)) == {(16, 16)}
    assert [path for path in Path(lake.data_path).rglob("*.parquet") if "checks" in str(path)] != []


def parquet_bytes(lake: LakeLocation) -> int:
    return sum(path.stat().st_size for path in Path(lake.data_path).rglob("*.parquet"))


def test_the_space_of_what_is_deleted_comes_back(lake: LakeLocation) -> None:
    def fill(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            """INSERT INTO api_metrics (id, timestamp, api_name, method, response_time_ms)
            SELECT uuid(), TIMESTAMPTZ '2026-11-24' + INTERVAL 1 SECOND * i, 'shopify', 'GET', i % 900
            FROM range(20000) AS numbers(i)"""
        )

    def empty(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("DELETE FROM api_metrics WHERE timestamp < TIMESTAMPTZ '2026-11-24 05:00:00Z'")

    def count() -> list[tuple[int]]:
        """A reader that was there before is told to try again when tables were tidied away."""
        deadline = time.monotonic() + 20
        while True:
            try:
                with read_only(lake) as connection:
                    return connection.execute("SELECT count(*) FROM api_metrics").fetchall()
            except DatabaseBusy:
                assert time.monotonic() < deadline

    transact(lake, fill)
    full = parquet_bytes(lake)
    transact(lake, empty)
    assert count() == [(2000,)]
    compact(lake)
    assert parquet_bytes(lake) > full  # one who began to read yesterday still finds what was there
    compact(lake, kept=timedelta(0))
    assert parquet_bytes(lake) < full * 0.3
    assert count() == [(2000,)]
    with read_only(lake) as connection:
        assert connection.execute("SELECT count(*) FROM ducklake_snapshots('health')").fetchall() == [(1,)]


def test_what_is_kept_open_can_be_closed(lake: LakeLocation, postgres_server: PostgresServer) -> None:
    assert runs(lake) == set()
    close(lake)
    close(lake)
    assert runs(lake) == set()
