"""The only place that starts DuckDB.

A database is opened by attaching it to an instance of DuckDB that lives in memory. Starting an instance takes
about 10 ms and attaching a file about 1 ms, so instances are kept and used again; no file stays open in them.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

import duckdb

from analytics.db.errors import locked
from analytics.db.per_process import per_process

T = TypeVar("T")

#: The name every database is attached under, so that the same SQL runs on a file and on a lake.
CATALOG = "health"

#: Two threads and a gigabyte keep the collector small; a larger query spills to disk and has the same result.
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Only `checkpoint` makes one: what it may overwrite is kept first (analytics/db/undo.py).
    "checkpoint_threshold": "1TB",
}

_MOST_IDLE = 2
#: An instance keeps about 1 KB of every database it ever attached (measured), so it is replaced in time.
_MOST_USES = 500


class Instance:
    """A DuckDB in memory, with one database attached as `CATALOG` or none. It never downloads anything.

    Times are shown in UTC. Every method raises what DuckDB raises.
    """

    def __init__(self) -> None:
        spill = Path(tempfile.gettempdir()) / f"health-duckdb-{os.getpid()}"
        self._connection = duckdb.connect(config={**_SETTINGS, "temp_directory": str(spill)})
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        self.uses = 0

    def load(self, extension: Path) -> None:
        """Load an extension from its file."""
        self._connection.execute(f"LOAD {quoted(str(extension))}")

    def set_everywhere(self, name: str, value: int) -> None:
        """Change a setting of the instance."""
        self._connection.execute(f"SET GLOBAL {name} = {value}")

    def attach(self, target: str, *options: str) -> None:
        """Attach `target`: a path or a `ducklake:` address."""
        self.uses += 1
        listed = f" ({', '.join(options)})" if options else ""
        self._connection.execute(f"ATTACH {quoted(target)} AS {CATALOG}{listed}")

    def detach(self) -> None:
        """Close what `attach` opened."""
        self._connection.execute(f"DETACH {CATALOG}")

    def session(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to what is attached; unqualified names mean its tables."""
        connection = self._connection.cursor()
        connection.execute(f"USE {CATALOG}")
        return connection

    def run(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """`work` in one transaction: committed when it returns, rolled back when it raises."""
        with self.session() as connection:
            connection.execute("BEGIN")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                raise
        return result

    def shared_blocks(self) -> list[int]:
        """The numbers of the blocks of metadata the next checkpoint may write into: those with free parts."""
        rows = self._connection.execute(
            "SELECT block_id FROM pragma_metadata_info($catalog) WHERE free_blocks > 0", {"catalog": CATALOG}
        ).fetchall()
        return [block for (block,) in rows]

    def checkpoint(self) -> None:
        """Move what is committed to where it stays: from a log into the file, from a catalog to Parquet."""
        with self.session() as connection:
            connection.execute(f"CHECKPOINT {CATALOG}")

    def close(self) -> None:
        """End it, with whatever is attached."""
        self._connection.close()


_idle: Callable[[], SimpleQueue[Instance]] = per_process(SimpleQueue)


def open_file(path: Path, *options: str) -> Instance:
    """An instance with the file at `path` attached; to be closed with `close_file`.

    Raises `Locked` when another process has it locked, otherwise what DuckDB raises.
    """
    try:
        instance = _idle().get_nowait()
    except Empty:
        instance = Instance()
    try:
        instance.attach(str(path), *options)
    except duckdb.Error as error:
        _keep(instance)
        lock = locked(error)
        if lock is None:
            raise
        raise lock from error
    return instance


def close_file(instance: Instance) -> None:
    """Detach the file and keep the instance for the next `open_file`; one that cannot is thrown away."""
    try:
        instance.detach()
    except duckdb.Error:
        instance.close()
    else:
        _keep(instance)


def _keep(instance: Instance) -> None:
    if _idle().qsize() < _MOST_IDLE and instance.uses < _MOST_USES:
        _idle().put(instance)
    else:
        instance.close()


def quoted(text: str) -> str:
    """`text` as an SQL string: ATTACH and LOAD take no bound values."""
    return "'" + text.replace("'", "''") + "'"
