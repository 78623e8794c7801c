"""`python -m collector`: cycles until SIGTERM or Ctrl-C. With `--once`: one cycle, then the end."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from analytics.db import CollectorLock, DatabaseError, LakeLocation, compact
from analytics.model import ServiceKey
from collector.commands import ExitCode
from collector.config import receiver_settings
from collector.cycle import Cycle
from collector.duties import Duties, duties
from collector.intake_commit import committing_to
from collector.loop import Loop
from collector.memory import Memory
from collector.receiver.server import listening_socket
from collector.reception import receiving
from collector.wiring import Setting, prepare_database, ready_cycle, utc_now

_COMPACT_SECONDS = 3600


def run(setting: Setting) -> ExitCode:
    """Probe until told to stop; 0 after SIGTERM or Ctrl-C.

    Raises `DatabaseError` when the database cannot be used at the start, or still not at the end, and
    `ListenError`.
    """
    settings = receiver_settings(setting.config, setting.environment)
    # The address first: one that is taken must not leave a database behind.
    with (
        CollectorLock(setting.location),
        listening_socket(settings) if settings else nullcontext() as sock,
    ):
        memory = prepare_database(setting)
        asyncio.run(run_until_stopped(setting, memory, sock=sock))
    return ExitCode.DONE


def run_once(setting: Setting) -> ExitCode:
    """One cycle; 0 also when services are down, for cron and scheduled workflows.

    Raises `DatabaseError` when what was found could not be written.
    """

    async def once() -> None:
        async with ready_cycle(setting, memory, alone=True) as cycle, duties(setting, cycle) as work:
            try:
                await _one_cycle(cycle, work)
                _require_written(cycle)
                await work.deliver_once()
                await work.keeping.once()
            finally:
                # The beat that tells of trouble is under way when the trouble is raised.
                await work.heartbeat.settle()

    with CollectorLock(setting.location):
        memory = prepare_database(setting)
        asyncio.run(once())
    return ExitCode.DONE


async def run_until_stopped(
    setting: Setting,
    memory: dict[ServiceKey, Memory],
    beside: Sequence[Coroutine[Any, Any, None]] = (),
    sock: socket.socket | None = None,
) -> None:
    """Run cycles, and listen, until SIGTERM or SIGINT, with the coroutines of `beside` next to them.

    `sock` is the receiver's address, bound already; None binds it here.

    Raises `ListenError` when the receiver's address cannot be listened on.
    """
    settings = receiver_settings(setting.config, setting.environment)
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    setting.log.info("started", services=len(setting.config.services), database=str(setting.location))
    # What comes in last is written last: the receiver ends before what writes its rows.
    async with (
        _until_here(setting.intake.run(committing_to(setting.location, utc_now)), _compact_hourly(setting)),
        ready_cycle(setting, memory) as cycle,
        duties(setting, cycle) as work,
        work.lasting(),
        receiving(setting, settings, cycle, sock, work),
        _until_here(*beside),
    ):
        # What exists now lives for ever; a collection over all of it would show up in measured latencies.
        gc.collect()
        gc.freeze()
        await Loop(lambda: _one_cycle(cycle, work), cycle.interval, setting.log).run(stop)
        _require_written(cycle)
    setting.log.info("stopped")


@asynccontextmanager
async def _until_here(*coroutines: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `coroutines` beside the body; at its end they are cancelled, and have ended."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _require_written(cycle: Cycle) -> None:
    if cycle.recorder.failure is not None:
        raise cycle.recorder.failure


async def _compact_hourly(setting: Setting) -> None:
    """Once an hour the small commits of a lake, which wait in PostgreSQL, become Parquet files."""
    while isinstance(setting.location, LakeLocation):
        await asyncio.sleep(_COMPACT_SECONDS)
        try:
            await asyncio.to_thread(compact, setting.location)
        except DatabaseError as error:
            setting.log.warning("compaction_failed", reason=str(error))


async def _one_cycle(cycle: Cycle, work: Duties) -> None:
    summary = await cycle.run()
    await work.cycle_finished(summary)
    cycle.log.info(
        "cycle_finished",
        services=summary.services,
        checks=summary.checks,
        failures=summary.failures,
        ms=round(summary.duration_ms),
    )
