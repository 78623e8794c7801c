"""Where an export goes: a file that appears when it is complete, or a stream that may break off."""

import io
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from analytics.export.errors import ExportError, of_system
from analytics.export.places import Place, place_of

#: What stands at this place of every DuckDB file.
_MAGIC, _MAGIC_AT = b"DUCK", 8


class BrokenOff(Exception):
    """Whoever read the stream has enough."""


class Sink(io.RawIOBase):
    """Writes all it is given to `stream`, counts it, and says in our words what the system refuses."""

    def __init__(self, stream: BinaryIO, where: str) -> None:
        super().__init__()
        self.written = 0
        self._stream = stream
        self._where = where
        self.failed = False

    def writable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """How many bytes were written."""
        return self.written

    def write(self, data: "bytes | memoryview", /) -> int:  # type: ignore[override]
        """All of `data`, also when the stream takes it in pieces. Raises `ExportError` or `BrokenOff`."""
        rest = memoryview(data).cast("B")
        with self._clear():
            # Who was told once that it failed may still want to end what it began: that goes nowhere.
            while rest.nbytes and not self.failed:
                taken = self._stream.write(rest)
                rest = rest[taken if taken is not None else rest.nbytes :]
        self.written += memoryview(data).nbytes
        return memoryview(data).nbytes

    def finish(self) -> None:
        """What the stream still holds back goes out. (`flush` does nothing: Python calls it at any time.)"""
        with self._clear():
            self._stream.flush()

    @contextmanager
    def _clear(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError as error:
            self.failed = True
            raise BrokenOff from error
        except OSError as error:
            self.failed = True
            raise of_system(error, self._where) from error


@contextmanager
def writing(target: str | Path | BinaryIO) -> Iterator[Sink]:
    """A sink for `target`: a path, `-` for standard output, or anything that takes bytes.

    A path is written beside itself and renamed at the end of the block, so that a block that raises leaves
    what was there before. A device, a pipe, and what is open already (/dev/stdout) is written directly.
    Raises `ExportError`.
    """
    if not isinstance(target, str | Path):
        sink = Sink(target, str(getattr(target, "name", "the stream")))
        yield sink
        sink.finish()
    elif str(target) == "-":
        with _standard_output() as sink:
            yield sink
    else:
        place = place_of(target)
        direct = place.descriptor is not None or place.special
        with _direct(place, str(target)) if direct else _beside(place.path, str(target)) as sink:
            yield sink


@contextmanager
def _standard_output() -> Iterator[Sink]:
    sink = Sink(sys.stdout.buffer, "standard output")
    try:
        yield sink
        sink.finish()
    finally:
        if sink.failed:
            # What Python still holds back would raise again when it ends.
            with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextmanager
def _direct(place: Place, where: str) -> Iterator[Sink]:
    try:
        # What is open already goes on where it is: to open it anew would begin a file anew.
        descriptor = (
            os.open(place.path, os.O_WRONLY | os.O_TRUNC)
            if place.descriptor is None
            else os.dup(place.descriptor)
        )
    except FileNotFoundError as error:
        raise ExportError(f"{where}: there is no such device: name another, or a file") from error
    except OSError as error:
        raise of_system(error, where) from error
    with open(descriptor, "wb", buffering=0) as stream:
        sink = Sink(stream, where)
        yield sink
        sink.finish()


@contextmanager
def _beside(path: Path, where: str) -> Iterator[Sink]:
    _refuse_database(path, where)
    unfinished = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        stream = _begun(path, unfinished)
    except OSError as error:
        raise of_system(error, where) from error
    try:
        with stream:
            sink = Sink(stream, where)
            yield sink
            sink.finish()
            _settle(stream.fileno(), where)
        _replace(path, unfinished, where)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def _begun(path: Path, unfinished: Path) -> BinaryIO:
    """The new file, whose rows no more people may read than those of the one it is to replace."""
    try:
        before = path.stat()
    except FileNotFoundError:
        return unfinished.open("xb", buffering=0)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    # Not every file system has owners and modes, and not everybody may give a file away.
    with suppress(OSError):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    with suppress(OSError):
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    return open(descriptor, "wb", buffering=0)


def _settle(descriptor: int, where: str) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise of_system(error, where) from error


def _replace(path: Path, unfinished: Path, where: str) -> None:
    try:
        unfinished.replace(path)
    except OSError as error:
        raise of_system(error, where) from error


def _refuse_database(path: Path, where: str) -> None:
    try:
        with path.open("rb") as stream:
            beginning = stream.read(_MAGIC_AT + len(_MAGIC))
    except IsADirectoryError as error:
        raise of_system(error, where) from error
    except OSError:
        return
    if beginning[_MAGIC_AT:] == _MAGIC:
        raise ExportError(f"{where}: it is a DuckDB database, which an export does not replace: name another")
