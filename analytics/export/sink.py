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
        self._failed = False

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
            while rest.nbytes and not self._failed:
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
            self._failed = True
            raise BrokenOff from error
        except OSError as error:
            self._failed = True
            raise of_system(error, self._where) from error


@contextmanager
def writing(target: str | Path | BinaryIO) -> Iterator[Sink]:
    """A sink for `target`: a path, `-` for standard output, or anything that takes bytes.

    A path is written beside itself and renamed at the end of the block, so that a block that raises leaves
    what was there before. A device or a pipe is written directly. Raises `ExportError`.
    """
    if not isinstance(target, str | Path):
        sink = Sink(target, str(getattr(target, "name", "the stream")))
        yield sink
        sink.finish()
    elif str(target) == "-":
        with _standard_output() as sink:
            yield sink
    else:
        path = Path(os.path.realpath(Path(target).expanduser()))
        with _direct(path, str(target)) if _is_special(path) else _beside(path, str(target)) as sink:
            yield sink


@contextmanager
def _standard_output() -> Iterator[Sink]:
    sink = Sink(sys.stdout.buffer, "standard output")
    try:
        yield sink
        sink.finish()
    except BrokenOff:
        # What Python still holds back would raise again when it ends.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


@contextmanager
def _direct(path: Path, where: str) -> Iterator[Sink]:
    try:
        stream = path.open("wb", buffering=0)
    except OSError as error:
        raise of_system(error, where) from error
    with stream:
        sink = Sink(stream, where)
        yield sink
        sink.finish()


@contextmanager
def _beside(path: Path, where: str) -> Iterator[Sink]:
    _refuse_database(path, where)
    unfinished = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        stream = unfinished.open("xb", buffering=0)
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


def _is_special(path: Path) -> bool:
    """Whether something is there that no file can take the place of: a device, a pipe."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


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
