"""How long an export of a month of calls takes, and how much memory, each format in a process of its own."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analytics.db import Connection, FileLocation, migrate, read_only, transact
from analytics.export import FORMATS, export
from bench.figure import Figure, table

CALLS = 3_000_000

#: The most seconds of a format, where it has a limit.
_SECONDS = {"csv": 15, "parquet": 5}
_MEGABYTES = 300

_FILL = """
INSERT INTO api_metrics BY NAME
SELECT uuidv7() AS id,
       TIMESTAMPTZ '2026-10-30 00:00:00+00' + to_microseconds(i * 864000) AS timestamp,
       ['shopify', 'openai', 'supabase', 'google_analytics'][1 + i % 4] AS api_name,
       '/v1/resource/' || (hash(i) % 11) AS endpoint,
       ['GET', 'POST'][1 + i % 2] AS method,
       if(failed, 503, 200) AS status_code,
       (20 + hash(i * 3) % 900)::INTEGER AS response_time_ms,
       if(failed, 'upstream said "no", try again', NULL) AS error_message,
       (hash(i * 5) % 20 = 0)::INTEGER AS retries,
       if(failed, 'http_5xx', NULL) AS reason,
       'worker-' || (i % 3) AS origin,
       if(told, 'rest', NULL) AS quota_name,
       if(told, (hash(i) % 4000)::DOUBLE, NULL) AS quota_used,
       if(told, 4000, NULL) AS quota_limit,
       if(told, TIMESTAMPTZ '2026-11-30 00:00:00+00', NULL) AS quota_reset_at
FROM (SELECT i, hash(i * 7) % 50 = 0 AS failed, i % 4 = 0 AS told FROM range($calls) AS _(i))
"""


def measure() -> list[Figure]:
    """Seconds and megabytes at the peak of an export of 3,000,000 calls, a format after the other."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "health.duckdb"
        month_of_calls(FileLocation(path))
        for name in FORMATS:
            seconds, megabytes = _of_its_own(name, path)
            what = f"export of {CALLS:,} calls as {name}"
            figures.append(Figure(what, seconds, "s", _SECONDS.get(name)))
            figures.append(Figure(f"{what}: memory at its peak", megabytes, "MB", _MEGABYTES))
    return figures


def month_of_calls(location: FileLocation) -> None:
    """A database with 3,000,000 calls of four APIs in 30 days."""

    def work(connection: Connection) -> None:
        connection.execute(_FILL, {"calls": CALLS})

    migrate(location)
    transact(location, work)


def _of_its_own(name: str, path: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.export", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def _child(name: str, path: Path) -> None:
    target = path.with_name(f"calls.{name}")
    started = time.perf_counter()
    with read_only(FileLocation(path)) as connection:
        export(connection, "api_metrics", name, target, since=None, until=None, lean=True)
    seconds = time.perf_counter() - started
    target.unlink()
    print(json.dumps([seconds, _peak_megabytes()]))


def _peak_megabytes() -> float:
    """The largest resident set this process had (Linux; `ru_maxrss` would be that of its parent)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _child(sys.argv[1], Path(sys.argv[2]))
    else:
        print(table(measure()))
