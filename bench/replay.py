"""How long it takes to read, replay and rehearse a month of history, and how much memory.

Each is done in a process of its own. Two months of 16 services: one of `bench.large_file`, with 3,000,000
calls and hundreds of incidents, and the quieter one of the demo, there also with limits that make an API bad
for all of the month.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from analytics.alert_settings import read_policy
from analytics.db import FileLocation, read_only
from analytics.replay import read_recording, rehearse, replay
from bench import large_file
from bench.figure import Figure, table
from collector.demo import write_history

T = TypeVar("T")

DAYS = 30
_LATER = "alerts.service_down.checks=5"
_ALWAYS_BAD = "services.api/shopify.healthy_ms=300"
_NEWEST = "SELECT max(finished_at) FROM collector_runs"


def measure() -> list[Figure]:
    """Seconds and megabytes at the peak for both months."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        large, demo = Path(folder) / "large.duckdb", Path(folder) / "demo.duckdb"
        large_file.write(FileLocation(large), now, progress=lambda _: None)
        figures = _figures("a month of 3,000,000 calls and many incidents", large)
        write_history(FileLocation(demo), now, DAYS, 1, lambda _share, _label: None)
        figures += _figures("a month of the demo", demo)
        seconds, _ = _of_its_own("rehearse", demo, _ALWAYS_BAD)
        return [*figures, Figure("the demo rehearsed with an API that is always bad", sum(seconds), "s", 10)]


def _figures(what: str, path: Path) -> list[Figure]:
    (reading, replaying), megabytes = _of_its_own("replay", path)
    rehearsing, _ = _of_its_own("rehearse", path, _LATER)
    return [
        Figure(f"{what} read", reading, "s"),
        Figure(f"{what} replayed", replaying, "s"),
        Figure(f"{what} read and replayed", reading + replaying, "s", 3),
        Figure(f"{what} read and replayed: memory at its peak", megabytes, "MB", 700),
        Figure(f"{what} rehearsed with other rules", sum(rehearsing), "s", 5),
    ]


def _of_its_own(what: str, path: Path, *words: str) -> tuple[list[float], float]:
    command = [sys.executable, "-m", "bench.replay", what, str(path), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def _child(what: str, path: Path, words: list[str]) -> None:
    """Prints the seconds of each step, and the megabytes at the peak."""
    with read_only(FileLocation(path)) as connection:
        row = connection.execute(_NEWEST).fetchone()
        assert row is not None
        until: datetime = row[0]
        since = until - timedelta(days=DAYS)
        if what == "rehearse":
            seconds = [_timed(lambda: rehearse(connection, since, until, settings=words))[0]]
        else:
            policy = read_policy(connection)
            reading, recording = _timed(lambda: read_recording(connection, since, until))
            seconds = [reading, _timed(lambda: replay(recording, policy, {}))[0]]
    print(json.dumps([seconds, _peak_megabytes()]))


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    made = work()
    return time.perf_counter() - started, made


def _peak_megabytes() -> float:
    """The largest resident set this process had (Linux; `ru_maxrss` would be that of its parent)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _child(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
    else:
        print(table(measure()))
