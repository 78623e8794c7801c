"""The simulated upstreams as the demo sees them: their addresses, and the time in the script."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.demo.stage import ScriptClock

#: Where a child process finds the collector.
ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30.0
_STOP_SECONDS = 3.0


@dataclass(frozen=True)
class Upstreams:
    """Running upstreams.

    `addresses` holds a URL for each `type/name` that is reached over the network, and that of the `stage`,
    which a server started for a check asks for its fault. `clock` is the time in the script.
    """

    addresses: Mapping[str, str]
    clock: ScriptClock
    process: asyncio.subprocess.Process

    async def hold(self, elapsed: float | None) -> None:
        """Stand still at a moment of the script, in seconds; None goes on. Returns when it is so."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"hold": elapsed}).encode() + b"\n")
        await self.process.stdin.drain()
        await _next_line(self.process)
        self.clock.hold(elapsed)


@asynccontextmanager
async def running_upstreams() -> AsyncIterator[Upstreams]:
    """Start the upstreams in a child process, and end it afterwards.

    The child also ends by itself when this process does, even by SIGKILL: its standard input closes then.
    It has a session of its own, so that Ctrl-C reaches it through us and not while a cycle still runs.
    Raises RuntimeError when it does not start.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "collector.demo.upstreams_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_START_SECONDS):
            told = await _next_line(process)
        yield Upstreams(told["addresses"], ScriptClock(told["started"]), process)
    finally:
        await _end(process)


async def _next_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the simulated upstreams ended; their last words are above")
    told: dict[str, Any] = json.loads(line)
    return told


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close its standard input, which ends it; kill it when that takes too long."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
