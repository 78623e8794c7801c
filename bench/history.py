"""How long the demo takes to make its 30 days of history, and how large they are."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from analytics.db import FileLocation
from bench.figure import Figure, table
from collector.demo import write_history

DAYS = 30


def measure() -> list[Figure]:
    """Seconds and megabytes of a fresh demo database."""
    with tempfile.TemporaryDirectory() as folder:
        location = FileLocation(Path(folder) / "demo.duckdb")
        started = time.perf_counter()
        write_history(location, datetime.now(UTC), DAYS, 1, lambda _share, _label: None)
        seconds = time.perf_counter() - started
        megabytes = location.path.stat().st_size / 1e6
    return [
        Figure("30 days of history of 16 services for the demo", seconds, "s", 15),
        Figure("their size on disk", megabytes, "MB", 250),
    ]


if __name__ == "__main__":
    print(table(measure()))
