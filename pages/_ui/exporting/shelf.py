"""Exports that were prepared: made one by one by processes of their own, kept for an hour under a name that
nobody can guess, and gone when the server stops.

What is here is bounded: in exports at once, in exports kept, and in bytes.
"""

import logging
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from analytics.export import ExportError
from pages._ui.exporting import process as processes
from pages._ui.exporting.asked import Chosen
from pages._ui.exporting.naming import file_name, size
from pages._ui.reading import utc_now

#: How long a file is kept, how many are made at once, how many are kept, and how large all are together.
KEPT = timedelta(hours=1)
AT_ONCE = 2
MOST = 20
MOST_BYTES = 2 * 10**9

_PREFIX = "health-export-"
#: Older ones are from a server that was killed.
_FORGOTTEN_SECONDS = 86_400.0

_log = logging.getLogger(__name__)


class State(StrEnum):
    """How far an export is."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Export:
    """One export; it changes while it is made, and only its own thread changes it.

    `total` is how many rows there will be, `rows` and `written` (bytes) how far it is. `says` is what went
    wrong, `gone` when its file is deleted.
    """

    id: str
    chosen: Chosen
    name: str
    begun: datetime
    total: int
    folder: Path
    state: State = State.PREPARING
    rows: int = 0
    written: int = 0
    says: str = ""
    gone: datetime | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """Where it is, or will be."""
        return self.folder / self.name

    @property
    def percent(self) -> int:
        """How much of it is done; 100 only when all is."""
        if self.state is State.READY:
            return 100
        return min(99, 100 * self.rows // self.total) if self.total else 0


class Shelf:
    """The exports of one server. `kept` and `most_bytes` are those above unless a test says otherwise."""

    def __init__(self, kept: timedelta = KEPT, most_bytes: int = MOST_BYTES) -> None:
        self._kept = kept
        self._most_bytes = most_bytes
        self._exports: dict[str, Export] = {}
        self._lock = threading.RLock()
        self._swept = False

    def prepare(self, chosen: Chosen, total: int, now: datetime) -> Export:
        """Begin to make it. `ExportError` says in one line why that is not possible just now."""
        with self._lock:
            self._sweep()
            self._make_room()
            folder = self._folder()
            name = file_name(chosen, now)
            export = Export(secrets.token_urlsafe(24), chosen, name, now, total, folder)
            try:
                export.process = processes.started(chosen, export.path)
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise ExportError(f"no process can be started for it: {error.strerror}") from error
            self._exports[export.id] = export
        threading.Thread(target=self._follow, args=(export,), daemon=True, name="export").start()
        return export

    def find(self, export_id: str) -> Export | None:
        """The export of this name, None when there is none any more."""
        return self._exports.get(export_id)

    def cancel(self, export_id: str) -> None:
        """Stop making it, or delete it."""
        with self._lock:
            export = self._exports.get(export_id)
            if export is None:
                return
            if export.state is not State.PREPARING:
                self._forget(export)
                return
            export.state = State.CANCELLED
        if export.process is not None:
            export.process.kill()

    def close(self) -> None:
        """Stop everything and delete every file."""
        for export in list(self._exports.values()):
            self.cancel(export.id)
            if export.process is not None:
                export.process.wait()
            self._forget(export)

    def _follow(self, export: Export) -> None:
        process = export.process
        assert process is not None
        assert process.stdout is not None
        try:
            for line in process.stdout:
                export.rows, export.written = map(int, line.split())
                if self._bytes() > self._most_bytes:
                    export.says = (
                        f"the files kept here would be larger than {size(self._most_bytes)}: choose less"
                    )
                    process.kill()
            fault = processes.said(process)
        except ValueError:
            fault = "what makes it does not answer as this version expects"
        finally:
            processes.ended(process)
        with self._lock:
            self._end(export, export.says or fault)

    def _end(self, export: Export, fault: str) -> None:
        if export.state is State.CANCELLED:
            self._forget(export)
            return
        if fault or not export.path.is_file():
            fault = fault or "its file is not there any more"
            _log.warning("export of %s: %s", export.chosen.asked.dataset, fault)
            # Where it was written is of no use to whoever asked for it.
            export.says = fault.removeprefix(f"{export.path}: ")
            export.state = State.FAILED
            shutil.rmtree(export.folder, ignore_errors=True)
        else:
            export.state = State.READY
        export.gone = utc_now() + self._kept
        timer = threading.Timer(self._kept.total_seconds(), self._forget, args=(export,))
        timer.daemon = True
        timer.start()

    def _forget(self, export: Export) -> None:
        self._exports.pop(export.id, None)
        shutil.rmtree(export.folder, ignore_errors=True)

    def _make_room(self) -> None:
        making = sum(one.state is State.PREPARING for one in self._exports.values())
        if making >= AT_ONCE:
            raise ExportError(f"{making} exports are being prepared already: wait for one, or cancel it")
        ended = [one for one in self._exports.values() if one.state is State.FAILED]
        for one in ended if len(self._exports) >= MOST else ():
            self._forget(one)
        if len(self._exports) >= MOST or self._bytes() >= self._most_bytes:
            raise ExportError("no more files are kept here: delete one, or wait until they are an hour old")

    def _bytes(self) -> int:
        return sum(one.written for one in list(self._exports.values()) if one.state is not State.FAILED)

    def _folder(self) -> Path:
        try:
            return Path(tempfile.mkdtemp(prefix=_PREFIX))
        except OSError as error:
            raise ExportError(f"{tempfile.gettempdir()}: {error.strerror}: make room there") from error

    def _sweep(self) -> None:
        """Delete what a server that was killed left behind."""
        if self._swept:
            return
        self._swept = True
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                if folder.is_dir() and time.time() - folder.stat().st_mtime > _FORGOTTEN_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


#: The one of this server.
SHELF = Shelf()
