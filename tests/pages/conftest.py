"""A database of its own for every test of the pages, and the dashboard on it, as a script or as a server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import reading
from tests.plugins.ports import free_port, wait_until

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `HEALTH_DB` points for this test; nothing is there yet, and nothing is cached of it."""
    path = tmp_path / "health.duckdb"
    monkeypatch.setenv("HEALTH_DB", str(path))
    reading.clear()
    return path


@pytest.fixture
def page() -> Callable[[], str]:
    """Runs the dashboard once, the way Streamlit does, and gives all HTML of the page."""

    def run() -> str:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
        assert not app.exception
        return html_of(app)

    return run


def html_of(app: AppTest) -> str:
    """All HTML of a page that was run."""
    return "\n".join(element.proto.body for element in app.get("html"))


@contextmanager
def serving(database: Path, log: Path) -> Iterator[str]:
    """The dashboard as a user starts it, on `database`; gives its address."""
    port = free_port()
    environment = {**os.environ, "HEALTH_DB": str(database)}
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
    command += [
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.fileWatcherType",
        "none",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"

    def up() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(f"{address}/_stcore/health", timeout=1).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(up, "the dashboard", 60)
        yield address
    finally:
        process.kill()
        process.wait()
