"""One collector a file: a lock of its own beside the file, with a line in it that says who holds it."""

import fcntl
import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from analytics.db.errors import CollectorRunning, opening
from analytics.db.location import FileLocation, Location


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
            holder = os.pread(descriptor, 500, 0).decode(errors="replace").strip() or "starting now"
            raise CollectorRunning(
                f"{path}: another collector runs on it ({holder}): stop it, or give this one another --db"
            ) from None
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = f"process {os.getpid()} on {socket.gethostname()} since {since}\n"
        with opening(str(path)):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, line.encode(), 0)
