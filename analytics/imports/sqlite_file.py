"""Reading the SQLite file of another monitor, which may be running and writing to it: never changing it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from analytics.imports.history import ImportProblem

_HEADER = b"SQLite format 3\0"

#: So much is shown of something that is wrong.
_LONGEST_SHOWN = 60


def is_sqlite(path: Path) -> bool:
    """Whether the file at `path` begins as a SQLite file does."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False


def has_tables(path: Path, *names: str) -> bool:
    """Whether `path` is a SQLite file with all the tables `names`; False for one that cannot be read."""
    if not is_sqlite(path):
        return False
    try:
        return all(columns(path, name) for name in names)
    except ImportProblem:
        return False


def columns(path: Path, table: str) -> set[str]:
    """The columns of `table`; none when there is no such table."""
    return {name for (name,) in rows(path, "SELECT name FROM pragma_table_info(?)", (table,))}


def rows(path: Path, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All that `statement` returns. Raises `ImportProblem` when the file is broken or cannot be read."""
    with _reading(path) as connection:
        return connection.execute(statement, values).fetchall()


def records(path: Path, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """The same as mappings of column to value, for tables that have other columns in other versions."""
    with _reading(path) as connection:
        cursor = connection.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def broken(path: Path, row: str, column: str, found: Any, expected: str) -> ImportProblem:
    """What to say of a `row` ("heartbeat 17") whose `column` holds `found` and nothing that is `expected`."""
    shown = "nothing" if found is None else repr(found)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}…"
    return ImportProblem(f"{path}: {row} has {shown} as its {column}; expected {expected}")


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(_address(path), uri=True, timeout=10)) as connection:
            connection.text_factory = _text
            yield connection
    except sqlite3.Error as error:
        raise ImportProblem(
            f"{path}: cannot be read as SQLite ({error}); stop the other monitor or copy its file, with the "
            f"-wal file beside it, and try again"
        ) from None


def _address(path: Path) -> str:
    """With a log beside it the file has a writer or had one: SQLite needs it to see everything.

    Without one nothing beside the file may be made either, so that a folder without write permission will do.
    """
    immutable = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return f"{path.resolve().as_uri()}?mode=ro{immutable}"


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
