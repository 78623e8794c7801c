"""`python -m collector demo`: simulated services on loopback, the real collector, 30 days of history."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Mapping

from analytics.db import CollectorLock, FileLocation, locate
from analytics.listeners import listener
from collector.commands import ExitCode, UsageError
from collector.commands.run import run_until_stopped
from collector.config import load, receiver_settings
from collector.demo import (
    USUAL_PORT,
    Upstreams,
    history_needed,
    listen_address,
    running_traffic,
    running_upstreams,
    write_configuration,
)
from collector.intake import Intake
from collector.log import Logger
from collector.receiver.address import parse_address, reachable_url
from collector.receiver.server import listening_socket
from collector.receiver.settings import ReceiverSettings
from collector.secrets import Redactor
from collector.wiring import Setting, prepare_database, utc_now

DATABASE = "data/demo.duckdb"
#: The same past for everybody.
_SEED = 20261123


class DemoNeedsAFile(UsageError):
    """The demo keeps its data in a file of its own; the message says how to name one."""


def demo(
    database: str | None, days: int, environment: Mapping[str, str], redactor: Redactor, log: Logger
) -> ExitCode:
    """Generate the history if it is not there, then run the demo until SIGTERM or Ctrl-C.

    Raises `DemoNeedsAFile`, a ConfigError for a HEALTH_LISTEN or HEALTH_TOKEN that cannot be, a `ListenError`
    for an address that is taken, or a `DatabaseError`.
    """
    environment_told = bool(environment.get("HEALTH_LISTEN", "").strip())
    address = listen_address(environment)
    host, port = parse_address(address)
    environment = {**environment, "HEALTH_LISTEN": address}
    location = locate(database or DATABASE)
    if not isinstance(location, FileLocation):
        raise DemoNeedsAFile(f"the demo runs on a file, not on {location}; write --db {DATABASE}")
    # The address first: nobody wants to hear only after thirty days of history that it is taken.
    with CollectorLock(location), listening_socket(ReceiverSettings(host=host, port=port)) as sock:
        if not environment_told and port != USUAL_PORT:
            log.warning(
                "port_taken", port=USUAL_PORT, by=listener(USUAL_PORT) or "another program", instead=port
            )
        if history_needed(location, utc_now()):
            log.info("generating_history", days=days, database=str(location))
            code = _generate(location, days)
            if code:
                return ExitCode(code)
        asyncio.run(_run(location, environment, redactor, log, sock))
    return ExitCode.DONE


def _generate(location: FileLocation, days: int) -> int:
    command = [sys.executable, "-m", "collector.demo.history", str(location.path), str(days), str(_SEED)]
    code = subprocess.run(command, check=False).returncode
    return code if code in list(ExitCode) else ExitCode.UNEXPECTED


async def _run(
    location: FileLocation,
    environment: Mapping[str, str],
    redactor: Redactor,
    log: Logger,
    sock: socket.socket,
) -> None:
    async with running_upstreams() as upstreams:
        path = location.path.with_suffix(".toml")
        write_configuration(path, upstreams, environment["HEALTH_LISTEN"])
        config = load(path)
        receiver = receiver_settings(config, environment)
        if receiver is not None and receiver.token:
            redactor.learn(receiver.token)
        setting = Setting(config, location, environment, redactor, log, Intake(log))
        memory = prepare_database(setting)
        beside = [_traffic(upstreams, receiver, log)] if receiver is not None else []
        await run_until_stopped(setting, memory, beside, sock)


async def _traffic(upstreams: Upstreams, receiver: ReceiverSettings, log: Logger) -> None:
    """The traffic of the demo until cancelled; the demo goes on without it when it ends by itself."""
    try:
        async with running_traffic(
            upstreams, reachable_url(receiver.host, receiver.port), receiver.token
        ) as traffic:
            await traffic.ended()
            log.error("traffic_ended")
    except (RuntimeError, OSError) as error:
        log.error("traffic_ended", reason=str(error))
