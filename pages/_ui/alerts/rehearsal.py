"""One rehearsal of a changed rule: what is asked, how far it is, and how it is done.

Done where it holds nobody up: in a process of its own (`rehearser.py`).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import duckdb

from analytics import alert_settings
from analytics.db import DatabaseError, Location, locate, read_only
from analytics.replay import (
    Outcome,
    Past,
    WrongSettings,
    changed_settings,
    read_past,
    rehearse_past,
    replay,
)
from pages._ui.alerts.preview import Preview, preview_of

#: So much of the past is rehearsed.
PERIOD = timedelta(days=30)

#: What was read serves for so long, in seconds.
_READ_AGAIN_SECONDS = 300.0

_PATIENCE_SECONDS = 5.0

#: Reading takes about so much of the whole.
_READING_SHARE = 0.25

_log = logging.getLogger(__name__)

Settings: TypeAlias = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rehearsal: of which database, what is set (paths of `analytics.replay.settings`), and `basis`, what
    tells the rules in force from other ones."""

    database: tuple[str, str]
    settings: Settings
    basis: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rehearsal is: the share that is done, then what came of it, or why nothing did."""

    share: float = 0.0
    preview: Preview | None = None
    fault: str = ""

    @property
    def goes_on(self) -> bool:
        return self.preview is None and not self.fault


@dataclass(frozen=True)
class _Kept:
    """What was read last, and what the rules in force make of it."""

    database: tuple[str, str]
    read_at: float
    past: Past
    baseline: Outcome


@dataclass
class Memory:
    """What is remembered from one rehearsal to the next."""

    kept: _Kept | None = None


Note: TypeAlias = Callable[[float], None]


def rehearsed(job: Wanted, memory: Memory, note: Note) -> Progress:
    """What came of `job`; nothing is raised. `note` is told the share that is done."""
    try:
        kept = _read(job, memory, note)
        changed = changed_settings(kept.past.policy, kept.past.limits, dict(job.settings))
        begun = (1 + _READING_SHARE) / 2
        found = rehearse_past(
            kept.past, changed, kept.baseline, lambda share: note(begun + (1 - begun) * share)
        )
        return Progress(1.0, preview_of(found))
    except WrongSettings as error:
        return Progress(fault=error.faults[0])
    except DatabaseError as error:
        return Progress(fault=f"{error} Try again.")
    except duckdb.Error as error:
        _log.warning("a rehearsal could not read the database: %s", error)
        return Progress(fault="The database answers otherwise than this version expects.")


def _read(job: Wanted, memory: Memory, note: Note) -> _Kept:
    """What was read before if it still serves, else the past anew; the database is open for that alone."""
    location = locate(*job.database)
    now = datetime.now(UTC)
    kept = memory.kept
    if (
        kept is not None
        and kept.database == job.database
        and time.monotonic() - kept.read_at < _READ_AGAIN_SECONDS
        and _same_rules(location, kept.past, now)
    ):
        return kept
    kept = memory.kept = None  # two at once need not fit into the memory
    with read_only(location, _PATIENCE_SECONDS) as connection:
        past = read_past(connection, now - PERIOD, now)
    note(_READING_SHARE)
    half = (1 - _READING_SHARE) / 2
    baseline = replay(
        past.recording, past.policy, past.limits, lambda share: note(_READING_SHARE + half * share)
    )
    memory.kept = _Kept(job.database, time.monotonic(), past, baseline)
    return memory.kept


def _same_rules(location: Location, past: Past, now: datetime) -> bool:
    with read_only(location, _PATIENCE_SECONDS) as connection:
        policy, limits = alert_settings.read_policy(connection, now), alert_settings.read_limits(connection)
    return (policy, limits) == (past.policy, past.limits)
