"""`python -m collector demo`: simulated services on loopback, the real collector, 30 days of history."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from analytics.db import CollectorLock, FileLocation, Location, locate
from collector.commands import ExitCode
from collector.commands.run import run_until_stopped
from collector.config import load
from collector.demo import Traffic, demo_configuration, history_needed, running_upstreams, write_history
from collector.log import Logger
from collector.secrets import Redactor
from collector.wiring import Setting, prepare_database, utc_now

DATABASE = "data/demo.duckdb"
#: The same history for everybody who starts the demo on the same day.
_SEED = 20261123


def demo(
    database: str | None, days: int, environment: Mapping[str, str], redactor: Redactor, log: Logger
) -> ExitCode:
    """Generate the history if it is not there, then run the demo until SIGTERM or Ctrl-C."""
    location = locate(database or DATABASE)
    with CollectorLock(location):
        now = utc_now()
        if history_needed(location, now):
            with _progress_bar(days) as bar:
                write_history(location, now, days, _SEED, lambda share, label: _advance(bar, share, label))
        asyncio.run(_run(location, environment, redactor, log))
    return ExitCode.DONE


async def _run(location: Location, environment: Mapping[str, str], redactor: Redactor, log: Logger) -> None:
    async with running_upstreams() as upstreams:
        path = configuration_path(location)
        path.write_text(demo_configuration(upstreams), encoding="utf-8")
        setting = Setting(load(path), location, environment, redactor, log)
        traffic = Traffic(upstreams, setting.intake.record_calls, setting.intake.record_deliveries)
        memory = prepare_database(setting)
        await run_until_stopped(setting, memory, [traffic.run()])


def configuration_path(location: Location) -> Path:
    """Where the demo writes its services.toml, for whoever wants to look: beside its database."""
    if isinstance(location, FileLocation):
        return location.path.with_suffix(".toml")
    return Path(DATABASE).with_suffix(".toml")


@contextmanager
def _progress_bar(days: int) -> Iterator["tqdm[Any]"]:
    """A bar on a terminal, nothing in a log file."""
    bar: tqdm[Any] = tqdm(total=100, disable=None, bar_format="{desc} {bar} {percentage:3.0f} %  {elapsed}")
    bar.set_description(f"generating {days} days of history")
    with bar:
        yield bar


def _advance(bar: "tqdm[Any]", share: float, label: str) -> None:
    bar.set_description(label)
    bar.update(round(100 * share) - bar.n)
