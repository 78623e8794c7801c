"""Opening the database for a command: only one that this version of the program knows is read."""

from collections.abc import Iterator
from contextlib import contextmanager

from analytics.db import Connection, DatabaseUnusable, Location, read_only
from analytics.db.migrations import check, newest, version_of


@contextmanager
def opened(location: Location) -> Iterator[Connection]:
    """A connection that cannot change the database, as `read_only`. Raises a `DatabaseError` also for the
    database of something else, and of another version."""
    with read_only(location) as connection:
        check_schema(connection, location)
        yield connection


def check_schema(connection: Connection, location: Location) -> None:
    """Raises a `DatabaseError` unless the schema is the one of this version of the program."""
    version = version_of(connection)
    check(version, str(location))
    if version == 0:
        raise DatabaseUnusable(f"{location}: it is not the monitor's database: name another with --db")
    if version < newest():
        raise DatabaseUnusable(
            f"{location}: it was written by an older version of this program: start the collector once "
            "(python -m collector), which brings it up to date"
        )
