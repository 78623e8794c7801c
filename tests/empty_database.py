"""A database file at the current schema, made once a process: migrating takes longer than most tests."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from analytics.db import Location, locate, migrate


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "health.duckdb")
        migrate(locate(str(path)))
        return path.read_bytes()


def empty_database(folder: Path) -> Location:
    """A new empty database in `folder`."""
    path = folder / "health.duckdb"
    path.write_bytes(_empty())
    return locate(str(path))
