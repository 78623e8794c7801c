"""Which monitor a file or folder comes from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from analytics.imports import gatus, kuma, upptime
from analytics.imports.history import ImportProblem, Source


class _Kind(NamedTuple):
    title: str
    is_one: Callable[[Path], bool]
    open: Callable[[Path], Source]


_KINDS: Mapping[str, _Kind] = {
    "uptime-kuma": _Kind("Uptime Kuma", kuma.is_one, kuma.open_source),
    "upptime": _Kind("Upptime", upptime.is_one, upptime.open_source),
    "gatus": _Kind("Gatus", gatus.is_one, gatus.open_source),
}

#: What can be imported, by the word for it on the command line.
KINDS = tuple(_KINDS)

_EXPECTED = "kuma.db of Uptime Kuma, the SQLite file of Gatus, or a clone of an Upptime repository"


def detect(path: Path) -> str:
    """The kind of what is at `path`, one of `KINDS`; `ImportProblem` when it is none of them."""
    if not path.exists():
        raise ImportProblem(f"{path}: there is no such file or folder; expected {_EXPECTED}")
    for name, kind in _KINDS.items():
        if kind.is_one(path):
            return name
    raise ImportProblem(f"{path}: holds no history that is known here; expected {_EXPECTED}")


def open_source(path: Path, kind: str | None = None) -> Source:
    """What is at `path`, opened for reading only; `kind` is found out when it is None.

    `ImportProblem` when it is not of that kind, is broken, or holds no observation.
    """
    name = kind or detect(path)
    if name not in _KINDS:
        raise ImportProblem(f"{name!r} is no kind of history; use one of {', '.join(KINDS)}")
    if not path.exists():
        raise ImportProblem(f"{path}: there is no such file or folder; expected {_EXPECTED}")
    if not _KINDS[name].is_one(path):
        raise ImportProblem(f"{path}: is no history of {_KINDS[name].title}; expected {_EXPECTED}")
    source = _KINDS[name].open(path)
    if not source.monitors:
        raise ImportProblem(f"{path}: there is not a single check of {_KINDS[name].title} in it yet")
    return source
