"""What the first page costs: its queries on 30 days of checks, a refresh, and loading it in a browser.

The browser figures need Chromium (`chromium` on the PATH); without it they are left out, which is said.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.db import Connection, FileLocation, migrate, transact
from analytics.model import Reason, Status
from bench.figure import Figure
from tests.pages import samples
from tests.plugins.ports import free_port, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SERVICES, MINUTES = 16, 30 * 24 * 60
ROUNDS = 15
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]

_FILL = """
INSERT INTO services BY NAME
SELECT ['mcp', 'api', 'webhook', 'infrastructure'][1 + i % 4] AS service_type,
       'service-' || i AS service_name, i AS position, 'http' AS probe, 'http://127.0.0.1/' AS target,
       60 AS interval_seconds,
       300 AS stale_after_seconds, 1000 AS healthy_ms, 3000 AS down_ms, true AS enabled, '[]' AS depends_on,
       $now AS updated_at
FROM range($services) AS _(i);
INSERT INTO integration_health_checks
SELECT uuid(), $now - to_seconds(60 * ($minutes - minute)) + to_milliseconds(i),
       ['mcp', 'api', 'webhook', 'infrastructure'][1 + i % 4], 'service-' || i,
       CASE WHEN random() < 0.01 THEN 'down' ELSE 'healthy' END, CAST(100 + 500 * random() AS INTEGER), 100,
       0, 0, '{"server": "example", "tools": 14, "hash": "' || md5(minute::VARCHAR) || '"}', 'ok',
       'answered in ' || CAST(500 * random() AS INTEGER) || ' ms, 14 tools', 1, uuid()
FROM range($minutes) AS _(minute), range($services) AS _(i) ORDER BY minute, i;
INSERT INTO collector_runs
SELECT uuid(), uuid(), 1, true, 'bench', '0', $now - to_seconds(60 * ($minutes - minute)),
       $now - to_seconds(60 * ($minutes - minute)) + to_seconds(1), 60, $services, $services, 0
FROM range($minutes) AS _(minute)
"""


def measure() -> list[Figure]:
    """The figures of the first page: milliseconds, medians unless the name says otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        location = FileLocation(Path(folder) / "health.duckdb")
        large_history(location)
        return [*_costs(location), *_loading(location)]


def large_history(location: FileLocation) -> None:
    """30 days of minutes for 16 services, 691,200 checks, up to now."""
    values = {"now": datetime.now(UTC), "services": SERVICES, "minutes": MINUTES}

    def work(connection: Connection) -> None:
        for statement in _FILL.split(";"):
            connection.execute(
                statement, {name: value for name, value in values.items() if f"${name}" in statement}
            )

    migrate(location)
    transact(location, work)


def _costs(location: FileLocation) -> list[Figure]:
    from pages._ui import cards, data
    from pages._ui.situation import situation

    now = datetime.now(UTC)
    reading = [_milliseconds(lambda: data.read(location, now, 2.0)) for _ in range(ROUNDS)]
    snapshot = data.read(location, now, 2.0)

    def draw() -> None:
        seen = situation(snapshot, now)
        cards.figures(seen)
        cards.groups(seen)

    drawing = [_milliseconds(draw) for _ in range(ROUNDS)]
    return [
        Figure("overview: read everything from 691,200 checks", statistics.median(reading), "ms", 50),
        Figure("overview: draw the page for one viewer", statistics.median(drawing), "ms", 20),
    ]


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def _loading(location: FileLocation) -> list[Figure]:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("overview: no chromium on the PATH, loading is not measured", file=sys.stderr)
        return []
    from playwright.sync_api import sync_playwright

    def load(browser: "Browser", address: str) -> list[float]:
        """The first and the second visit of a fresh browser, until the cards are drawn."""
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        times = []
        for _ in range(2):
            page = context.new_page()
            started = time.perf_counter()
            page.goto(address)
            page.wait_for_selector(".groups .row", timeout=30_000)
            times.append(1000 * (time.perf_counter() - started))
            page.close()
        context.close()
        return times

    with serving(location.path) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        visits = [load(browser, address) for _ in range(3)]
        seen = [_until_seen(browser) for _ in range(5)]
        browser.close()
    first, second = (statistics.median(column) for column in zip(*visits, strict=True))
    return [
        Figure("overview: first visit until the cards are there", first, "ms", 5000),
        Figure("overview: second visit until the cards are there", second, "ms", 5000),
        Figure("overview: from the commit of a change to the screen, worst of 5", max(seen), "s", 6),
    ]


def _until_seen(browser: "Browser") -> float:
    """Seconds from the commit of a failure to its words on an open page."""
    with tempfile.TemporaryDirectory() as folder:
        database = samples.write(Path(folder) / "health.duckdb", datetime.now(UTC), minutes=30)
        with serving(database.path) as address:
            page = browser.new_page()
            page.goto(address)
            page.wait_for_selector(".groups .row", timeout=30_000)
            broken = samples.Fault(9, -1, Status.DOWN, Reason.TIMEOUT, "no answer within 10 s")
            samples.insert(database, datetime.now(UTC), faults={"mcp/context7": [broken]})
            committed = time.perf_counter()
            page.wait_for_selector("text=Timed out", timeout=30_000)
            seconds = time.perf_counter() - committed
            page.close()
    return seconds


@contextmanager
def serving(database: Path) -> Iterator[str]:
    """The dashboard on `database`, as a user starts it; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.fileWatcherType", "none"]
    environment = {**os.environ, "HEALTH_DB": str(database)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(f"{address}/_stcore/health"), "the dashboard", 60)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    import httpx

    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False
