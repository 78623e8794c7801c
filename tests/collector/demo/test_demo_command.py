"""`python -m collector demo`, as `make demo` starts it."""

import signal
import socket
from pathlib import Path

import httpx

from analytics.db import DatabaseError, FileLocation, listening_at, read_only
from collector.demo.services import APIS, HISTORY_COLLECTOR, SOURCES
from tests.collector.running import command, running
from tests.plugins.ports import free_port, wait_until

_SINCE = f"timestamp > (SELECT max(finished_at) FROM collector_runs WHERE collector = '{HISTORY_COLLECTOR}')"


def _live(location: FileLocation, sql: str) -> list[tuple]:
    """What is there of the running demo; nothing as long as there is no database."""
    try:
        with read_only(location) as connection:
            return connection.execute(f"{sql} AND {_SINCE}").fetchall()
    except DatabaseError:
        return []


def test_within_seconds_every_api_and_source_is_known_through_the_receiver(tmp_path: Path):
    location, port = FileLocation(tmp_path / "demo.duckdb"), free_port()
    arguments = ["demo", "--days", "1", "--db", str(location.path)]
    with running(arguments, tmp_path, HEALTH_LISTEN=f"127.0.0.1:{port}") as process:
        calls = "SELECT DISTINCT api_name FROM api_metrics WHERE origin <> 'probe'"
        wait_until(lambda: len(_live(location, calls)) == len(APIS), "a call of every API", 40)
        sources = "SELECT DISTINCT source FROM webhook_metrics WHERE verified AND processed"
        wait_until(lambda: len(_live(location, sources)) == len(SOURCES), "a delivery of every source", 20)
        address = listening_at(location)
        assert address == f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/healthz", trust_env=False).status_code in (200, 503)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert listening_at(location) is None
    log = (tmp_path / "collector.log").read_text()
    assert f"address=127.0.0.1:{port}" in log
    assert "Traceback" not in log
    assert "traffic_ended" not in log


def test_an_impossible_address_ends_it_with_one_line_before_anything_is_done(tmp_path: Path):
    database = tmp_path / "demo.duckdb"
    finished = command(["demo", "--db", str(database)], tmp_path, HEALTH_LISTEN="nowhere")
    assert finished.code == 2
    assert finished.err == 'HEALTH_LISTEN: "nowhere" is no host and port; write it like "127.0.0.1:8600"\n'
    assert not database.exists()


def test_a_taken_address_ends_it_before_the_history_is_written(tmp_path: Path):
    database = tmp_path / "demo.duckdb"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        finished = command(["demo", "--db", str(database)], tmp_path, HEALTH_LISTEN=address)
    assert finished.code == 2
    assert finished.err.startswith(f"{address} is taken by process ")
    assert len(finished.err.splitlines()) == 1
    assert not database.exists()
