"""Writing to a file: open it late, run one transaction, close it early; step around whoever camps on it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import duckdb

from analytics.db import engine, reading, swap, undo
from analytics.db.engine import Instance
from analytics.db.errors import (
    DatabaseBusy,
    DatabaseError,
    DatabaseMissing,
    DatabaseUnusable,
    Locked,
    busy,
    opening,
    using,
)
from analytics.db.gate import gate
from analytics.db.waiting import attempts

T = TypeVar("T")
Work = Callable[[duckdb.DuckDBPyConnection], T]

#: The form of a new file. From storage version 1.4 on a checkpoint keeps the metadata of untouched rows;
#: smaller blocks make the rest of it smaller. Measured on 13.8 million rows: 14 ms a commit instead of 40.
_NEW_FILE = ("STORAGE_VERSION 'v1.4.0'", "BLOCK_SIZE 65536")

#: How much longer than its patience a writer waits for one of ours that is writing: that one may be copying.
_WRITER_FINISHES = 30.0


def writing(path: Path, work: Work[T], patience: float) -> T:
    """`work` in one transaction on the file at `path`; what it returns.

    Waits up to `patience` seconds for readers, then changes a copy and puts that in place. Raises a
    `DatabaseError`, or what `work` raises; then the file is as it was.
    """
    if not swap.present(path).exists():
        raise DatabaseMissing(str(path))
    with _turn(path, patience):
        try:
            return _in_place(path, work, patience)
        except Locked:
            return _step_around(path, work)


def create(path: Path, work: Work[object], patience: float) -> bool:
    """Make a new file at `path` with what `work` puts in; False, and nothing done, when there is one already.

    It appears complete or not at all.
    """
    with opening(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _turn(path, patience):
        if path.exists():
            return False
        _change_copy(path, work, *_NEW_FILE)
        return True


def repair(path: Path, patience: float) -> None:
    """Finish or undo what a crash left beside `path`."""
    if swap.has_leftovers(path) or undo.wanted(path):
        with _turn(path, patience):
            pass


def mended(path: Path, patience: float) -> bool:
    """Whether there was a checkpoint to undo, which a crash left half done: the file is whole again.

    Raises `DatabaseUnusable` when this user may not, or somebody writes all the time.
    """
    if not undo.wanted(path):
        return False
    try:
        repair(path, patience)
    except DatabaseError as error:
        raise DatabaseUnusable(
            f"{path}: a crash left a write half done: start the collector, which mends it"
        ) from error
    return True


@contextmanager
def _turn(path: Path, patience: float) -> Iterator[None]:
    """The right to write to `path`: nobody else of ours does, in this process or another. Repairs first."""
    with gate(path).writing(patience), _lock_file(path, patience):
        reading.close_unused()
        with opening(str(path)):
            swap.repair(path)
            undo.restore(path)
        yield


@contextmanager
def _lock_file(path: Path, patience: float) -> Iterator[None]:
    with opening(str(path)):
        descriptor = os.open(f"{path}.writing", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        for _ in attempts(patience + _WRITER_FINISHES):
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
        else:
            raise DatabaseBusy(str(path), "another process writes to it and does not finish: try again")
        yield
    finally:
        os.close(descriptor)


def _in_place(path: Path, work: Work[T], patience: float) -> T:
    """Raises `Locked` when others keep the file locked for `patience` seconds."""
    with _opened(path, patience) as instance:
        with using(str(path)):
            result = instance.run(work)
        with suppress(duckdb.Error):
            # Committed is committed: what does not fit into the file now stays in the write-ahead log.
            instance.checkpoint()
        return result


@contextmanager
def _opened(path: Path, patience: float) -> Iterator[Instance]:
    """The file opened for writing, with what a checkpoint may overwrite kept beside it."""
    instance, descriptor = _open(path, patience), None
    try:
        with opening(str(path)):
            descriptor = os.open(path, os.O_RDONLY)
            undo.keep(path, descriptor, instance.shared_blocks())
        yield instance
    finally:
        engine.close_file(instance)
        if descriptor is not None:
            # Any earlier, DuckDB's locks on the file would go with it (fcntl(2)).
            os.close(descriptor)


def _open(path: Path, patience: float) -> Instance:
    lock = Locked(None)
    for _ in attempts(patience):
        try:
            with opening(str(path)):
                return engine.open_file(path)
        except Locked as error:
            lock = error
    raise lock


def _step_around(path: Path, work: Work[T]) -> T:
    """Change a copy and put it in place; whoever reads the file keeps what it had open.

    Our shared lock on the original keeps writers that are not ours out of it meanwhile. It is the lock DuckDB
    takes (fcntl, the whole file), and is gone when any descriptor of the file is closed: there is one.
    """
    with opening(str(path)):
        source = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.lockf(source, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return _after_writer(path, work)
        try:
            with opening(str(path)):
                swap.make_copy(path, source)
        except BaseException:
            swap.discard_copy(path)
            raise
        return _change_copy(path, work)
    finally:
        os.close(source)


def _after_writer(path: Path, work: Work[T]) -> T:
    """A writer that is not ours has the file: never copy what it is changing."""
    try:
        return _in_place(path, work, 0.0)
    except Locked as lock:
        raise busy(str(path), lock.pid) from None


def _change_copy(path: Path, work: Work[T], *options: str) -> T:
    """`work` on the copy, which is made with `options` when there is none, and the copy put in place."""
    copy = swap.copy_of(path)
    try:
        with opening(str(path)):
            instance = engine.open_file(copy, *options)
        try:
            with using(str(path)):
                result = instance.run(work)
                instance.checkpoint()
        finally:
            engine.close_file(instance)
        if any(swap.logs_of(copy)):
            raise DatabaseUnusable(f"{path}: the copy could not be completed: try again")
        with opening(str(path)):
            swap.commit_copy(path)
    except BaseException:
        swap.discard_copy(path)
        raise
    return result
