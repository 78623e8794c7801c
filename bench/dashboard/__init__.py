"""What the dashboard costs: loading its pages in a browser, and keeping them live, with 16 and 700 services.

    python -m bench dashboard            all of it; a quarter of an hour, and 1 GB in the temporary folder
    python -m bench.dashboard --hour     the same, with ten viewers for an hour in place of three minutes
    python -m bench.dashboard --only load --files /tmp/health-bench    one part, and files that are kept

Files are written anew unless `--files` names a folder that has them. A collector's cycle is written to the
file every five seconds, so that every refresh finds something new.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import httpx

from analytics.db import Connection, FileLocation, transact
from bench.dashboard import browser, questions
from bench.dashboard.files import CROWD, cycle, living, month_of_a_crowd, month_of_sixteen
from bench.dashboard.server import Readings, serving
from bench.dashboard.viewers import load, watch
from bench.figure import Figure, table

#: The pages, by what they are called here: the overview first.
PAGES = {
    "overview": "",
    "service": "service?service=api/openai",
    "trends": "trends",
    "incidents": "incidents",
    "alerts": "alerts",
    "export": "export",
    "about": "about",
}
_CROWD_SERVICE = "service?service=api/service-101"

_WATCHED_SECONDS = 40.0
_MINUTES, _AN_HOUR = 3, 60
_VIEWERS = 10
_STARTS = 3
_LOADS = 50

_BREAKS = """
INSERT INTO integration_health_checks BY NAME
SELECT uuid() AS id, now() AS timestamp, service_type, service_name, 'down' AS status, 'timeout' AS reason,
    10000 AS response_time_ms, 0 AS success_rate, 1 AS error_count, 0 AS retry_count, '{}' AS details,
    $says AS message, 3 AS attempt, uuid() AS run_id
FROM services WHERE service_type = 'mcp' LIMIT 1
"""


def measure() -> list[Figure]:
    """All figures, on files of their own."""
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        return _all(Path(folder), _MINUTES, tuple(_PARTS))


def main(arguments: Sequence[str]) -> int:
    """Measure as told; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.dashboard", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--hour", action="store_true", help="ten viewers for an hour, not for three minutes")
    parser.add_argument("--files", type=Path, help="a folder to keep the files in")
    parser.add_argument("--only", choices=tuple(_PARTS), action="append", help="one part; may be given again")
    options = parser.parse_args(arguments)
    minutes, parts = _AN_HOUR if options.hour else _MINUTES, tuple(options.only or _PARTS)
    if options.files:
        options.files.mkdir(parents=True, exist_ok=True)
        figures = _all(options.files, minutes, parts)
    else:
        with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
            figures = _all(Path(folder), minutes, parts)
    print(table(figures))
    return 1 if any(figure.met is False for figure in figures) else 0


def loading(location: FileLocation) -> list[Figure]:
    """From navigation to the last chart: the first visitor, a slow line, and those who were here before."""
    if not _browser_there():
        return []
    figures = []
    with browser.fresh() as running:
        first = []
        for _ in range(_STARTS):
            cycle(location)
            with serving(location.path) as server:
                first.append(browser.first_visit(running, server))
        took = statistics.median(one.milliseconds for one in first)
        figures.append(Figure("overview drawn, first visitor after a start", took, "ms", 1500))
        figures.append(Figure("overview, first visit: received", first[-1].bytes / 1e6, "MB"))
    with serving(location.path) as server:
        cycle(location)
        with browser.fresh() as running:
            browser.first_visit(running, server)
            slow = browser.first_visit(running, server, slow=True).milliseconds / 1000
            figures.append(Figure("overview drawn, 5 Mbit/s and 80 ms, first visit", slow, "s", 4.5))
        with browser.warm() as context:
            for name, page in PAGES.items():
                limit = 1000 if name == "overview" else 1200
                took = browser.warm_visits(context, server, page).milliseconds
                figures.append(Figure(f"{name} drawn, warm browser", took, "ms", limit))
    return figures


def viewing(location: FileLocation) -> list[Figure]:
    """What refreshes cost, for one and for a hundred, and how often the database is read for them."""
    figures = []
    with serving(location.path) as server, living(location):
        readings = Readings(location.path)
        watch(server, [""], 1, _WATCHED_SECONDS)
        alone = readings.a_minute()
        readings = Readings(location.path)
        seen = watch(server, [""], 100, _WATCHED_SECONDS)
        together = readings.a_minute()
        figures += [
            Figure(
                "100 viewers of the overview: processor time of a refresh", seen.cpu_ms_a_refresh, "ms", 20
            ),
            Figure("100 viewers: share of a core", 100 * seen.cores, "%", 50),
            Figure("100 viewers: a refresh, median", seen.refresh_ms(50), "ms"),
            Figure("100 viewers: a refresh, 95th percentile", seen.refresh_ms(95), "ms", 50),
            Figure("100 viewers: sent for a refresh", seen.bytes / len(seen.refreshes) / 1000, "kB"),
            Figure("readings of the database a minute, 1 viewer", alone, ""),
            Figure("readings of the database a minute, 100 viewers", together, "", 1.5 * alone),
            Figure("dashboard with 100 viewers: memory", server.megabytes(), "MB"),
        ]
        for name, page in list(PAGES.items())[1:]:
            spent = watch(server, [page], 20, 20).cpu_ms_a_refresh
            figures.append(Figure(f"20 viewers of {name}: processor time of a refresh", spent, "ms"))
    return figures


