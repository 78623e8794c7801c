"""The only cache: one look at the database every few seconds, shared by all viewers and the read API.

The connection is opened and closed inside. Whatever goes wrong comes back as a `Problem`, never as an
exception, and is shared like data: a busy database is asked once, not once a viewer.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import duckdb
import streamlit as st

from analytics import queries
from analytics.db import (
    DatabaseBusy,
    DatabaseError,
    DatabaseMissing,
    DatabaseNewer,
    Location,
    locate,
    read_only,
)
from analytics.db.migrations import check, version_of
from pages._ui.snapshot import Snapshot, from_frames

#: How often the page refreshes, in seconds; what is cached lives a little shorter, so every refresh is new.
REFRESH_SECONDS = 5
_LIFETIME_SECONDS = 4

#: How long to wait for a writer, in seconds: with the last good data at hand, less than the half second after
#: which Streamlit dims the page.
_PATIENCE_FIRST = 2.0
_PATIENCE_LATER = 0.35

#: Data older than this many seconds is shown with a word about it; a database busy for a moment is not news.
HELD_AFTER_SECONDS = 2 * REFRESH_SECONDS


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
class Look:
    """What one look brought: data, a problem, or the last good data and why there is none newer."""

    snapshot: Snapshot | None
    problem: Problem | None


_OTHER_TABLES = (
    "It lacks tables or columns this dashboard needs: start the collector of the same version once, "
    "and it brings them up to date."
)

_last_good: dict[str, Snapshot] = {}


def look() -> Look:
    """The newest look at the database that `HEALTH_DB` names; at most a few seconds old."""
    return _look(os.environ.get("HEALTH_DB", ""), os.environ.get("HEALTH_DATA_PATH", ""))


def forget() -> None:
    """Make the next look a fresh one."""
    _look.clear()


def is_demo() -> bool:
    """Whether the database is the one `make demo` writes."""
    return os.path.basename(os.environ.get("HEALTH_DB", "")) == "demo.duckdb"


def utc_now() -> datetime:
    """The wall clock of the read side."""
    return datetime.now(UTC)


@st.cache_data(ttl=_LIFETIME_SECONDS, max_entries=4, show_spinner=False)
def _look(database: str, data_path: str) -> Look:
    try:
        location = locate(database, data_path)
        patience = _PATIENCE_LATER if database in _last_good else _PATIENCE_FIRST
        snapshot = read(location, utc_now(), patience)
    except DatabaseMissing as error:
        return Look(None, Problem(Trouble.MISSING, str(error)))
    except DatabaseNewer as error:
        return Look(None, Problem(Trouble.NEWER, str(error)))
    except DatabaseBusy as error:
        return Look(_last_good.get(database), Problem(Trouble.BUSY, str(error)))
    except DatabaseError as error:
        return Look(_last_good.get(database), Problem(Trouble.UNREADABLE, str(error)))
    except duckdb.Error:
        return Look(None, Problem(Trouble.UNREADABLE, _OTHER_TABLES))
    _last_good[database] = snapshot
    return Look(snapshot, None)


def read(location: Location, now: datetime, patience: float) -> Snapshot:
    """One snapshot of `location` as of `now`, waiting up to `patience` seconds for a writer.

    Raises `DatabaseError`, and `duckdb.Error` for tables that are not as this version knows them.
    """
    with read_only(location, patience) as connection:
        version = version_of(connection)
        check(version, str(location))
        if not version:
            return Snapshot(now, None, ())
        run = queries.newest_run(connection, now)
        since = queries.reach(connection, now, run=run)
        services = queries.services(connection)
        checks = queries.recent_checks(connection, now, since)
    return from_frames(now, run, services, checks)
