"""What a question to the database brings: a value, or why there is none or none newer.

Whatever goes wrong comes back as a `Problem` beside the last good answer, never as an exception.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

import duckdb

from analytics.db import (
    Connection,
    DatabaseBusy,
    DatabaseError,
    DatabaseMissing,
    DatabaseNewer,
    FileLocation,
    Location,
    locate,
    read_only,
)
from analytics.db.migrations import check, version_of

#: How long to wait for a writer, in seconds: with a good answer at hand that is not older than so much, less
#: than the half second after which Streamlit dims the page.
_PATIENCE_FIRST = 2.0
_PATIENCE_LATER = 0.35
_OLD_SECONDS = 10.0

_OTHER_TABLES = (
    "It lacks tables or columns this dashboard needs: start the collector of the same version once, "
    "and it brings them up to date."
)
_NOT_UNDERSTOOD = "It holds something this dashboard does not understand; the dashboard's own log says what."
_EMPTY = "The database is there, but the collector has not prepared it yet."

_log = logging.getLogger(__name__)

T = TypeVar("T")

#: The values of HEALTH_DB and HEALTH_DATA_PATH.
Database = tuple[str, str]


class Trouble(StrEnum):
    """Why there is no data just now."""

    MISSING = "missing"
    BUSY = "busy"
    NEWER = "newer"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Problem:
    """What kept the database from being read, and one line about it."""

    trouble: Trouble
    text: str


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a question brought: a value and when it was read, and why there is none or none newer.

    `troubled_since` is when that began: a file that did not change for a while is no old one.
    """

    value: T | None = None
    taken_at: datetime | None = None
    problem: Problem | None = None
    troubled_since: datetime | None = None


def utc_now() -> datetime:
    """The wall clock of the read side."""
    return datetime.now(UTC)


def current_database() -> Database:
    """The database that the environment names."""
    return os.environ.get("HEALTH_DB", ""), os.environ.get("HEALTH_DATA_PATH", "")


def stamp_of(database: Database) -> tuple[int, ...] | None:
    """What changes whenever the file does; None for a lake, and for a file that is not there."""
    try:
        location = locate(*database)
        if not isinstance(location, FileLocation):
            return None
        found = os.stat(location.path)
    except (OSError, DatabaseError):
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def answer(
    database: Database, before: Answer[T] | None, work: Callable[[Connection, datetime], T]
) -> Answer[T]:
    """What `work` finds in `database` now; while it cannot be read, the value of `before` stays."""
    held: Answer[T] = before or Answer()
    try:
        location = locate(*database)
        now = utc_now()
        return read(location, now, _PATIENCE_FIRST if _is_old(held, now) else _PATIENCE_LATER, work)
    except DatabaseMissing as error:
        return Answer(problem=Problem(Trouble.MISSING, str(error)))
    except DatabaseNewer as error:
        return Answer(problem=Problem(Trouble.NEWER, str(error)))
    except DatabaseBusy as error:
        return _still(held, Problem(Trouble.BUSY, str(error)))
    except DatabaseError as error:
        return _still(held, Problem(Trouble.UNREADABLE, str(error)))
    except duckdb.Error as error:
        _log.warning("the database answers otherwise than this version expects: %s", error)
        return Answer(problem=Problem(Trouble.UNREADABLE, _OTHER_TABLES))
    except Exception:  # noqa: BLE001  one question fails, not all
        problem = Problem(Trouble.UNREADABLE, _NOT_UNDERSTOOD)
        if held.problem != problem:
            _log.exception("a question to the database failed")
        return Answer(problem=problem)


def _is_old(held: Answer[T], now: datetime) -> bool:
    """Whether it is worth waiting for a newer one, the page dimmed or not."""
    return held.taken_at is None or (now - held.taken_at).total_seconds() > _OLD_SECONDS


def _still(held: Answer[T], problem: Problem) -> Answer[T]:
    return Answer(held.value, held.taken_at, problem, held.troubled_since or utc_now())


def read(
    location: Location, now: datetime, patience: float, work: Callable[[Connection, datetime], T]
) -> Answer[T]:
    """What `work` finds in `location` at `now`, waiting up to `patience` seconds for a writer.

    Raises `DatabaseError`, and `duckdb.Error` for tables that are not as this version knows them.
    """
    with read_only(location, patience) as connection:
        version = version_of(connection)
        check(version, str(location))
        if not version:
            return Answer(problem=Problem(Trouble.MISSING, _EMPTY))
        return Answer(work(connection, now), now)
