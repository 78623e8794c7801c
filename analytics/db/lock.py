"""One collector a file: a lock of its own beside the file, which says who holds it and where it listens."""

import contextlib
import fcntl
import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from analytics.db.errors import CollectorRunning, opening
from analytics.db.location import FileLocation, Location

_LISTENING = "listening on "


class CollectorLock:
    """Held by a collector as long as it runs, also when it is killed: then the system lets go of it.

    The file `<database>.lock` stays and means nothing by itself. A lake has many writers and no such lock.
    """

    def __init__(self, location: Location) -> None:
        self._path = location.path if isinstance(location, FileLocation) else None
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `CollectorRunning`, which names the first, when another collector holds it."""
        if self._path is None or self._descriptor is not None:
            return
        with opening(str(self._path)):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            self._take(self._path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next collector in."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @staticmethod
    def _take(path: Path, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            line = os.pread(descriptor, 500, 0).decode(errors="replace").partition("\n")[0].strip()
            raise CollectorRunning(
                f"{path}: another collector runs on it ({line or 'starting now'}): stop it, "
                "or give this one another --db"
            ) from None
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = f"process {os.getpid()} on {socket.gethostname()} since {since}\n"
        with opening(str(path)):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, line.encode(), 0)


def announce_listening(location: Location, url: str) -> None:
    """Write where the collector that holds the lock of `location` listens, for programs of this machine.

    Does nothing for a lake, and where no lock was ever held.
    """
    if isinstance(location, FileLocation):
        with contextlib.suppress(FileNotFoundError), open(f"{location.path}.lock", "r+b") as file:
            if file.readline():
                file.truncate()
                file.write(f"{_LISTENING}{url}\n".encode())


def listening_at(location: Location) -> str | None:
    """The URL at which the collector of `location` listens; None when none runs here, or none listens."""
    if not isinstance(location, FileLocation):
        return None
    try:
        with open(f"{location.path}.lock", encoding="utf-8", errors="replace") as file:
            holder, said = file.readline(500).split(), file.readline(500).strip()
    except OSError:
        return None
    if not said.startswith(_LISTENING) or not _runs_here(holder):
        return None
    return said.removeprefix(_LISTENING)


def _runs_here(holder: list[str]) -> bool:
    """Whether `process 12 on host since …` is a process of this machine that is there."""
    if len(holder) < 4 or holder[3] != socket.gethostname():
        return False
    try:
        os.kill(int(holder[1]), 0)
    except PermissionError:  # there, and somebody else's
        return True
    except (OSError, OverflowError, ValueError):
        return False
    return True
