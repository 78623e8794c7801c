"""A child process of the demo that is spoken to in lines of JSON, and lives no longer than its parent."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

#: Where a child process finds the collector.
ROOT = Path(__file__).resolve().parents[2]
_STOP_SECONDS = 5.0


class Child:
    """A running child; `name` is for messages."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process

    async def tell(self, message: Mapping[str, Any]) -> None:
        """Write one line to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()

    async def hear(self) -> dict[str, Any]:
        """Its next line. Raises RuntimeError when it has ended."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended; what its process said last stands above")
        told: dict[str, Any] = json.loads(line)
        return told

    async def end(self) -> None:
        """Close its standard input, which ends it; kill it when that takes too long."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def running_child(module: str, name: str) -> AsyncIterator[Child]:
    """Run `python -m module` for as long as the body runs.

    The child also ends by itself when this process does, even by SIGKILL: its standard input closes then.
    It has a session of its own, so that Ctrl-C reaches it through us and not while a cycle still runs.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    child = Child(name, process)
    try:
        yield child
    finally:
        await child.end()


async def standard_input() -> asyncio.StreamReader:
    """In the child: what its parent tells it, line by line, until that closes it."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def say(message: Mapping[str, Any]) -> None:
    """In the child: one line for its parent; to one that was killed nothing."""
    try:
        print(json.dumps(message), flush=True)
    except BrokenPipeError:
        # Python would try once more when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
