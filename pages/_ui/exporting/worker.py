"""A process of its own for a large export, so that pages stay quick and its memory goes with it.

It reads one JSON document from standard input (`asking`), and writes the rows to standard output, or into
the file `target` and then how far it is, a line `rows bytes` at a time. What is wrong is one line on standard
error. It ends when nobody reads what it writes.
"""

import io
import json
import os
import sys
import time
import zlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from analytics.db import DatabaseError, locate
from analytics.export import ExportError, export
from analytics.model import ServiceKey, ServiceType
from pages._ui import reading
from pages._ui.exporting.asked import Chosen

DONE, UNEXPECTED, NOT_POSSIBLE, NO_DATABASE = 0, 1, 2, 3

#: How often it says how far it is, in seconds, and how long it waits for a writer.
_TOLD_EVERY = 0.2
_PATIENCE = 10.0

#: What makes zlib write gzip.
_GZIP = 31

#: Pages go first.
_NICE = 10


def asking(chosen: Chosen, target: Path | None, packed: bool = False) -> bytes:
    """What the process is told: rows to standard output, `packed` with gzip, or into the file `target`."""
    arguments = chosen.written()
    for name in ("since", "until"):
        arguments[name] = arguments[name].isoformat() if arguments[name] else None
    if arguments["services"] is not None:
        arguments["services"] = [str(key) for key in arguments["services"]]
    asked = chosen.asked
    return json.dumps(
        {
            "dataset": asked.dataset,
            "format": asked.format,
            "arguments": arguments,
            "target": None if target is None else str(target),
            "packed": packed,
        }
    ).encode()


def main() -> int:
    """Export what standard input says; the process's exit code."""
    with suppress(OSError, AttributeError):
        os.nice(_NICE)
    told = json.load(sys.stdin)
    try:
        _export(told, _arguments(told["arguments"]))
    except (ExportError, DatabaseError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return NOT_POSSIBLE if isinstance(error, ExportError) else NO_DATABASE
    except BrokenPipeError:
        # Python would say so again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _export(told: dict[str, Any], arguments: dict[str, Any]) -> None:
    target: str | None = told["target"]
    packing = Packing(sys.stdout.buffer) if told["packed"] else None
    where: Any = packing or target or "-"
    location = locate(os.environ.get("HEALTH_DB", ""), os.environ.get("HEALTH_DATA_PATH", ""))
    told_at = 0.0

    def tell(rows: int) -> None:
        nonlocal told_at
        if target is not None and time.monotonic() - told_at >= _TOLD_EVERY:
            told_at = time.monotonic()
            print(rows, _size_beside(Path(target)), flush=True)

    answer = reading.read(
        location,
        reading.utc_now(),
        _PATIENCE,
        lambda connection, _now: export(
            connection,
            told["dataset"],
            told["format"],
            where,
            lean=True,
            progress=tell,
            **arguments,
        ),
    )
    if answer.value is None:
        raise ExportError(answer.problem.text if answer.problem else "there is no data")
    if packing is not None:
        packing.finish()
    if target is not None:
        print(answer.value.rows, answer.value.bytes, flush=True)


class Packing(io.RawIOBase):
    """Compresses what it is given into `stream`, quickly rather than well; nothing is written before that."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._packer = zlib.compressobj(1, wbits=_GZIP)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: "bytes | memoryview", /) -> int:  # type: ignore[override]
        """All of `data`."""
        self._stream.write(self._packer.compress(data))
        return len(data)

    def finish(self) -> None:
        """What is held back goes out, and the end of it all."""
        self._stream.write(self._packer.flush())
        self._stream.flush()


def _size_beside(target: Path) -> int:
    """How much is written so far: the file has its name only when it is complete."""
    sizes = 0
    with suppress(OSError):
        for path in target.parent.iterdir():
            sizes += path.stat().st_size
    return sizes


def _arguments(written: dict[str, Any]) -> dict[str, Any]:
    read = dict(written)
    for name in ("since", "until"):
        read[name] = datetime.fromisoformat(read[name]) if read[name] else None
    if read["services"] is not None:
        pairs = (key.partition("/") for key in read["services"])
        read["services"] = [ServiceKey(ServiceType(kind), name) for kind, _, name in pairs]
    return read


if __name__ == "__main__":
    sys.exit(main())
