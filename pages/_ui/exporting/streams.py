"""An export at once, as a stream: small ones are made here, large ones by a process of their own."""

import io
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import IO

from analytics.db import Connection, locate
from analytics.export import ExportError, count, export
from pages._ui import reading
from pages._ui.exporting import process as processes
from pages._ui.exporting.asked import Asked, Chosen, chosen
from pages._ui.exporting.naming import file_name

#: So many rows of a table are made here in a moment; a figure never has more than that to read.
SMALL_ROWS = 50_000

#: So many exports run at once, and a large one so long, in seconds, however slowly it is taken.
MOST_AT_ONCE = 4
_LONGEST_SECONDS = 1800.0

_CHUNK = 1024 * 1024
_PATIENCE = 2.0

_slots = threading.BoundedSemaphore(MOST_AT_ONCE)
_running: set[subprocess.Popen[bytes]] = set()


class Busy(Exception):
    """As many exports as may run at once do."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A file's name, its length in bytes where it is known, and what is in it, to be read once, `packed` with
    gzip or as it is."""

    name: str
    size: int | None
    parts: Iterator[bytes]
    packed: bool = False


def stream(asked: Asked, only_head: bool = False, may_pack: bool = False) -> Stream:
    """What `asked` brings now; `only_head` leaves out what is in it, `may_pack` allows gzip for large ones.

    Raises `ExportError` with one line, `DatabaseError`, `LookupError` with a line without a database, and
    `Busy`.
    """
    if not _slots.acquire(blocking=False):
        raise Busy
    try:
        found = _made(asked, only_head)
    except BaseException:
        _slots.release()
        raise
    if isinstance(found, Stream):
        _slots.release()
        return found
    return _from_process(*found, may_pack and asked.format != "parquet")


def _made(asked: Asked, only_head: bool) -> Stream | tuple[Chosen, str]:
    """A small export, ready; or what a process is to do."""
    location = locate(os.environ.get("HEALTH_DB", ""), os.environ.get("HEALTH_DATA_PATH", ""))
    answer = reading.read(
        location, reading.utc_now(), _PATIENCE, lambda c, now: _here(c, now, asked, only_head)
    )
    if answer.value is None:
        raise LookupError(answer.problem.text if answer.problem else "there is no data yet")
    return answer.value


def _here(
    connection: Connection, now: datetime, asked: Asked, only_head: bool
) -> Stream | tuple[Chosen, str]:
    wanted = chosen(connection, now, asked)
    name = file_name(wanted, now)
    is_table = asked.found.read is None
    if only_head or (is_table and count(connection, asked.dataset, **wanted.rows()) > SMALL_ROWS):
        # What is wrong with columns or the time zone is known before anything is sent.
        check(connection, wanted)
        return Stream(name, None, iter(())) if only_head else (wanted, name)
    kept = tempfile.TemporaryFile(prefix="health-export-")  # noqa: SIM115
    try:
        done = export(connection, asked.dataset, asked.format, kept, **wanted.written())
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return Stream(name, done.bytes, _read(kept))


def check(connection: Connection, wanted: Chosen) -> None:
    """`ExportError` when it cannot be exported as it is wanted; reads no rows of a table."""

    def stop(_rows: int) -> None:
        raise _Possible

    asked = wanted.asked
    with suppress(_Possible):
        export(connection, asked.dataset, asked.format, io.BytesIO(), progress=stop, **wanted.written())


class _Possible(Exception):
    """It has begun, so it is possible."""


def _read(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        while part := kept.read(_CHUNK):
            yield part


def _from_process(wanted: Chosen, name: str, packed: bool) -> Stream:
    """The slot is free again when the process has ended."""
    try:
        running = processes.started(wanted, None, packed)
    except BaseException:
        _slots.release()
        raise
    _running.add(running)
    parts = _written_by(running)
    # It has begun when its first bytes are here; what is wrong is known by then.
    first = next(parts, b"")
    return Stream(name, None, chain([first], parts), packed)


def _written_by(running: subprocess.Popen[bytes]) -> Iterator[bytes]:
    late = threading.Timer(_LONGEST_SECONDS, running.kill)
    late.daemon = True
    late.start()
    begun = False
    try:
        assert running.stdout is not None
        while part := running.stdout.read(_CHUNK):
            begun = True
            yield part
        line = processes.said(running)
        if line and not begun:
            raise ExportError(line)
        if line:
            # The connection breaks off, so that nobody takes half of it for the whole.
            raise RuntimeError(f"an export broke off: {line}")
    finally:
        late.cancel()
        processes.ended(running)
        _running.discard(running)
        _slots.release()


def close() -> None:
    """End what still runs."""
    for running in list(_running):
        running.kill()
