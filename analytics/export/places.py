"""What a path leads to: a file that can be replaced, or something that is written directly."""

import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from analytics.export.errors import ExportError, of_system

#: So many links the system follows, too.
_LINKS = 40

_DESCRIPTORS = re.compile(r"/proc/(?P<process>\d+)(?:/task/\d+)?/fd|/dev/fd")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads. `descriptor` is the one of this process that it names; `special` is what no file
    can take the place of."""

    path: Path
    descriptor: int | None = None
    special: bool = False


def place_of(target: str | Path) -> Place:
    """Where `target` leads, links followed up to what this process or a device has there.

    Raises `ExportError` for links that go round in circles.
    """
    path = Path(target).expanduser()
    for _ in range(_LINKS):
        path = Path(os.path.realpath(path.parent)) / path.name
        descriptor = _descriptor(path)
        if descriptor is not None:
            return Place(path, descriptor)
        try:
            following = _DESCRIPTORS.fullmatch(str(path.parent)) is None and path.is_symlink()
            if not following:
                return Place(path, special=_is_special(path))
            path = path.parent / os.readlink(path)
        except OSError as error:
            raise of_system(error, str(target)) from error
    raise of_system(OSError(errno.ELOOP, ""), str(target))


def is_file(target: str | Path) -> bool:
    """Whether `target` is a file, or would be one: no stream, no pipe, no device."""
    if str(target) == "-":
        return False
    try:
        place = place_of(target)
    except ExportError:
        return True
    return place.descriptor is None and not place.special


def is_standard_output(target: str | Path) -> bool:
    """Whether `target` is what this process says to everybody: `-`, /dev/stdout, /dev/fd/1."""
    if str(target) == "-":
        return True
    try:
        return place_of(target).descriptor == 1
    except ExportError:
        return False


def _descriptor(path: Path) -> int | None:
    found = _DESCRIPTORS.fullmatch(str(path.parent))
    if found is None or not path.name.isdecimal():
        return None
    return int(path.name) if found["process"] in (None, str(os.getpid())) else None


def _is_special(path: Path) -> bool:
    """Whether something is there that no file can take the place of: a device, a pipe, what another process
    has open."""
    if str(path.parent) == "/dev" or _DESCRIPTORS.fullmatch(str(path.parent)) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
