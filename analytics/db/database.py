"""Opening, changing and migrating a database, whether it is a file or a lake."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import duckdb

from analytics.db import lake, migrations, reading, writing
from analytics.db.errors import DatabaseUnusable
from analytics.db.location import FileLocation, Location
from analytics.db.migrations import Migration

T = TypeVar("T")
Connection = duckdb.DuckDBPyConnection


@contextmanager
def read_only(location: Location, patience: float = 2.0) -> Iterator[Connection]:
    """A connection that cannot change the database, closed at the end of the block.

    It sees everything committed before the block began, and of a file nothing that comes later. Waits up to
    `patience` seconds for a writer. Times come back aware, in UTC. Raises a `DatabaseError`.
    """
    if isinstance(location, FileLocation):
        with _mending(location.path, patience) as connection:
            yield connection
    else:
        with lake.reading(location) as connection:
            yield connection


@contextmanager
def _mending(path: Path, patience: float) -> Iterator[Connection]:
    """Mends what a crash damaged before it reads; where that shows only later, for the next reading."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(reading.reading(path, patience))
        except DatabaseUnusable:
            if not writing.mended(path, patience):
                raise
            connection = stack.enter_context(reading.reading(path, patience))
        try:
            yield connection
        except DatabaseUnusable:
            stack.close()
            writing.mended(path, patience)
            raise


def transact(location: Location, work: Callable[[Connection], T], patience: float = 1.0) -> T:
    """Run `work(connection)` in one transaction and return what it returns: the only way to write.

    Committed, and safe from a crash or power loss, when this returns; when it raises nothing of it is there.
    `work` must do nothing but work on the connection: a lake runs it again when another writer was faster.
    Readers of a file are waited for up to `patience` seconds; then the transaction goes into a copy, and that
    takes the file's place. Raises a `DatabaseError`, or what `work` raises.
    """
    if isinstance(location, FileLocation):
        return writing.writing(location.path, work, patience)
    return lake.writing(location, work)


def repair(location: Location, patience: float = 1.0) -> None:
    """Finish or undo what a crash left beside the file. Every write does so first.

    A reader does it only when it finds the file damaged, and needs to be allowed to write for it.
    """
    if isinstance(location, FileLocation):
        writing.repair(location.path, patience)


def compact(location: Location, kept: timedelta = timedelta(days=1)) -> None:
    """Gather what many small transactions left of a lake; good once an hour, beside any writing and reading.

    They leave rows in PostgreSQL, which become Parquet files here, and small files become larger ones. The
    space of what was deleted comes back after `kept`; until then a reader who began before finds it. A file
    needs none of it: every write leaves it compact. Raises a `DatabaseError`.
    """
    if not isinstance(location, FileLocation):
        lake.compact(location, kept)


def close(location: Location) -> None:
    """Close what this process keeps open: of a lake its connections, of a file nothing."""
    if not isinstance(location, FileLocation):
        lake.close(location)


def schema_version(location: Location) -> int:
    """The newest migration the database has, 0 for none. Raises a `DatabaseError`; changes nothing."""
    with read_only(location) as connection:
        version = migrations.version_of(connection)
    if version < 0:
        migrations.check(version, str(location))
    return version


def pending(location: Location) -> list[str]:
    """The names of the migrations the database lacks, in order; changes nothing."""
    return [migration.name for migration in migrations.missing_in(schema_version(location))]


def migrate(location: Location, patience: float = 1.0) -> list[str]:
    """Bring the schema up to date, creating the database when there is none; the names of the steps it took.

    Raises `DatabaseNewer`, with nothing changed, for a schema this version of the project does not know.
    """
    repair(location, patience)
    created = _create(location, patience)
    with read_only(location, patience) as connection:
        version = migrations.version_of(connection)
    migrations.check(version, str(location))
    return created + [
        step.name for step in migrations.missing_in(version) if _apply(location, step, patience)
    ]


def _create(location: Location, patience: float) -> list[str]:
    if not isinstance(location, FileLocation):
        lake.create(location)
        return []
    steps = migrations.known()

    def work(connection: Connection) -> None:
        for step in steps:
            migrations.apply(connection, step, lake=False)

    if location.path.exists() or not writing.create(location.path, work, patience):
        return []
    return [step.name for step in steps]


def _apply(location: Location, step: Migration, patience: float) -> bool:
    on_lake = not isinstance(location, FileLocation)
    return transact(location, lambda connection: migrations.apply(connection, step, lake=on_lake), patience)
