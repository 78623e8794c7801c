"""gzip, piece by piece: a small body that would become a huge one costs no more than one piece of it."""

import zlib
from collections.abc import Iterator

#: One step of decompression, half a millisecond of work.
_PIECE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS
#: Each member costs a fresh decompressor; bgzip and pigz make one for 64 KiB and more.
_MOST_MEMBERS = 10_000


class BrokenGzip(Exception):
    """No gzip, or not all of it; the message says which."""


class Gunzip:
    """Decompresses one body of one or more gzip members (RFC 1952, section 2.2)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._members = 1
        self._begun = False

    def feed(self, compressed: bytes) -> Iterator[bytes]:
        """What `compressed`, the next bytes of the body, holds, in pieces of 256 KiB or less.

        Whoever has enough stops asking. Raises `BrokenGzip`.
        """
        while compressed:
            if self._member.eof:
                # Writers of tapes and blocks fill up with zeros, and every gzip ignores them.
                compressed = compressed.lstrip(b"\0")
                if not compressed:
                    return
                self._next_member()
            self._begun = True
            try:
                piece = self._member.decompress(compressed, _PIECE)
            except zlib.error:
                raise BrokenGzip("the body is no gzip, or damaged") from None
            compressed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Say that no more comes. Raises `BrokenGzip` when something is missing."""
        if self._begun and not self._member.eof:
            raise BrokenGzip("the gzip body ends too early")

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise BrokenGzip("the gzip body has too many members")
        self._member = zlib.decompressobj(_GZIP)
