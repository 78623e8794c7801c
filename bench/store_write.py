"""What the write of one cycle costs: 16 checks and a heartbeat, opened, committed and closed.

In a file of 30 days, in one 20 times larger, with a notebook camping on it, and in a DuckLake when PostgreSQL
and the extensions of DuckDB are on this machine. Run it with `python -m bench.store_write`.
"""

import glob
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles

import duckdb

from analytics.db import FileLocation, LakeLocation, Location, close, migrate, transact
from analytics.ids import uuid7
from analytics.model import CheckResult, Reason, ServiceKey, ServiceType, Status, Verdict
from bench.figure import Figure, table
from collector.store import Run, insert_run
from tests.plugins.postgres_server import cluster

SERVICES = 16
DAYS = 30
TIMES_LARGER = 20
WRITES = 200

_HISTORY = """
    INSERT INTO integration_health_checks
    SELECT uuidv7(), TIMESTAMPTZ '2026-01-01' + INTERVAL 1 MINUTE * (($period * $minutes) + i // $services),
        'api', 'service-' || (i % $services), 'healthy', 50 + (i * 7919) % 900, 99.5, 0, 0,
        '{"http_status": 200, "first_byte_ms": ' || (i * 31) % 400 || '}', 'ok', 'answered', 1, uuid()
    FROM range($minutes * $services) AS numbers(i)
"""
_CAMPER = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(1, flush=True); input()"
_WRITER = "import sys; from bench.store_write import be_one_of_three; be_one_of_three(*sys.argv[1:])"


def measure(days: int = DAYS, writes: int = WRITES) -> list[Figure]:
    """The figures of the file, then those of a lake if one can be made here."""
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        figures = _files(Path(folder), days, writes)
        figures += _lake(Path(folder), writes)
    return figures


def _files(folder: Path, days: int, writes: int) -> list[Figure]:
    small = _history(folder / "small.duckdb", days, 1)
    large = _history(folder / "large.duckdb", days, TIMES_LARGER)
    times: dict[FileLocation, list[float]] = {small: [], large: []}
    for location in times:
        _write(location)
    for _ in range(writes):
        for location, taken in times.items():  # by turns, so that whatever else runs here slows both
            taken.append(_write(location))
    rows = days * 24 * 60 * SERVICES
    what = f"write of one cycle, {rows:,} checks in the file"
    more = f"write of one cycle, {rows * TIMES_LARGER:,} checks in the file"
    return [
        Figure(f"{what}: median", median(times[small]), "ms", 40),
        Figure(f"{what}: 95th percentile", _p95(times[small]), "ms"),
        Figure(f"{more}: median", median(times[large]), "ms"),
        Figure(f"{more}: 95th percentile", _p95(times[large]), "ms"),
        Figure("larger file to smaller, medians", median(times[large]) / median(times[small]), "times", 1.5),
        *_camped(small, what, writes // 4),
        *_camped(large, more, writes // 4),
    ]


def _camped(location: FileLocation, what: str, writes: int) -> list[Figure]:
    command = [sys.executable, "-c", _CAMPER, str(location)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as camper:
        assert camper.stdout is not None
        camper.stdout.readline()
        first = _write(location)
        following = [_write(location) for _ in range(writes)]
        camper.kill()
    return [
        Figure(f"{what}, first after a notebook opened it (1 s of patience, then a copy)", first, "ms"),
        Figure(f"{what}, every other while the notebook stays: median", median(following), "ms", 40),
    ]


def _lake(folder: Path, writes: int) -> list[Figure]:
    postgres = shutil.which("postgres") or glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if not postgres or find_spec("duckdb_extension_ducklake") is None:
        print("no PostgreSQL or no DuckLake here: the lake is not measured", file=sys.stderr)
        return []
    with _postgres_lake(folder / "lake") as location:
        migrate(location)
        _write(location)
        alone = [_write(location) for _ in range(writes)]
        together = _three_writers(location, writes)
        close(location)
    return [
        Figure("write of one cycle into a lake: median", median(alone), "ms"),
        Figure("write of one cycle into a lake: 95th percentile", _p95(alone), "ms"),
        Figure("write of one cycle into a lake, three writers at once: median", median(together), "ms"),
        Figure(
            "write of one cycle into a lake, three writers at once: 95th percentile", _p95(together), "ms"
        ),
    ]


@contextmanager
def _postgres_lake(folder: Path) -> Iterator[LakeLocation]:
    with cluster() as server:
        yield LakeLocation(server.keywords(server.create_database()), str(folder))


def _three_writers(location: LakeLocation, writes: int) -> list[float]:
    command = [sys.executable, "-c", _WRITER, location.connection, location.data_path, str(writes)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [writer.communicate()[0] for writer in writers]
    return [milliseconds for line in said for milliseconds in json.loads(line)]


def be_one_of_three(connection: str, data_path: str, writes: str) -> None:
    """What each of the three writing processes does: write, and print the milliseconds as JSON."""
    location = LakeLocation(connection, data_path)
    _write(location)
    print(json.dumps([_write(location) for _ in range(int(writes))]))


def _history(path: Path, days: int, periods: int) -> FileLocation:
    """A file with `periods` times `days` days of one check a minute and service."""
    location = FileLocation(path)
    migrate(location)
    for period in range(periods):
        values = {"period": period, "minutes": days * 24 * 60, "services": SERVICES}
        transact(location, partial(duckdb.DuckDBPyConnection.execute, query=_HISTORY, parameters=values))
    return location


def _write(location: Location) -> float:
    """Milliseconds of one cycle's transaction, from nothing open to nothing open."""
    run, checks = _cycle(datetime.now(UTC))
    work: Callable[[duckdb.DuckDBPyConnection], None] = partial(insert_run, run=run, checks=checks)
    started = time.perf_counter()
    transact(location, work)
    return (time.perf_counter() - started) * 1000


def _cycle(now: datetime) -> tuple[Run, list[CheckResult]]:
    verdict = Verdict(Status.HEALTHY, Reason.OK, "answered", response_time_ms=120.0, success_rate=100.0)
    details = {"http_status": 200, "dns_ms": 1.2, "connect_ms": 3.4, "tls_ms": 5.6, "first_byte_ms": 110.0}
    keys = [ServiceKey(ServiceType.API, f"service-{number}") for number in range(SERVICES)]
    checks = [CheckResult(key, now, verdict, details=details) for key in keys]
    run = Run(
        id=uuid7(int(now.timestamp() * 1000)),
        cycle_id=uuid7(int(now.timestamp() * 1000)),
        part=1,
        complete=True,
        collector="bench",
        version="0",
        started_at=now,
        finished_at=now,
        interval=timedelta(minutes=1),
        services=SERVICES,
        failures=0,
    )
    return run, checks


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


if __name__ == "__main__":
    print(table(measure()))
