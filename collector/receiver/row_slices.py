"""Cuts a body of rows, a JSON array or NDJSON, into slices of some rows each, without reading them.

A slice is small enough to be checked in half a millisecond, so that a large body stops nothing else.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

#: A row of the longest texts has 16 KB.
LONGEST_ROW = 64 * 1024
ROWS_A_SLICE = 100
_WINDOW = 64 * 1024

_BETWEEN = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_SPACE = re.compile(r"[ \t\r\n]*")
_WHITE = b" \t\r\n"
#: Where a literal or an escape is cut off, the error stands at its first character.
_LITERAL = 8
_TOO_LONG = f"is longer than {LONGEST_ROW} bytes; no row needs that"


class BrokenBody(Exception):
    """No JSON at all; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Texts of rows with the place of each; a text is None where there is a row that is far too long."""

    places: list[int]
    texts: list[bytes | None]


def lines(body: bytes, number: int = 0, start: int = 0) -> Iterator[Slice]:
    """The lines of NDJSON from `start` on, empty ones left out; places count lines, the first is `number`."""
    end = len(body)
    current = Slice([], [])
    while start < end:
        stop = _end_of_window(body, start, end)
        for line in body[start:stop].split(b"\n"):
            text = line.strip(_WHITE)
            if text:
                current.places.append(number)
                current.texts.append(text if len(text) <= LONGEST_ROW else None)
            number += 1
            if len(current.places) >= ROWS_A_SLICE:
                yield current
                current = Slice([], [])
        if current.places:
            yield current
            current = Slice([], [])
        start = stop + 1


def _end_of_window(body: bytes, start: int, end: int) -> int:
    """Where the last line within a window from `start` ends, or the first one when that is longer."""
    if end - start <= _WINDOW:
        return end
    stop = body.rfind(b"\n", start, start + _WINDOW)
    if stop < 0:
        stop = body.find(b"\n", start + _WINDOW)
    return end if stop < 0 else stop


class Elements:
    """The elements of the JSON array that begins at `start` of `body`, some at a time.

    `rough` cuts where one object seems to end and another to begin: fast, and wrong for text that looks like
    that. Whoever finds that the pieces are no rows asks `exact` for the same place instead.
    """

    def __init__(self, body: bytes, start: int) -> None:
        self._body = body
        self._end = len(body.rstrip(_WHITE))
        if self._end <= start + 1 or body[self._end - 1 : self._end] != b"]":
            raise BrokenBody("the body is no JSON: the array does not end")
        self._at = start + 1
        self._count = 0
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant)

    @property
    def done(self) -> bool:
        """Whether all elements were taken."""
        return self._at >= self._end

    def rough(self) -> Slice | None:
        """The next elements as they seem to be; None where there is no telling. `take` goes past them."""
        texts: list[bytes | None] = []
        start = self._at
        last = self._end - 1
        for found in _BETWEEN.finditer(self._body, start, min(last, start + _WINDOW)):
            texts.append(self._body[start : found.start() + 1])
            start = found.end()
            if len(texts) == ROWS_A_SLICE:
                break
        else:
            if last - self._at <= _WINDOW:
                rest = self._body[start:last].strip(_WHITE)
                if not rest and self._count:
                    return None
                if rest:
                    texts.append(rest)
                start = self._end
        self._next = start
        return self._slice(texts) if texts or start == self._end else None

    def take(self, slice_: Slice) -> None:
        """Go on behind what `rough` gave."""
        self._at = self._next
        self._count += len(slice_.texts)

    def exact(self) -> Slice:
        """The next elements as they are, each read; goes past them. Raises `BrokenBody`."""
        window = self._body[self._at : self._at + 2 * LONGEST_ROW]
        complete = self._at + len(window) >= self._end
        # Latin-1 keeps one character a byte: places stay right, and each text is checked as UTF-8 later.
        text = window[: self._end - self._at].decode("latin-1")
        texts: list[bytes | None] = []
        at = 0
        while len(texts) < ROWS_A_SLICE and (complete or at <= LONGEST_ROW):
            at = self._skip_space(text, at)
            if not self._count and not texts and text.startswith("]", at):
                at = self._finish(at)
                break
            start, at = at, self._element(text, at, complete)
            texts.append(text[start:at].encode("latin-1") if at - start <= LONGEST_ROW else None)
            at = self._skip_space(text, at)
            if text.startswith("]", at):
                at = self._finish(at)
                break
            if not text.startswith(",", at):
                self._broken(at, "a comma or ] is missing")
            at += 1
        result = self._slice(texts)
        self._at += at
        self._count += len(texts)
        return result

    def _slice(self, texts: list[bytes | None]) -> Slice:
        return Slice(list(range(self._count, self._count + len(texts))), texts)

    def _skip_space(self, text: str, at: int) -> int:
        found = _SPACE.match(text, at)
        return found.end() if found else at

    def _element(self, text: str, at: int, complete: bool) -> int:
        try:
            return self._decoder.raw_decode(text, at)[1]
        except json.JSONDecodeError as error:
            cut_off = error.msg.startswith("Unterminated string") or error.pos >= len(text) - _LITERAL
            if cut_off and not complete:
                raise BrokenBody(f"element {self._count} of the array {_TOO_LONG}") from None
            self._broken(error.pos, error.msg[:1].lower() + error.msg[1:])
        except RecursionError:
            self._broken(at, "it is nested too deeply")
        except ValueError as error:
            self._broken(
                at, "it holds a number that is far too long" if "digits" in str(error) else str(error)
            )

    def _finish(self, at: int) -> int:
        if self._at + at + 1 < self._end:
            self._broken(at + 1, "something follows the end of the array")
        return at + 1

    def _broken(self, at: int, why: str) -> NoReturn:
        before = self._body[: self._at + at]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        raise BrokenBody(f"the body is no JSON: line {line}, column {column}: {why}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON; write null")
