"""An MCP server that is started for a check: its pipes as the streams of a session, and its whole end.

The SDK's own stdio transport hides the exit code, drops what is no message, and lets a second cancellation
interrupt its clean-up; a check needs all three.
"""

import asyncio
import contextlib
import math
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from signal import Signals
from typing import Any
from uuid import uuid4

import anyio
from mcp import MCPError
from mcp.shared.message import SessionMessage
from mcp_types import CONNECTION_CLOSED
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.mcp_errors import malformed, rpc_failure
from collector.probes.mcp_options import McpOptions
from collector.probes.mcp_output import LastWords, Output
from collector.probes.mcp_pipes import Inlet, write_all
from collector.probes.mcp_processes import MARK, ProcessTree, end
from collector.probes.mcp_session import explained
from collector.probes.mcp_spawn import child_environment, spawn

#: Seconds of silence after noise until the noise is the answer; at most half of the check's own time.
_NOISE_PATIENCE = 5.0
#: Seconds for the last output to arrive after the process ended, or for its end after the output ended.
_LAST_WORDS = 0.5
_POLL = 0.02


class StartedServer:
    """A running server: `read` and `write` for a session, and what is known when the session fails."""

    def __init__(self, process: subprocess.Popen[bytes], patience: float) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._stdin = process.stdin
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._output, self._last_words = Output(), LastWords()
        self._fault: ProbeFailure | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._to_session, self.read = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)
        self.write, self._from_session = anyio.create_memory_object_stream[SessionMessage](0)
        os.set_blocking(process.stdin.fileno(), False)
        self._stdout = Inlet(process.stdout, self._take)
        self._stderr = Inlet(process.stderr, self._last_words.feed)
        self._writing = asyncio.create_task(self._write())
        self._watching = asyncio.create_task(self._watch())

    def settles(self) -> bool:
        """Whether no other request would fare better: the server has ended, or it speaks no MCP."""
        return self._watching.done() or self._fault is not None

    async def heard(self, message: object) -> None:
        """Notifications of the server say nothing about its health."""

    def explain(self, error: BaseException, step: str) -> ProbeFailure | None:
        """Why the session failed with `error` during `step`; None when that is not the server's doing."""
        if self._fault is not None:
            return self._fault
        if not isinstance(error, MCPError):
            return malformed(error, step) if isinstance(error, ValidationError) else None
        if self._process.returncode is not None:
            return ProbeFailure(
                Reason.EXITED, f"{_ended(self._process.returncode)} during {step}{self._said()}"
            )
        if error.code == CONNECTION_CLOSED and self._watching.done():
            return ProbeFailure(Reason.EXITED, f"closed its standard output during {step}{self._said()}")
        return rpc_failure(error, step)

    def notes(self, failed: bool) -> dict[str, Any]:
        """What belongs into the details of the check."""
        noise = self._output.first_noise
        found: dict[str, Any] = {"stdout_noise": noise} if noise else {}
        if failed and self._last_words.lines():
            found["stderr"] = self._last_words.lines()
        if failed and self._watching.done() and self._process.returncode is not None:
            found["exit_code"] = self._process.returncode
        return found

    async def hang_up(self) -> None:
        """End the input of the server, which asks it to leave. What it still writes is read and dropped."""
        if self._timer is not None:
            self._timer.cancel()
        for task in (self._writing, self._watching):
            task.cancel()
        await asyncio.gather(self._writing, self._watching, return_exceptions=True)
        for stream in (self._to_session, self._from_session, self.read, self.write):
            stream.close()
        self._stdin.close()

    def release(self) -> None:
        """Close what is left of the pipes."""
        self._stdin.close()
        self._stdout.close()
        self._stderr.close()

    def _take(self, chunk: bytes) -> None:
        if self._fault is not None:
            return
        for message in self._output.feed(chunk):
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                self._to_session.send_nowait(SessionMessage(message))
        if self._output.flooded:
            self._give_up()
        elif self._timer is not None and not self._output.only_noise:
            self._timer.cancel()
            self._timer = None
        elif self._timer is None and self._output.only_noise:
            self._timer = self._loop.call_later(self._patience, self._give_up)

    def _give_up(self) -> None:
        wrote = self._output.first_noise or "far more than any answer"
        message = f"writes text that is no MCP message to its standard output: {wrote}"
        self._fault = ProbeFailure(Reason.PROTOCOL, message)
        self._to_session.close()

    async def _write(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            async for item in self._from_session:
                text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
                await write_all(self._stdin, f"{text}\n".encode())

    async def _watch(self) -> None:
        """Ends the session when the server has ended, after its last words."""
        while self._process.poll() is None and not self._stdout.ended:
            await asyncio.sleep(_POLL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                while self._process.poll() is None or not (self._stdout.ended and self._stderr.ended):
                    await asyncio.sleep(_POLL)
        self._to_session.close()

    def _said(self) -> str:
        words = self._last_words.telling() or self._output.first_noise
        return f": {words}" if words else ""


@asynccontextmanager
async def started(options: McpOptions, context: ProbeContext) -> AsyncIterator[StartedServer]:
    """Start the server of `options`; at the end nothing of it is left, whatever ends the check."""
    mark = uuid4().hex
    environment = child_environment(os.environ, options.env) | {MARK: mark}
    with context.steps.step("spawn"):
        process = spawn(options, environment)
    server = StartedServer(process, min(_NOISE_PATIENCE, context.timeout / 2))
    failed = True
    try:
        yield server
        failed = False
    except Exception as error:
        context.answered()
        raise explained(server, error, context.steps) from error
    finally:
        context.notes.update(server.notes(failed))
        await _to_the_end(server, ProcessTree(process, mark), gently=not failed)


async def _to_the_end(server: StartedServer, tree: ProcessTree, gently: bool) -> None:
    """Wind the server down, however often this is cancelled meanwhile; cancellation is passed on after."""

    async def wind_down() -> None:
        try:
            await server.hang_up()
            await end(tree, gently)
        except BaseException:
            tree.kill()
            raise
        finally:
            server.release()

    work = asyncio.create_task(wind_down())
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not work.done():
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        raise cancelled


def _ended(code: int) -> str:
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was ended by {Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
