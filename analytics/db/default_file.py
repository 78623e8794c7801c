"""Which file is read when none is named: the collector's, or where there is none the demo's."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from analytics.db.location import DEFAULT_FILE

#: Looked for in this order, in a folder and then in each above it.
DEFAULTS = (DEFAULT_FILE, Path("data/demo.duckdb"))


def default_file(folder: Path, say: Callable[[str], None]) -> Path | None:
    """The first of `DEFAULTS` that is in `folder`, or in the nearest folder above; None when there is none.

    `say` is told, in one line, when that is the demo's.
    """
    found = nearest(DEFAULTS, folder)
    if found is not None and found.name != DEFAULT_FILE.name:
        say(f"{DEFAULT_FILE} is not there: reading the demo's {os.path.relpath(found, folder)}")
    return found


def nearest(wanted: Iterable[Path], folder: Path) -> Path | None:
    """The first of `wanted` that is in `folder`, or in the nearest folder above; None when there is none."""
    paths = tuple(wanted)
    for place in (folder, *folder.parents):
        for path in paths:
            if (place / path).exists():
                return place / path
    return None
