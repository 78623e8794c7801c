"""A DuckLake: the catalog in PostgreSQL, the rows as Parquet, any number of writers and readers.

There is no file lock, so what is attached stays attached: once a process and way of using it. DuckDB's
extensions are loaded from the packages in requirements-scale.txt; nothing is downloaded.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import TypeVar

import duckdb

from analytics.db.engine import CATALOG, Instance, quoted
from analytics.db.errors import DatabaseBusy, DatabaseError, DatabaseMissing, DatabaseUnusable, mask
from analytics.db.location import LakeLocation
from analytics.db.per_process import per_process

T = TypeVar("T")
Work = Callable[[duckdb.DuckDBPyConnection], T]

#: How often a transaction that lost against another writer is run again, on top of DuckLake's own ten tries.
_RUNS = 20

#: DuckLake's first wait before it tries a commit again; its own 100 ms is ten times what a commit takes.
_RETRY_MS = 10

#: The share of deleted rows from which on a file is written anew without them.
_REWRITTEN_FROM = 0.3

_EXTENSIONS = ("postgres_scanner", "ducklake")
_FOR_BUCKETS = ("httpfs",)

_CONFLICT = re.compile(
    r"conflict|could not serialize|deadlock detected|maximum retry count|duplicate key", re.IGNORECASE
)
_CREATED_MEANWHILE = re.compile(
    r"already exists|duplicate key|tuple concurrently|does not exist in schema", re.IGNORECASE
)
#: After a migration, compacting removes where a table's rows waited before it. Whoever attached the lake
#: between the two goes on looking there, until it attaches the lake anew.
_TIDIED_AWAY = re.compile(r"ducklake_inlined_data_\w+\W* does not exist", re.IGNORECASE)
_OF_THE_LAKE = re.compile(r"postgres|ducklake|connection to server|invalidated", re.IGNORECASE)
_NO_LAKE = "creating a new DuckLake is explicitly disabled"


@dataclass
class _Lakes:
    """What this process has attached, by location and whether for reading only, and instances without."""

    instances: dict[tuple[LakeLocation, bool], Instance] = field(default_factory=dict)
    idle: SimpleQueue[Instance] = field(default_factory=SimpleQueue)
    lock: Lock = field(default_factory=Lock)


_lakes = per_process(_Lakes)


@contextmanager
def reading(location: LakeLocation) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the lake as it is now."""
    connection = _session(location, read_only=True)
    try:
        with _clear(location):
            yield connection
    finally:
        connection.close()


def writing(location: LakeLocation, work: Work[T]) -> T:
    """`work` in one transaction; run again when another writer was faster. Returns what `work` returns."""
    return _until_it_wins(location, lambda instance: instance.run(work))


def _until_it_wins(location: LakeLocation, change: Callable[[Instance], T]) -> T:
    for run in range(_RUNS):
        with _clear(location):
            try:
                return change(_instance(location, read_only=False))
            except duckdb.Error as error:
                if _TIDIED_AWAY.search(str(error)):
                    close(location)
                elif not _CONFLICT.search(str(error)):
                    raise
        time.sleep(random.uniform(0.005, 0.02) * (run + 1))  # noqa: S311
    raise DatabaseBusy(str(location), f"other writers were faster {_RUNS} times in a row: try again")


def compact(location: LakeLocation, kept: timedelta) -> None:
    """Rows that wait in PostgreSQL become Parquet files, small files larger ones; deleted rows free space.

    For as long as `kept` the lake can still be read as it was, and files stay that nobody needs any more: a
    reader may have begun with them.
    """
    long_ago = f"now() - INTERVAL {int(kept.total_seconds())} SECOND"
    steps = (
        f"CALL ducklake_flush_inlined_data('{CATALOG}')",
        f"CALL ducklake_rewrite_data_files('{CATALOG}', delete_threshold => {_REWRITTEN_FROM})",
        f"CALL ducklake_merge_adjacent_files('{CATALOG}')",
        f"CALL ducklake_expire_snapshots('{CATALOG}', older_than => {long_ago})",
        f"CALL ducklake_cleanup_old_files('{CATALOG}', older_than => {long_ago})",
        f"CALL ducklake_delete_orphaned_files('{CATALOG}', older_than => {long_ago})",
    )
    for step in steps:
        _until_it_wins(location, partial(_call, sql=step))


def _call(instance: Instance, sql: str) -> None:
    with instance.session() as connection:
        connection.execute(sql).fetchall()


def create(location: LakeLocation) -> None:
    """Make the lake when there is none; any number of processes may do so at once."""
    try:
        _instance(location, read_only=False)
    except DatabaseMissing:
        _create(location)


