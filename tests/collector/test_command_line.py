"""The commands, their exit codes, and one clear line for each foreseen trouble."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from analytics.db import FileLocation, listening_at, read_only
from tests.collector.running import ROOT, command, http_service, running, write_configuration
from tests.plugins.ports import free_port, wait_until


class Answer(BaseHTTPRequestHandler):
    """Answers every GET with 200."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *arguments: object) -> None:
        return


@pytest.fixture
def url() -> Iterator[str]:
    """A server that answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/health"
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path, url: str) -> Path:
    """A folder with a configuration of one service that answers and one that does not."""
    dead = f"http://127.0.0.1:{free_port()}/"
    write_configuration(tmp_path, http_service("fine", url) + http_service("dead", dead))
    return tmp_path


def fetch(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with read_only(FileLocation(folder / "data" / "health.duckdb")) as connection:
        return connection.execute(sql).fetchall()


def cycles(folder: Path) -> int:
    if not (folder / "data" / "health.duckdb").exists():
        return 0
    try:
        return int(fetch(folder, "SELECT count(*) FROM collector_runs WHERE complete")[0][0])
    except duckdb.CatalogException:
        return 0


def test_once_is_one_cycle_and_exits_0_although_a_service_is_down(folder: Path) -> None:
    done = command(["--once"], folder)
    assert (done.code, done.out) == (0, "")
    assert cycles(folder) == 1
    newest = dict(
        fetch(
            folder,
            "SELECT service_name, arg_max(status, timestamp) FROM integration_health_checks GROUP BY 1",
        )
    )
    assert newest == {"fine": "healthy", "dead": "down"}
    assert "event=cycle_finished" in done.err
    assert "Traceback" not in done.err


def test_sigterm_ends_it_within_five_seconds_with_exit_0(folder: Path) -> None:
    with running([], folder) as process:
        wait_until(lambda: cycles(folder) >= 2, "two cycles")
        address = listening_at(FileLocation(folder / "data" / "health.duckdb"))
        assert address is not None, "programs of this machine find it, whatever port it got"
        assert httpx.get(f"{address}/healthz", trust_env=False).json()["version"]
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        assert time.monotonic() - asked < 5
    assert listening_at(FileLocation(folder / "data" / "health.duckdb")) is None
    log = (folder / "collector.log").read_text()
    assert "event=stopped" in log
    assert not (folder / "data" / "health.duckdb.wal").exists()


def test_a_second_collector_exits_3_and_names_the_first(folder: Path) -> None:
    with running([], folder) as first:
        wait_until(lambda: cycles(folder) >= 1, "a cycle")
        second = command(["--once"], folder)
        assert second.code == 3
        assert second.err.count("\n") == 1
        assert str(first.pid) in second.err
        assert first.poll() is None


def test_what_is_monitored_stands_in_the_file(folder: Path) -> None:
    command(["--once"], folder)
    rows = fetch(
        folder, "SELECT service_type, service_name, probe, interval_seconds FROM services ORDER BY position"
    )
    assert rows == [("infrastructure", "fine", "http", 1.0), ("infrastructure", "dead", "http", 1.0)]


def test_explain_shows_steps_and_verdict_and_writes_nothing(folder: Path) -> None:
    done = command(["explain", "infrastructure/fine"], folder)
    assert done.code == 0, done.err
    assert "interval 1s, timeout 500ms, slow from 1000 ms, down after 3 failures in a row" in done.out
    assert re.search(r"connect +[\d.]+ ms", done.out)
    assert "verdict: healthy" in done.out
    assert not (folder / "data").exists()


def test_a_reader_who_has_seen_enough_is_no_error(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-u", "-m", "collector", "explain", "infrastructure/fine"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_explain_of_a_dead_service_says_why(folder: Path) -> None:
    done = command(["explain", "infrastructure/dead"], folder)
    assert done.code == 0
    assert "verdict: degraded (not sure yet" in done.out
    assert "reason:  connect" in done.out


def test_explain_of_an_unknown_service_lists_the_known(folder: Path) -> None:
    done = command(["explain", "mcp/nope"], folder)
    assert done.code == 2
    assert (
        done.err
        == '"mcp/nope" is no configured service; there are: infrastructure/fine, infrastructure/dead\n'
    )


def test_check_config_starts_nothing(folder: Path) -> None:
    done = command(["--check-config"], folder)
    assert done.code == 0, done.err
    assert "infrastructure/fine" in done.out
    assert not (folder / "data").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--help"], ["demo", "--help"]])
def test_help(arguments: list[str], tmp_path: Path) -> None:
    done = command(arguments, tmp_path)
    assert done.code == 0
    assert "--config FILE" in done.out
    assert "--db PATH" in done.out


def test_wrong_usage_exits_2(tmp_path: Path) -> None:
    assert command(["--no-such-flag"], tmp_path).code == 2


def test_a_missing_configuration_exits_2_in_one_line(tmp_path: Path) -> None:
    done = command(["--once"], tmp_path)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "services.toml" in done.err


def test_a_flag_beats_the_environment(folder: Path) -> None:
    done = command(["--once", "--db", "flag.duckdb"], folder, HEALTH_DB="environment.duckdb")
    assert done.code == 0, done.err
    assert (folder / "flag.duckdb").exists()
    assert not (folder / "environment.duckdb").exists()


def test_a_file_that_is_no_database_exits_3_and_stays_as_it_was(folder: Path) -> None:
    (folder / "notes.txt").write_text("these are my notes\n" * 500)
    done = command(["--once", "--db", "notes.txt"], folder)
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "notes.txt" in done.err
    assert (folder / "notes.txt").read_text() == "these are my notes\n" * 500


def test_a_file_of_a_newer_schema_exits_3_and_stays_as_it_was(folder: Path) -> None:
    command(["--once"], folder)
    path = folder / "data" / "health.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (9999, 'from_the_future', now())")
    before = path.read_bytes()
    done = command(["--once"], folder)
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "9999" in done.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("path", ["notes.txt/health.duckdb", "."])
def test_a_place_that_cannot_hold_a_database_exits_3(folder: Path, path: str) -> None:
    (folder / "notes.txt").write_text("a file, not a folder")
    done = command(["--once", "--db", path], folder)
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert str(folder / path) in done.err


def test_a_full_disk_exits_3_and_leaves_the_file_as_it_was(folder: Path) -> None:
    command(["--once"], folder)
    path = folder / "data" / "health.duckdb"
    before = fetch(folder, "SELECT count(*), max(id) FROM integration_health_checks")
    done = command(["--once"], folder, largest_file=1024)
    assert done.code == 3, done.err
    assert done.err.splitlines()[-1].startswith(f"{path}: ")
    assert "Traceback" not in done.err
    assert fetch(folder, "SELECT count(*), max(id) FROM integration_health_checks") == before
    assert command(["--once"], folder).code == 0


def test_a_restart_goes_on_where_it_stopped(folder: Path) -> None:
    command(["--once"], folder)
    command(["--once"], folder)
    attempts = fetch(
        folder,
        "SELECT attempt, error_count FROM integration_health_checks WHERE service_name = 'dead' ORDER BY id",
    )
    assert attempts == [(1, 1), (2, 2), (3, 3), (1, 4)], "the streak of failures survives the restart"


def test_a_secret_never_appears(folder: Path, url: str) -> None:
    secret = "s3cr3t-t0ken-value"
    entry = (
        http_service("guarded", url + "?key=${API_TOKEN}")
        + 'headers = { Authorization = "Bearer ${API_TOKEN}" }\n'
    )
    dead = http_service("dead", f"http://127.0.0.1:{free_port()}/${{API_TOKEN}}")
    write_configuration(folder, entry + dead)
    once = command(["--once"], folder, API_TOKEN=secret)
    shown = command(["--check-config"], folder, API_TOKEN=secret)
    told = command(["explain", "infrastructure/dead"], folder, API_TOKEN=secret)
    for done in (once, shown, told):
        assert done.code == 0, done.err
        assert secret not in done.out + done.err
    stored = fetch(folder, "SELECT * FROM integration_health_checks") + fetch(
        folder, "SELECT * FROM services"
    )
    assert secret not in repr(stored)
    assert secret.encode() not in (folder / "data" / "health.duckdb").read_bytes()
