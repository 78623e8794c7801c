"""Which database a notebook means, so that none of them has to say where it lies."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from analytics.db import DatabaseError, FileLocation, Location, locate, pending
from analytics.db.default_file import DEFAULTS, default_file, nearest


class NoDatabase(DatabaseError):
    """There is nothing to read. A notebook shows its one line, and not where in the code it was found."""

    def _render_traceback_(self) -> list[str]:
        return [f"No database: {self}"]


def find(
    database: str | Path | None, folder: Path, environment: Mapping[str, str], say: Callable[[str], None]
) -> Location:
    """What `database` names, else `HEALTH_DB` of `environment`, else the first default there is.

    A relative path counts from `folder`, or from the nearest folder above it in which it is. `say` is told
    when nothing is named and the demo's file is taken. Raises `NoDatabase` when there is none, or when it was
    made by an older version of this project.
    """
    named = str(database) if database else environment.get("HEALTH_DB", "")
    if named.startswith("ducklake:"):
        return _usable(named, environment.get("HEALTH_DATA_PATH"))
    found = nearest([Path(named).expanduser()], folder) if named else default_file(folder, say)
    if found is not None:
        return _usable(found, None)
    if named:
        said = "the path given" if database else "HEALTH_DB"
        raise NoDatabase(
            f"{named} ({said}): there is no such file; name another, or make one with: make demo"
        )
    raise NoDatabase(
        f"no {' or '.join(map(str, DEFAULTS))} in {folder} or above; make one with: make demo. "
        "One that lies elsewhere is named with HEALTH_DB, or connect('/path/to/health.duckdb')"
    )


def _usable(named: str | Path, data_path: str | None) -> Location:
    try:
        location = locate(named, data_path)
        missing = pending(location)
    except DatabaseError as error:
        raise NoDatabase(str(error)) from error
    if missing:
        how = "start the collector once, which brings it up to date"
        if isinstance(location, FileLocation):
            how += f": python -m collector --once --db {os.path.relpath(location.path)}"
        raise NoDatabase(f"{location}: it lacks {', '.join(missing)}: {how}")
    return location
