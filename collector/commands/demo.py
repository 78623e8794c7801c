"""`python -m collector demo`: simulated services on loopback, the real collector, 30 days of history."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping

from analytics.db import CollectorLock, FileLocation, locate
from collector.commands import ExitCode
from collector.commands.run import run_until_stopped
from collector.config import load
from collector.demo import Traffic, demo_configuration, history_needed, running_upstreams
from collector.intake import Intake
from collector.log import Logger
from collector.secrets import Redactor
from collector.wiring import Setting, prepare_database, utc_now

DATABASE = "data/demo.duckdb"
#: The same past for everybody.
_SEED = 20261123


class DemoNeedsAFile(Exception):
    """The demo keeps its data in a file of its own; the message says how to name one."""


def demo(
    database: str | None, days: int, environment: Mapping[str, str], redactor: Redactor, log: Logger
) -> ExitCode:
    """Generate the history if it is not there, then run the demo until SIGTERM or Ctrl-C."""
    location = locate(database or DATABASE)
    if not isinstance(location, FileLocation):
        raise DemoNeedsAFile(f"the demo runs on a file, not on {location}; write --db {DATABASE}")
    with CollectorLock(location):
        if history_needed(location, utc_now()):
            log.info("generating_history", days=days, database=str(location))
            code = _generate(location, days)
            if code:
                return ExitCode(code)
        asyncio.run(_run(location, environment, redactor, log))
    return ExitCode.DONE


def _generate(location: FileLocation, days: int) -> int:
    command = [sys.executable, "-m", "collector.demo.history", str(location.path), str(days), str(_SEED)]
    code = subprocess.run(command, check=False).returncode
    return code if code in list(ExitCode) else ExitCode.UNEXPECTED


async def _run(
    location: FileLocation, environment: Mapping[str, str], redactor: Redactor, log: Logger
) -> None:
    async with running_upstreams() as upstreams:
        path = location.path.with_suffix(".toml")
        path.write_text(demo_configuration(upstreams), encoding="utf-8")
        intake = Intake(log)
        setting = Setting(load(path), location, environment, redactor, log, intake)
        traffic = Traffic(
            upstreams,
            lambda rows: intake.offer("api_metrics", rows),
            lambda rows: intake.offer("webhook_metrics", rows),
        )
        memory = prepare_database(setting)
        await run_until_stopped(setting, memory, [traffic.run()])
