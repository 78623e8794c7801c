"""From a body to rows, slice by slice, so that a large body holds up nothing else.

Checking holds the interpreter. In one piece, a body of 20 MiB would stop the event loop for half a second,
and probes would measure that; in slices of half a millisecond it waits for half a slice.
"""

import asyncio
import codecs
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

from pydantic_core import from_json

from collector.receiver.body import BodyRefused
from collector.receiver.row_faults import Fault
from collector.receiver.row_slices import LONGEST_ROW, BrokenBody, Elements, Slice, lines
from collector.receiver.rows import Checked, Row, RowChecker

#: More would fill the intake alone, and needs more memory than a body of 20 MiB lets one expect.
MOST_ROWS = 100_000
MOST_LISTED = 100

_WHITE = re.compile(rb"[ \t\r\n]*")
_PIECE = 256 * 1024
#: Going to a thread and back takes longer than a dozen rows do.
_SMALL = 4096

T = TypeVar("T")


class Runs(Protocol):
    """Something that works on slices."""

    async def run(self, work: Callable[[], T]) -> T: ...


class Turns:
    """Works on one slice at a time, in a thread of its own, those of all requests in turn.

    Between two slices the event loop has the interpreter for itself: it hands over each one (measured with
    50,000 rows: half of all timers are late by a quarter of a millisecond, against a whole one without the
    thread).
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "rows")

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, which should take less than a millisecond."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


class _Here:
    """Works at once, in the event loop."""

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns."""
        return work()


def _free(_: int) -> None:
    """Room without end."""


@dataclass(slots=True)
class Reading:
    """The rows of one request: those that are right, how many are not, and the first 100 faults of these.

    `take` is told of the right ones before they are kept, and raises `BodyRefused` when there is no room.
    """

    take: Callable[[int], None] = _free
    rows: list[Row] = field(default_factory=list)
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def listing(self) -> bool:
        """Whether more faults are wanted."""
        return len(self.faults) < MOST_LISTED

    def add(self, checked: Checked) -> None:
        """Take in one slice. Raises `BodyRefused` when there are more rows than may be."""
        self.take(len(checked.rows))
        self.rows += checked.rows
        self.refused += checked.refused
        self.faults = (self.faults + checked.faults)[:MOST_LISTED]
        if len(self.rows) + self.refused > MOST_ROWS:
            raise BodyRefused(413, f"the body has more than {MOST_ROWS} rows; send them in several requests")


_HERE = _Here()


async def read_rows(
    body: bytes, checker: RowChecker, turns: Turns, take: Callable[[int], None] = _free
) -> Reading:
    """The rows of `body`: a JSON array, one JSON object, or NDJSON; what it is shows in its first character.

    `take` is told of rows as they are read. Raises `BodyRefused` (400, 413) when it is none of them, and what
    `take` raises.
    """
    runs: Runs = turns if len(body) > _SMALL else _HERE
    await _require_utf8(body, runs)
    start = len(codecs.BOM_UTF8) if body.startswith(codecs.BOM_UTF8) else 0
    white = _WHITE.match(body, start)
    start = white.end() if white else start
    reading = Reading(take)
    if body.startswith(b"[", start):
        try:
            await _read_array(body, start, checker, runs, reading)
        except BrokenBody as error:
            raise BodyRefused(400, str(error)) from None
    elif _is_one_value(body, start):
        reading.add(checker.check_each(Slice([0], [body[start:]]), listing=True))
    else:
        # Line numbers count from the start of the body, empty lines too.
        for slice_ in lines(body, body.count(b"\n", 0, start), start):
            reading.add(await runs.run(partial(_check, slice_, checker, reading)))
    return reading


async def _require_utf8(body: bytes, runs: Runs) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, 0 if body.isascii() else len(body), _PIECE):
        last = start + _PIECE >= len(body)
        try:
            await runs.run(partial(decoder.decode, body[start : start + _PIECE], last))
        except UnicodeDecodeError as error:
            # What stands before the fault may have begun in the piece before.
            place = min(start + _PIECE, len(body)) - len(error.object) + error.start
            message = f"the body is not UTF-8: byte {place + 1} is wrong; send JSON in UTF-8"
            raise BodyRefused(400, message) from None


def _is_one_value(body: bytes, start: int) -> bool:
    """Whether all of it is one JSON value over several lines, as people and their tools write it."""
    if len(body) - start > LONGEST_ROW or b"\n" not in body[start:].strip():
        return False
    try:
        from_json(body[start:])
    except ValueError:
        return False
    return True


def _check(slice_: Slice, checker: RowChecker, reading: Reading) -> Checked:
    checked = checker.check(slice_)
    return checked if checked.well_formed else checker.check_each(slice_, reading.listing)


async def _read_array(body: bytes, start: int, checker: RowChecker, runs: Runs, reading: Reading) -> None:
    elements = Elements(body, start)

    def next_rows() -> Checked:
        slice_ = elements.rough()
        if slice_ is not None:
            checked = checker.check(slice_)
            if checked.well_formed:
                elements.take(slice_)
                return checked
        return checker.check_each(elements.exact(), reading.listing)

    while not elements.done:
        reading.add(await runs.run(next_rows))
