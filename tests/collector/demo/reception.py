"""The real receiver over a real database, for the traffic of the demo to arrive at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from analytics.db import FileLocation, read_only
from collector.config import load, receiver_settings
from collector.demo import Traffic, Upstreams, running_traffic, write_configuration
from collector.intake import Intake
from collector.intake_commit import committing_to
from collector.receiver.settings import ReceiverSettings
from collector.reception import receiving
from collector.secrets import Redactor
from collector.wiring import Setting, prepare_database, ready_cycle
from tests.plugins.ports import free_port


def _silent_log():
    def drop(*_: object) -> None:
        raise structlog.DropEvent

    return structlog.wrap_logger(None, processors=[drop])


@dataclass
class RunningTraffic:
    """Traffic that runs, and what of it has arrived in the database."""

    upstreams: Upstreams
    traffic: Traffic
    location: FileLocation
    intake: Intake

    async def hold(self, elapsed: float) -> str:
        """Stand still at a moment of the script; the SQL condition of all that begins from now on."""
        await self.upstreams.hold(elapsed)
        await self.traffic.hold(elapsed)
        return f"timestamp > '{datetime.now(UTC).isoformat()}'::TIMESTAMPTZ"

    def rows(self, sql: str) -> list[tuple]:
        with read_only(self.location) as connection:
            return connection.execute(sql).fetchall()

    def count(self, table: str, condition: str = "true") -> int:
        [(number,)] = self.rows(f"SELECT count(*) FROM {table} WHERE {condition}")
        return number

    async def until(self, table: str, condition: str, number: int = 1) -> None:
        """Wait until `table` holds `number` rows of that kind."""
        try:
            async with asyncio.timeout(25):
                while self.count(table, condition) < number:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"waited 25 s for {number} rows of {table} with {condition}")


@asynccontextmanager
async def _receiver(upstreams: Upstreams, folder: Path) -> AsyncIterator[tuple[Setting, ReceiverSettings]]:
    """Listen with the configuration of the demo; nothing is probed."""
    path, log = folder / "demo.toml", _silent_log()
    write_configuration(path, upstreams, f"127.0.0.1:{free_port()}")
    config, location = load(path), FileLocation(folder / "demo.duckdb")
    settings = receiver_settings(config, {})
    assert settings is not None
    setting = Setting(config, location, {}, Redactor(), log, Intake(log))
    memory = prepare_database(setting)
    taking_in = asyncio.create_task(setting.intake.run(committing_to(location)))
    try:
        async with ready_cycle(setting, memory) as cycle, receiving(setting, settings, cycle):
            yield setting, settings
    finally:
        taking_in.cancel()
        await asyncio.gather(taking_in, return_exceptions=True)


@asynccontextmanager
async def running_at(
    upstreams: Upstreams, folder: Path, elapsed: float, pace: float
) -> AsyncIterator[RunningTraffic]:
    """Traffic at a moment of the script, into a database of its own in `folder`."""
    before = upstreams.clock.held_at
    await upstreams.hold(elapsed)
    try:
        async with (
            _receiver(upstreams, folder) as (setting, settings),
            running_traffic(upstreams, f"http://{settings.address}", settings.token, pace) as traffic,
        ):
            yield RunningTraffic(upstreams, traffic, FileLocation(folder / "demo.duckdb"), setting.intake)
    finally:
        await upstreams.hold(before)
