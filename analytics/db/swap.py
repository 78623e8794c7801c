"""Putting a changed copy of the file in its place, so that a crash at any point loses nothing.

The files beside `health.duckdb`, and what each means when it is found:

    health.duckdb.copy   a copy in work: worth nothing, thrown away
    health.duckdb.next   a finished copy, every transaction in it: the present, to be put in place
    health.duckdb.wal    (and .wal.checkpoint, .wal.recovery) transactions of health.duckdb that are not in it
                         yet, left by a crash; when there is a .next, they are in that already

The rename from `.copy` to `.next` is the moment of the commit. After it the write-ahead log is removed first
and the file replaced second: the other way round, the log of the old file would lie beside the new one. In
the moment between the two, and after a crash there, readers take `.next`.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")
_PIECE = 64 * 1024 * 1024
_NO_IN_KERNEL_COPY = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def copy_of(path: Path) -> Path:
    """Where a copy of `path` is worked on."""
    return Path(f"{path}.copy")


def next_of(path: Path) -> Path:
    """Where a finished copy of `path` waits to be put in place."""
    return Path(f"{path}.next")


def logs_of(path: Path) -> Iterator[Path]:
    """The write-ahead logs that lie beside `path` now."""
    return (log for suffix in _LOGS if (log := Path(f"{path}{suffix}")).exists())


def present(path: Path) -> Path:
    """The file that holds the present: `path`, or a finished copy that is not in place yet."""
    waiting = next_of(path)
    return waiting if waiting.exists() else path


def has_leftovers(path: Path) -> bool:
    """Whether `repair` would do anything."""
    return next_of(path).exists() or copy_of(path).exists() or any(logs_of(copy_of(path)))


def repair(path: Path) -> None:
    """Finish or undo what a crash left beside `path`. Only for the one whose turn it is to write."""
    if next_of(path).exists():
        _put_in_place(path)
    discard_copy(path)


def discard_copy(path: Path) -> None:
    """Remove the copy in work and its logs, if there are any."""
    copy = copy_of(path)
    for leftover in (*logs_of(copy), copy):
        leftover.unlink(missing_ok=True)


def make_copy(path: Path, source: int) -> Path:
    """Copy the file behind descriptor `source`, and the logs beside `path`, to the copy to be worked on.

    The copy has the permissions and, where this user may set it, the owner of the original.
    """
    copy = copy_of(path)
    for log in logs_of(path):
        descriptor = os.open(log, os.O_RDONLY)
        try:
            _copy_contents(descriptor, Path(f"{copy}{str(log).removeprefix(str(path))}"))
        finally:
            os.close(descriptor)
    _copy_contents(source, copy)
    return copy


def commit_copy(path: Path) -> None:
    """Make the finished copy the present. Until this returns nothing has happened; afterwards it is done.

    Raises OSError when the copy could not be kept; then the original is as it was.
    """
    copy, folder = copy_of(path), path.parent
    _flush(copy)
    copy.rename(next_of(path))
    # From here on the transaction stands. What fails now is mended by the next write; readers take `.next`.
    with suppress(OSError):
        _flush(folder)
        _put_in_place(path)


def _put_in_place(path: Path) -> None:
    for log in logs_of(path):
        log.unlink()
    next_of(path).rename(path)
    _flush(path.parent)


def _copy_contents(source: int, target: Path) -> None:
    about = os.fstat(source)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with suppress(PermissionError):
            os.fchown(descriptor, about.st_uid, about.st_gid)
        os.fchmod(descriptor, about.st_mode & 0o7777)
        done = _copy_in_kernel(source, descriptor, about.st_size)
        while done < about.st_size:
            piece = os.pread(source, 1024 * 1024, done)
            if not piece:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            done += os.pwrite(descriptor, piece, done)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_in_kernel(source: int, target: int, size: int) -> int:
    """How many bytes the kernel copied: all where it can, shared instead of copied where the disk can."""
    done = 0
    while done < size and hasattr(os, "copy_file_range"):
        try:
            copied = os.copy_file_range(source, target, min(_PIECE, size - done), done, done)
        except OSError as error:
            if error.errno in _NO_IN_KERNEL_COPY:
                return done
            raise
        if not copied:
            return done
        done += copied
    return done


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
