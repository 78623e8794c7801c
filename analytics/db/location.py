"""Where the database is: one file, or a DuckLake whose catalog lives in PostgreSQL."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from analytics.db.errors import DatabaseUnusable, mask

DEFAULT_FILE = Path("data/health.duckdb")

_LAKE = "ducklake:"
_POSTGRES = "postgres:"
_FORM = "ducklake:postgres:host=… dbname=…"


@dataclass(frozen=True, slots=True)
class FileLocation:
    """A DuckDB file. `path` is absolute and free of symbolic links, so that it names the file itself."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(os.path.realpath(self.path.expanduser())))

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class LakeLocation:
    """A DuckLake: the catalog in PostgreSQL (`connection`, libpq keywords or a URL), the rows as Parquet
    files under `data_path`, a folder or `s3://bucket/prefix`."""

    connection: str = field(repr=False)
    data_path: str

    def __str__(self) -> str:
        return mask(f"{_LAKE}{_POSTGRES}{self.connection}")


Location = FileLocation | LakeLocation


def locate(text: str | Path | None, data_path: str | None = None) -> Location:
    """What `HEALTH_DB` (`text`) and `HEALTH_DATA_PATH` (`data_path`) name.

    None or an empty text is `data/health.duckdb`. Raises `DatabaseUnusable` for a lake without a data path or
    whose catalog is not PostgreSQL. Nothing is opened.
    """
    if isinstance(text, str) and text.startswith(_LAKE):
        return _lake(text.removeprefix(_LAKE), data_path)
    return FileLocation(Path(text) if text else DEFAULT_FILE)


def _lake(text: str, data_path: str | None) -> LakeLocation:
    connection = text.removeprefix(_POSTGRES).strip()
    if not text.startswith(_POSTGRES) or not connection:
        raise DatabaseUnusable(f"{mask(_LAKE + text)}: the catalog of a DuckLake is PostgreSQL: {_FORM}")
    if not data_path:
        raise DatabaseUnusable(
            f"{mask(_LAKE + text)}: HEALTH_DATA_PATH is not set: name the folder or bucket of its files"
        )
    return LakeLocation(connection, data_path if "://" in data_path else os.path.realpath(data_path))