def _create(location: LakeLocation) -> None:
    for run in range(_RUNS):
        instance = _start(location)
        try:
            instance.attach(_address(location), _data_path(location))
            # One small Parquet file a commit would be 40,000 a month: small commits wait in PostgreSQL.
            with instance.session() as connection:
                connection.execute(f"CALL {CATALOG}.set_option('data_inlining_row_limit', 1000)")
            return
        except duckdb.Error as error:
            if not _CREATED_MEANWHILE.search(str(error)) and not _CONFLICT.search(str(error)):
                raise _translated(error, location) from None
        finally:
            _put_back(instance)
        time.sleep(random.uniform(0.01, 0.05) * (run + 1))  # noqa: S311
    raise DatabaseBusy(str(location), "other processes are creating it: try again")


def close(location: LakeLocation) -> None:
    """Close what this process has attached of the lake; the next use attaches it again."""
    known = _lakes()
    with known.lock:
        for key in [key for key in known.instances if key[0] == location]:
            known.instances.pop(key).close()


def _session(location: LakeLocation, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    with _clear(location):
        return _instance(location, read_only=read_only).session()


def _instance(location: LakeLocation, *, read_only: bool) -> Instance:
    known, key = _lakes(), (location, read_only)
    with known.lock:
        if key not in known.instances:
            mode = "READ_ONLY" if read_only else "CREATE_IF_NOT_EXISTS false"
            instance = _start(location)
            try:
                instance.attach(_address(location), _data_path(location), mode)
            except duckdb.Error as error:
                _put_back(instance)
                raise _translated(error, location) from None
            known.instances[key] = instance
        return known.instances[key]


def _start(location: LakeLocation) -> Instance:
    """An instance with the extensions, used before if possible: to load them takes 0.2 s."""
    wanted = _EXTENSIONS + (_FOR_BUCKETS if "://" in location.data_path else ())
    paths = [_extension(name, location) for name in wanted]
    try:
        instance = _lakes().idle.get_nowait()
    except Empty:
        instance = Instance()
    for path in paths:
        instance.load(path)
    instance.set_everywhere("ducklake_retry_wait_ms", _RETRY_MS)
    return instance


def _put_back(instance: Instance) -> None:
    """Keep `instance` for the next `_start`, unless it cannot let go of what it has attached."""
    try:
        with suppress(duckdb.BinderException):  # it has nothing attached
            instance.detach()
    except duckdb.Error:
        instance.close()
        return
    _lakes().idle.put(instance)


def _extension(name: str, location: LakeLocation) -> Path:
    """The extension's file in its installed package, for exactly this version of DuckDB."""
    package = find_spec(f"duckdb_extension_{name}")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}"
        path = folder / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    raise DatabaseUnusable(
        f"{location}: DuckDB's extension {name} is not installed: pip install -r requirements-scale.txt"
    )


def _address(location: LakeLocation) -> str:
    """For DuckDB. A server that does not answer is given up after 10 s, unless the connection says other."""
    connection = location.connection
    if "connect_timeout" not in connection:
        joint = "&" if "?" in connection else "?" if "://" in connection else " "
        connection += f"{joint}connect_timeout=10"
    return f"ducklake:postgres:{connection}"


def _data_path(location: LakeLocation) -> str:
    return f"DATA_PATH {quoted(location.data_path)}"


@contextmanager
def _clear(location: LakeLocation) -> Iterator[None]:
    """Errors of the server and of the lake's files become one line; errors of the caller's own pass."""
    try:
        yield
    except (duckdb.IOException, duckdb.FatalException) as error:
        if not _OF_THE_LAKE.search(str(error)) and location.data_path not in str(error):
            raise
        close(location)
        raise _translated(error, location) from None
    except duckdb.Error as error:
        if not _TIDIED_AWAY.search(str(error)):
            raise
        close(location)
        raise DatabaseBusy(str(location), "it was tidied up just now: try again") from None


def _translated(error: duckdb.Error, location: LakeLocation) -> DatabaseError:
    """In one line. DuckDB's own text may hold the password, so it is neither shown nor kept as the cause."""
    text = mask(str(error))
    if _NO_LAKE in text:
        return DatabaseMissing(str(location))
    elsewhere = re.search(r'does not match existing data path in the catalog "(.*?)/?"', text)
    if elsewhere:
        return DatabaseUnusable(
            f"{location}: its files are in {elsewhere[1]}: set HEALTH_DATA_PATH to that, "
            f"not to {location.data_path}"
        )
    server = re.search(r"connection to server .*? failed: (.*)", text)
    if server:
        return DatabaseUnusable(f"{location}: PostgreSQL refuses the connection: {server[1]}")
    return DatabaseUnusable(f"{location}: {text}")
