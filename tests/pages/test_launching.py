"""`python dashboard.py`, as a newcomer starts it."""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from pages._ui.serving.launching import said_clearly
from tests.pages.conftest import ROOT
from tests.plugins.ports import free_port, wait_until


@contextmanager
def started(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "HEALTH_DB": str(folder / "none.duckdb"), "STREAMLIT_SERVER_PORT": str(port)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "dashboard.py"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_it_serves(tmp_path: Path) -> None:
    port = free_port()

    def up() -> bool:
        assert process.poll() is None, (tmp_path / "log").read_text()
        try:
            return httpx.get(f"http://127.0.0.1:{port}/api/integrations/health", timeout=5).status_code == 503
        except httpx.TransportError:
            return False

    with started(port, tmp_path) as process:
        wait_until(up, "the dashboard", 60)
        wait_until(lambda: (tmp_path / "log").read_text(), "its line")

    assert (tmp_path / "log").read_text() == f"The dashboard is at http://localhost:{port}\n"


def test_a_taken_port_ends_it_with_one_line_that_says_by_whom_and_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(port, tmp_path) as process:
            assert process.wait(60) == 1

    (line,) = (tmp_path / "log").read_text().splitlines()
    assert f"port {port} is taken by process {os.getpid()} (" in line
    assert f"PORT={port + 1} with make, --server.port {port + 1} without" in line


def test_beside_a_collector_it_ends_both_with_its_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            ["sh", ".ci/together", "sleep 600", f"{sys.executable} dashboard.py --server.port {port}"],
            cwd=ROOT,
            env={**os.environ, "HEALTH_DB": str(tmp_path / "none.duckdb")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert f"port {port} is taken by process {os.getpid()} (" in first
    assert last == "the dashboard ended with code 1"


def test_other_lines_stay_as_they_are() -> None:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "Port %s is cosy", (8501,), None)

    assert said_clearly(record)
    assert record.getMessage() == "Port 8501 is cosy"
