"""The end of a started server: nothing of it stays behind, no child, no grandchild, no zombie.

A server leads a process group of its own. Most of what it starts stays in that group; what leaves it (a
shell with job control, a daemon) still carries the mark the server was started with in its environment.
Linux shows both in /proc. Elsewhere the group alone is known.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_ZOMBIE = "Z"

#: Seconds a server has to leave after its input ended, after SIGTERM, and after SIGKILL.
_LEAVE, _TERMINATE, _KILL = 1.0, 1.0, 2.0
_POLL, _SLOWEST_POLL = 0.02, 0.2

#: The environment variable that marks a started server and everything it starts.
MARK = "INTEGRATION_HEALTH_CHECK"


@dataclass
class ProcessTree:
    """A started process, its group, and on Linux everything that carries its mark.

    `process` must have been started as the leader of a new session with `MARK=mark` in its environment.
    The methods block for milliseconds; one of them looks at every process of the machine.
    """

    process: subprocess.Popen[bytes]
    mark: str
    _seen: set[int] = field(default_factory=set)

    def leader_exited(self) -> bool:
        """Whether the process that was started has ended; its exit code is then in `process.returncode`."""
        return self.process.poll() is not None

    def is_gone(self) -> bool:
        """Whether nothing of the tree lives. Reaps what ended and is a child of this process."""
        leader_exited = self.leader_exited()
        living = self.living()
        self._reap()
        return leader_exited and not living

    def living(self) -> set[int]:
        """The processes of the tree that live, without zombies; on Linux also those outside the group."""
        if not _PROC.joinpath("self", "stat").exists():
            return {self.process.pid} if self._group_exists() else set()
        living = {pid for pid in _numbers(_PROC) if self._belongs(pid)}
        self._seen |= living
        return living

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the group and to everything that left it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)
        for pid in self.living():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def kill(self) -> None:
        """SIGKILL to all of it, and collect its leader; for when there is no time left to ask."""
        self.send(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_KILL)

    def _belongs(self, pid: int) -> bool:
        try:
            # "pid (name) state ppid pgrp session …"; the name may hold blanks and brackets. proc(5)
            fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if fields[0] == _ZOMBIE:
                return False
            if self.process.pid in (int(fields[2]), int(fields[3])):
                return True
            variables = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
        except (OSError, IndexError, ValueError):
            return False
        return f"{MARK}={self.mark}".encode() in variables

    def _group_exists(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def _reap(self) -> None:
        """Orphans become children of process 1; where that is this process, it must collect them."""
        for pid in self._seen - {self.process.pid}:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        with contextlib.suppress(ChildProcessError):
            while self.leader_exited() and os.waitpid(-self.process.pid, os.WNOHANG)[0]:
                continue


async def end(tree: ProcessTree, gently: bool) -> None:
    """Wait until nothing of `tree` is left: first by itself if `gently`, then SIGTERM, then SIGKILL.

    The input of its leader must have been closed. Takes at most 4 seconds.
    """
    if gently and await _gone_within(tree, _LEAVE):
        return
    for number, seconds in ((signal.SIGTERM, _TERMINATE), (signal.SIGKILL, _KILL)):
        await asyncio.to_thread(tree.send, number)
        if await _gone_within(tree, seconds):
            return


async def _gone_within(tree: ProcessTree, seconds: float) -> bool:
    deadline, pause = time.monotonic() + seconds, _POLL
    while not (tree.leader_exited() and await asyncio.to_thread(tree.is_gone)):
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, _SLOWEST_POLL)
    return True


def _numbers(folder: Path) -> list[int]:
    return [int(entry.name) for entry in os.scandir(folder) if entry.name.isdigit()]
