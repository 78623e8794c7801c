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
}

_idle: Callable[[], SimpleQueue[duckdb.DuckDBPyConnection]] = per_process(SimpleQueue)
_MOST_IDLE = 2


def start() -> duckdb.DuckDBPyConnection:
    """A new instance with nothing attached. It never downloads anything; times are shown in UTC."""
    spill = Path(tempfile.gettempdir()) / f"health-duckdb-{os.getpid()}"
    instance = duckdb.connect(config={**_SETTINGS, "temp_directory": str(spill)})
    instance.execute("SET GLOBAL TimeZone = 'UTC'")
    return instance


def open_file(path: Path, *options: str) -> duckdb.DuckDBPyConnection:
    """An instance with the file at `path` attached as `CATALOG`; to be closed with `close_file`.

    Raises `Locked` when another process has it locked, otherwise what DuckDB raises.
    """
    try:
        instance = _idle().get_nowait()
    except Empty:
        instance = start()
    try:
        attach(instance, str(path), *options)
    except duckdb.Error as error:
        _keep(instance)
        lock = locked(error)
        if lock is None:
            raise
        raise lock from error
    return instance


def close_file(instance: duckdb.DuckDBPyConnection) -> None:
    """Detach the file and keep the instance for the next `open_file`; one that cannot is thrown away."""
    try:
        detach(instance)
    except duckdb.Error:
        instance.close()
    else:
        _keep(instance)


def _keep(instance: duckdb.DuckDBPyConnection) -> None:
    if _idle().qsize() < _MOST_IDLE:
        _idle().put(instance)
    else:
        instance.close()


def attach(instance: duckdb.DuckDBPyConnection, target: str, *options: str) -> None:
    """Attach `target` (a path or a `ducklake:` address) as `CATALOG`. Raises what DuckDB raises."""
    listed = f" ({', '.join(options)})" if options else ""
    instance.execute(f"ATTACH {quoted(target)} AS {CATALOG}{listed}")


def detach(instance: duckdb.DuckDBPyConnection) -> None:
    """Close what `attach` opened and keep the instance. Raises what DuckDB raises."""
    instance.execute(f"DETACH {CATALOG}")


def session(instance: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection of its own to what is attached; unqualified names mean its tables."""
    connection = instance.cursor()
    connection.execute(f"USE {CATALOG}")
    return connection


def run(instance: duckdb.DuckDBPyConnection, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    """`work` in one transaction: committed when it returns, rolled back when it raises."""
    connection = session(instance)
    try:
        connection.execute("BEGIN")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):
                connection.execute("ROLLBACK")
            raise
        return result
    finally:
        connection.close()


def checkpoint(instance: duckdb.DuckDBPyConnection) -> None:
    """Move what is committed to where it stays: from the log into the file, from the catalog into Parquet."""
    instance.execute(f"CHECKPOINT {CATALOG}")


def quoted(text: str) -> str:
    """`text` as an SQL string: ATTACH and LOAD take no bound values."""
    return "'" + text.replace("'", "''") + "'"