def asking(location: FileLocation) -> list[Figure]:
    """The slowest query of each page."""
    cycle(location)
    return [
        Figure(f"slowest query of {page} ({name})", took, "ms", 100)
        for page, (name, took) in questions.slowest(location.path).items()
    ]


def answering(location: FileLocation) -> list[Figure]:
    """The read API, kept connection, 200 requests each."""
    figures = []
    with serving(location.path) as server, living(location), httpx.Client(base_url=server.address) as client:
        for path in ("/api/integrations/health", "/api/integrations/metrics?period=24h"):
            told = client.get(path)
            if told.status_code != 200:
                raise RuntimeError(f"{path}: {told.status_code} {told.text[:200]}")
            took = statistics.median(_milliseconds(partial(client.get, path)) for _ in range(200))
            figures.append(Figure(f"GET {path.partition('?')[0]}, median", took, "ms", 10))
            known = {"If-None-Match": told.headers.get("etag", "")}
            took = statistics.median(
                _milliseconds(partial(client.get, path, headers=known)) for _ in range(200)
            )
            figures.append(Figure(f"GET {path.partition('?')[0]} with ETag, median", took, "ms", 10))
    return figures


def changing(location: FileLocation) -> list[Figure]:
    """From the commit of a change to an open page."""
    if not _browser_there():
        return []
    seconds = []
    with browser.fresh() as running, serving(location.path) as server:
        for number in range(5):
            cycle(location)
            says = f"no answer, number {number}"

            def work(connection: Connection, says: str = says) -> None:
                connection.execute(_BREAKS, {"says": says})

            seconds.append(browser.until_seen(running, server, partial(transact, location, work), says))
    cycle(location)
    return [Figure("from the commit of a change to the screen, worst of 5", max(seconds), "s", 6)]


def staying(location: FileLocation, minutes: int) -> list[Figure]:
    """Memory while ten viewers stay, spread over the pages."""
    with serving(location.path) as server, living(location):
        watch(server, list(PAGES.values()), _VIEWERS, 60 * minutes)
        name = f"{_VIEWERS} viewers for {minutes} minutes: memory"
        return [Figure(name, server.megabytes(), "MB", 400)]


def crowding(location: FileLocation) -> list[Figure]:
    """700 services: loads and memory."""
    cycle(location)
    what = f"{CROWD} services:"
    figures = []
    with serving(location.path) as server:
        if _browser_there():
            with browser.warm() as context:
                for name, page, limit in (("overview", "", 1500), ("service", _CROWD_SERVICE, 1200)):
                    took = browser.warm_visits(context, server, page).milliseconds
                    figures.append(Figure(f"{what} {name} drawn, warm browser", took, "ms", limit))
        for number in range(_LOADS):
            load(server, ("", _CROWD_SERVICE)[number % 2])
        figures.append(Figure(f"{what} memory after {_LOADS} more loads", server.megabytes(), "MB", 500))
        with living(location):
            spent = watch(server, [""], 10, 20).cpu_ms_a_refresh
        figures.append(Figure(f"{what} processor time of a refresh, 10 viewers", spent, "ms"))
    return figures


#: The parts in turn; `staying` and `crowding` are given what else they need below.
_PARTS = ("load", "view", "ask", "answer", "change", "stay", "crowd")


def _all(folder: Path, minutes: int, parts: Sequence[str]) -> list[Figure]:
    sixteen, crowd = FileLocation(folder / "sixteen.duckdb"), FileLocation(folder / "crowd.duckdb")
    work: dict[str, Callable[[], list[Figure]]] = {
        "load": partial(loading, sixteen),
        "view": partial(viewing, sixteen),
        "ask": partial(asking, sixteen),
        "answer": partial(answering, sixteen),
        "change": partial(changing, sixteen),
        "stay": partial(staying, sixteen, minutes),
        "crowd": partial(crowding, crowd),
    }
    if set(parts) - {"crowd"} and not sixteen.path.exists():
        month_of_sixteen(sixteen.path)
    if "crowd" in parts and not crowd.path.exists():
        month_of_a_crowd(crowd.path)
    figures = []
    for part in parts:
        print(f"dashboard: {part} ...", file=sys.stderr, flush=True)
        figures += work[part]()
    return figures


def _browser_there() -> bool:
    if browser.installed():
        return True
    print("dashboard: no chromium on the PATH, loading is not measured", file=sys.stderr)
    return False


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)
