"""Reading a file: attach it read-only, share that among the threads of this process, detach it at the end.

A process loses its locks on a file as soon as it closes any descriptor of that file (fcntl(2)). So a file is
attached once in a process, however many threads read it. And when something else in this process has it open
too (a notebook with a connection of its own), ours stays attached until that is gone: to close ours would let
the collector write into the file under that connection.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import duckdb

from analytics.db import engine, swap
from analytics.db.engine import Instance
from analytics.db.errors import DatabaseMissing, Locked, busy, opening, using
from analytics.db.gate import gate
from analytics.db.per_process import per_process
from analytics.db.waiting import attempts

_File = tuple[int, int]


class _Moved(Exception):
    """The file was replaced while it was being opened."""


@dataclass
class _Attachment:
    instance: Instance
    users: int = 0


@dataclass
class _Attachments:
    """What this process has attached for reading, by device and inode."""

    files: dict[_File, _Attachment] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def close_unused(self) -> None:
        """Detach what no reader uses and nothing else in this process has open. The caller holds the lock."""
        unused = [file for file, attachment in self.files.items() if not attachment.users]
        for file in unused:
            if _open_descriptors(file) <= 1:
                engine.close_file(self.files.pop(file).instance)


_attachments = per_process(_Attachments)


@contextmanager
def reading(path: Path, patience: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the present of the file, waiting up to `patience` seconds for a writer."""
    with gate(path).reading():
        with opening(str(path)):
            attachment = _enter(path, patience)
        try:
            connection = attachment.instance.session()
            try:
                with using(str(path)):
                    yield connection
            finally:
                connection.close()
        finally:
            _leave(attachment)


def close_unused() -> None:
    """Detach what no reader of ours uses, except what something else in this process has open."""
    known = _attachments()
    with known.lock:
        known.close_unused()


def _enter(path: Path, patience: float) -> _Attachment:
    holder: int | None = None
    for _ in attempts(patience):
        try:
            return _join(path)
        except _Moved:
            continue
        except Locked as lock:
            holder = lock.pid
    raise busy(str(path), holder)


def _join(path: Path) -> _Attachment:
    """Use what is attached already, the present as long as the file was not replaced; or attach it.

    What was only kept for a connection that is closed by now lost its lock with it, and may be the past.
    """
    known = _attachments()
    with known.lock:
        known.close_unused()
        target = swap.present(path)
        file = _identity(path, target)
        if file not in known.files:
            known.files[file] = _Attachment(_attach(path, target, file))
        known.files[file].users += 1
        return known.files[file]


def _leave(attachment: _Attachment) -> None:
    known = _attachments()
    with known.lock:
        attachment.users -= 1
        known.close_unused()


def _attach(path: Path, target: Path, file: _File) -> Instance:
    try:
        instance = engine.open_file(target, "READ_ONLY")
    except duckdb.Error as error:
        if _replaced(path, target, file):
            raise _Moved from error
        raise
    if _replaced(path, target, file):
        engine.close_file(instance)
        raise _Moved
    return instance


def _replaced(path: Path, target: Path, file: _File) -> bool:
    return swap.present(path) != target or _identity(path, target) != file


def _identity(path: Path, target: Path) -> _File:
    try:
        about = target.stat()
    except (FileNotFoundError, NotADirectoryError):
        if target != path:
            raise _Moved from None
        raise DatabaseMissing(str(path)) from None
    return about.st_dev, about.st_ino


def _open_descriptors(file: _File) -> int:
    """How many descriptors of `file` this process has open; one, ours, where the system does not tell."""
    count = 0
    try:
        names = os.listdir("/dev/fd")
    except OSError:
        return 1
    for name in names:
        try:
            about = os.fstat(int(name))
        except OSError:
            continue
        count += (about.st_dev, about.st_ino) == file
    return count
