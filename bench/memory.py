"""Resident memory of a collector over 1,000 cycles of the demo's 16 services."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from analytics.db import FileLocation, keep_pandas_out
from bench.figure import Figure, table
from collector.config import load
from collector.demo import running_upstreams, write_configuration
from collector.intake import Intake
from collector.log import configure
from collector.receiver.settings import ReceiverSettings
from collector.reception import receiving
from collector.secrets import Redactor
from collector.wiring import Setting, prepare_database, ready_cycle

CYCLES = 1000
_MARKS = (10, 200, CYCLES)


def measure() -> list[Figure]:
    """Megabytes after the first cycles, after 200 and after 1,000, of a process that does nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.memory", "child"], capture_output=True, text=True, check=True
    )
    used = {int(count): megabytes for count, megabytes in json.loads(done.stdout).items()}
    return [
        Figure("collector with 16 services: resident memory after 200 cycles", used[200], "MB", 200),
        Figure("collector with 16 services: resident memory after 1,000 cycles", used[CYCLES], "MB", 200),
        Figure("growth from cycle 200 to cycle 1,000", used[CYCLES] - used[200], "MB", 5),
    ]


async def _run(folder: Path) -> Mapping[int, float]:
    redactor = Redactor()
    used: dict[int, float] = {}
    async with running_upstreams() as upstreams:
        path = folder / "services.toml"
        write_configuration(path, upstreams)
        log = configure(redactor)
        location = FileLocation(folder / "health.duckdb")
        setting = Setting(load(path), location, os.environ, redactor, log, Intake(log))
        cycles, listening = ready_cycle(setting, prepare_database(setting)), ReceiverSettings(port=0)
        async with cycles as cycle, receiving(setting, listening, cycle):
            cycle.retry_interval = timedelta(milliseconds=10)
            for number in range(1, CYCLES + 1):
                # Mostly a quiet moment of the demo's script, and now and then one of its faults.
                await upstreams.hold(number * 7 % 600 if number % 25 == 0 else 0)
                for spec in cycle.specs:
                    # As in life, a server that has to be started is checked less often.
                    if spec.key in cycle.memory and (spec.interval == cycle.interval or number % 20 == 0):
                        cycle.memory[spec.key].started_at = None
                await cycle.run()
                if number in _MARKS:
                    used[number] = resident_megabytes()
    return used


def resident_megabytes() -> float:
    """Resident set size of this process (Linux: /proc/self/statm, in pages)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _child() -> None:
    keep_pandas_out()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(_run(Path(folder)))))


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        _child()
    else:
        print(table(measure()))
