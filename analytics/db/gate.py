"""What the threads of this process do with one file: any number read, or one writes.

DuckDB refuses to open a file for writing in a process that has it open for reading. Here the threads wait for
each other instead; who waits to write goes before new readers.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics.db.errors import DatabaseBusy
from analytics.db.per_process import per_process

#: How long a thread waits for a writing thread, in seconds: that one will finish, even if it copies first.
_WRITER_FINISHES = 60.0


class Gate:
    """The threads of this process at one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = threading.Condition()
        self._readers: dict[int, int] = defaultdict(int)
        self._writer: int | None = None
        self._waiting = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep writers of this process out. A thread that reads already is let in again."""
        me = threading.get_ident()
        with self._changed:
            self._refuse_own(self._writer == me, "writes to")
            free = self._changed.wait_for(
                lambda: self._writer is None and (not self._waiting or me in self._readers), _WRITER_FINISHES
            )
            if not free:
                raise DatabaseBusy(str(self._path), "another thread of this process writes to it: try again")
            self._readers[me] += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers[me] -= 1
                if not self._readers[me]:
                    del self._readers[me]
                self._changed.notify_all()

    @contextmanager
    def writing(self, patience: float) -> Iterator[None]:
        """Keep all other threads of this process out; readers are waited for up to `patience` seconds."""
        me = threading.get_ident()
        deadline = time.monotonic() + patience
        with self._changed:
            self._refuse_own(self._writer == me, "writes to")
            self._refuse_own(me in self._readers, "reads")
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._writer is None, _WRITER_FINISHES)
                left = max(deadline - time.monotonic(), 0)
                if not self._changed.wait_for(lambda: self._writer is None and not self._readers, left):
                    raise DatabaseBusy(
                        str(self._path), "another thread of this process keeps it open: close it there first"
                    )
                self._writer = me
            finally:
                self._waiting -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._writer = None
                self._changed.notify_all()

    def _refuse_own(self, already: bool, does: str) -> None:
        if already:
            raise DatabaseBusy(str(self._path), f"this thread {does} it already: finish that first")


_gates: Callable[[], dict[Path, Gate]] = per_process(dict)


def gate(path: Path) -> Gate:
    """The gate of this process at `path`."""
    return _gates().setdefault(path, Gate(path))
