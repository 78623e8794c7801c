"""The dashboard as a user starts it, and what its process costs."""

import ctypes
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.plugins.ports import free_port, wait_until

_TICK = os.sysconf("SC_CLK_TCK")

_CLOSE_NOWRITE, _NONBLOCK = 0x10, 0o4000
_EVENT = struct.Struct("iIII")


@dataclass(frozen=True, slots=True)
class Server:
    """A dashboard that runs: where it listens, and its process."""

    port: int
    process_id: int

    @property
    def address(self) -> str:
        """Its root."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """The processor time of its process so far."""
        fields = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def megabytes(self) -> float:
        """Its resident memory now."""
        status = Path(f"/proc/{self.process_id}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


@contextmanager
def serving(database: Path) -> Iterator[Server]:
    """The dashboard on `database`, from when it answers."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    environment = {
        **os.environ,
        "HEALTH_DB": str(database),
        "HEALTH_COLLECTOR_URL": "http://127.0.0.1:1",
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
    }
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(f"http://127.0.0.1:{port}/_stcore/health"), "the dashboard", 120)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


class Readings:
    """Counts how often anybody opened the file for reading and closed it again (Linux: inotify).

    The kernel makes one event of equal ones that wait to be read, so they are read as they come.
    """

    def __init__(self, path: Path) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._descriptor = library.inotify_init1(_NONBLOCK)
        watched = library.inotify_add_watch(self._descriptor, os.fsencode(path), _CLOSE_NOWRITE)
        if self._descriptor < 0 or watched < 0:
            raise OSError(ctypes.get_errno(), "the file cannot be watched")
        self._begun = time.monotonic()
        self._count, self._over = 0, threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def a_minute(self) -> float:
        """Readings a minute since the counting began; ends it."""
        self._over.set()
        self._reader.join()
        os.close(self._descriptor)
        return 60 * self._count / (time.monotonic() - self._begun)

    def _read(self) -> None:
        while not self._over.is_set():
            if not select.select([self._descriptor], [], [], 0.2)[0]:
                continue
            told, at = os.read(self._descriptor, 65_536), 0
            while at < len(told):
                at += _EVENT.size + _EVENT.unpack_from(told, at)[3]
                self._count += 1
