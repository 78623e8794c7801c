"""What the next checkpoint may overwrite, kept beside the file: a crash in the middle of it loses nothing.

DuckDB writes new data where nothing is, but not all of its metadata: 64 parts of it share a block, a
checkpoint fills the free ones, and the whole block is written over the old one, with parts in it that the
last checkpoint needs (`MetadataManager::FlushBlock`). A process killed in the middle of that write, or a
power loss, leaves a block with a wrong checksum, and DuckDB refuses the file. So those blocks are copied to
`health.duckdb.undo` first, as SQLite does it with its rollback journal
(https://www.sqlite.org/atomiccommit.html), and only what is damaged is put back. That file stays where it is
and is written anew each time; once a checkpoint is done, it tells of the past and is not used.

Its first line says in JSON which checkpoint it belongs to and what follows: the two headers and the blocks.
"""

import json
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analytics.db import swap

_HEADER_SIZE = 4096
#: The main header, which never changes, and two that take turns (`DatabaseHeader` in storage_info.hpp).
_FIRST_BLOCK = 3 * _HEADER_SIZE
_HEADERS = (_HEADER_SIZE, 2 * _HEADER_SIZE)
#: How every DuckDB file begins, behind a checksum.
_MAGIC_AT, _MAGIC = 8, b"DUCK"
#: The checksum, the number of the checkpoint, three figures that are of no use here, and the size of a block.
_HEADER = struct.Struct("<QQ24xQ")
_ALL_64_BITS = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True)
class _Region:
    """A part of the database file that begins with the checksum of the rest of it."""

    offset: int
    content: bytes

    @property
    def whole(self) -> bool:
        return len(self.content) > 8 and self.stated == _checksum(self.content[8:])

    @property
    def stated(self) -> int:
        return int.from_bytes(self.content[:8], "little")


@dataclass(frozen=True)
class _Kept:
    """What was kept: the number of the checkpoint that was the last one then, and its regions."""

    checkpoint: int
    regions: list[_Region]


def undo_of(path: Path) -> Path:
    """Where it is kept for the database at `path`."""
    return Path(f"{path}.undo")


def wanted(path: Path) -> bool:
    """Whether a crash may have left a checkpoint half done: it left its log, and what to undo it with."""
    return undo_of(path).exists() and any(swap.logs_of(path))


def keep(path: Path, source: int, blocks: Sequence[int]) -> None:
    """Keep the headers and `blocks` (their numbers) of the database behind descriptor `source`, on the disk.

    Raises OSError when there is no room; then the database must not be changed.
    """
    headers = [_region(source, offset, _HEADER_SIZE) for offset in _HEADERS]
    checkpoint, size = _newest(headers)
    regions = headers + [_region(source, _FIRST_BLOCK + block * size, size) for block in blocks]
    listed = [[region.offset, len(region.content), region.stated] for region in regions]
    line = json.dumps({"checkpoint": checkpoint, "regions": listed}).encode() + b"\n"
    about = os.fstat(source)
    descriptor = os.open(undo_of(path), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        with suppress(PermissionError):
            os.fchmod(descriptor, about.st_mode & 0o7777)
        content = line + b"".join(region.content for region in regions)
        written = os.pwrite(descriptor, content, 0)
        while written < len(content):
            written += os.pwrite(descriptor, content[written:], written)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def restore(path: Path) -> int:
    """Put back what a checkpoint that did not come to its end damaged; the number of headers and blocks.

    Only for the one whose turn it is to write. Blocks it had written whole stay: they hold what was in them.
    """
    if not wanted(path):
        return 0
    kept = _read(undo_of(path))
    if kept is None:
        return 0
    descriptor = os.open(path, os.O_RDWR)
    try:
        if os.pread(descriptor, len(_MAGIC), _MAGIC_AT) != _MAGIC:
            return 0  # something else was put in its place
        restored = _put_back(descriptor, [one for one in kept.regions if one.offset in _HEADERS])
        if _newest([_region(descriptor, offset, _HEADER_SIZE) for offset in _HEADERS])[0] == kept.checkpoint:
            restored += _put_back(descriptor, [one for one in kept.regions if one.offset not in _HEADERS])
        if restored:
            os.fsync(descriptor)
        return restored
    finally:
        os.close(descriptor)


def _put_back(descriptor: int, regions: Sequence[_Region]) -> int:
    damaged = [
        region
        for region in regions
        if not _region(descriptor, region.offset, len(region.content)).whole and region.whole
    ]
    for region in damaged:
        os.pwrite(descriptor, region.content, region.offset)
    return len(damaged)


def _read(undo: Path) -> _Kept | None:
    """What `undo` holds; None when it was not written to its end: then no checkpoint began after it."""
    line, _, rest = undo.read_bytes().partition(b"\n")
    regions, at = [], 0
    try:
        head = json.loads(line)
        for offset, size, stated in head["regions"]:
            region = _Region(offset, rest[at : at + size])
            if offset < 0 or len(region.content) != size or region.stated != stated:
                return None
            regions.append(region)
            at += size
        return _Kept(int(head["checkpoint"]), regions)
    except (ValueError, KeyError, TypeError):
        return None


def _region(descriptor: int, offset: int, size: int) -> _Region:
    return _Region(offset, os.pread(descriptor, size, offset))


def _newest(headers: Sequence[_Region]) -> tuple[int, int]:
    """The number of the last checkpoint and the size of a block in bytes, by the headers."""
    read = [_HEADER.unpack_from(header.content) for header in headers]
    return max((checkpoint, size) for _, checkpoint, size in read)


def _checksum(content: bytes) -> int:
    """DuckDB's checksum of whole 64-bit words: their products by XOR (src/common/checksum.cpp)."""
    result = 5381
    for word in memoryview(content).cast("Q"):
        result ^= word * 0xBF58476D1CE4E5B9 & _ALL_64_BITS
    return result
