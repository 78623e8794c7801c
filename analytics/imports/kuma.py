"""Uptime Kuma, its SQLite file `kuma.db`: 1.x keeps every heartbeat, 2.x soon only sums and the changes.

Of 2.x heartbeats older than a day stay only where the status changed, and the last hundred; what the others
said is in `stat_hourly` for 30 days and in `stat_daily` after that. Those sums count `pending` as down.
"""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from analytics.imports.history import History, Monitor, Observation, Source, Totals
from analytics.imports.reasons import clean, of_failure
from analytics.imports.sqlite_file import broken, columns, has_tables, records, rows
from analytics.model import Reason, Status

KIND = "uptime-kuma"

#: Times outside of these are none.
_OLDEST, _NEWEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

_STATUS = {0: Status.DOWN, 1: Status.HEALTHY, 2: Status.DEGRADED, 3: Status.UNKNOWN}
_WORDS = {0: "down", 1: "up", 2: "pending", 3: "maintenance"}

#: Sums that Kuma keeps, and how many hours each is about. Those of minutes are in those of hours.
_SUMS = {
    1: ("stat_hourly", "SELECT * FROM stat_hourly WHERE monitor_id = ? ORDER BY timestamp"),
    24: ("stat_daily", "SELECT * FROM stat_daily WHERE monitor_id = ? ORDER BY timestamp"),
}
_BEATS = """
    SELECT id, time, status, msg, ping, duration, important FROM heartbeat
    WHERE monitor_id = ?
    ORDER BY time, id
"""

#: More checks an hour than this no monitor makes.
_MOST_AN_HOUR = 7200

_MONITORS = """
    SELECT beats.monitor_id, monitor.name, monitor.interval
    FROM (SELECT DISTINCT monitor_id FROM heartbeat) AS beats
    LEFT JOIN monitor ON monitor.id = beats.monitor_id
    ORDER BY beats.monitor_id
"""


def is_one(path: Path) -> bool:
    """Whether there is a `kuma.db` at `path`."""
    return has_tables(path, "heartbeat", "monitor", "setting")


def open_source(path: Path) -> Source:
    """The monitors of the `kuma.db` at `path` that were ever checked.

    Reads everything once, so that a row that cannot be understood is found before anything is written.
    """
    born = rows(path, "SELECT min(id), min(created_date) FROM monitor")[0]
    monitors = tuple(_monitor(path, *row) for row in rows(path, _MONITORS))
    return Source(KIND, f"{KIND}:{path.resolve()}#{born[0]}@{born[1]}", monitors)


def _monitor(path: Path, number: int, name: Any, interval: Any) -> Monitor:
    row = f"monitor {number}"
    if not isinstance(name, str | None):
        raise broken(path, row, "name", name, "text")
    if interval is not None and not (_is_number(interval) and interval > 0):
        raise broken(path, row, "interval", interval, "a number of seconds above 0")
    read = partial(_read, path, number, timedelta(seconds=interval or 60))
    history = read()
    known = [one.time for one in history.observations]
    begun = min([known[0], *(one.begun for one in history.totals)])
    return Monitor(name or f"monitor-{number}", len(known), len(history.totals), begun, known[-1], read)


def _read(path: Path, number: int, interval: timedelta) -> History:
    beats = sorted(
        (_observation(path, *beat) for beat in rows(path, _BEATS, (number,))), key=lambda beat: beat.time
    )
    return History(beats, list(_totals(path, number)), interval)


def _observation(
    path: Path, number: int, time: Any, status: Any, message: Any, ping: Any, duration: Any, important: Any
) -> Observation:
    row = f"heartbeat {number}"
    if status not in _STATUS:
        raise broken(path, row, "status", status, "0 (down), 1 (up), 2 (pending) or 3 (maintenance)")
    if not isinstance(message, str | None):
        raise broken(path, row, "msg", message, "text or nothing")
    for column, value in (("ping", ping), ("duration", duration)):
        if value is not None and not _is_number(value):
            raise broken(path, row, column, value, "a number or nothing")
    verdict = _STATUS[status]
    return Observation(
        _moment(path, row, time),
        verdict,
        _reason(verdict, message),
        clean(message),
        round(ping) if ping is not None and verdict is Status.HEALTHY else None,
        _original(status, duration, bool(important)),
    )


@lru_cache(4096)
def _original(status: int, duration: float | None, important: bool) -> Mapping[str, Any]:
    found: dict[str, Any] = {"status": _WORDS[status], "duration_seconds": duration}
    return {**found, "important": True} if important else found


def _reason(status: Status, message: str | None) -> Reason:
    if status is Status.HEALTHY:
        return Reason.OK
    return Reason.NO_DATA if status is Status.UNKNOWN else of_failure(message)


def _totals(path: Path, number: int) -> Iterator[Totals]:
    for hours, (table, statement) in _SUMS.items():
        if not columns(path, table):
            continue
        for one in records(path, statement, (number,)):
            yield _total(path, f"{table} {one['id']}", hours, one)


def _total(path: Path, row: str, hours: int, one: Mapping[str, Any]) -> Totals:
    for column in ("up", "down"):
        if not isinstance(one[column], int) or one[column] < 0:
            raise broken(path, row, column, one[column], "a number of checks")
    counts = {
        Status.HEALTHY: one["up"],
        Status.DOWN: one["down"],
        Status.UNKNOWN: _maintenance(one.get("extras")),
    }
    checks, most = sum(counts.values()), _MOST_AN_HOUR * hours
    if checks > most:
        raise broken(path, row, "sum", checks, f"at most {most:,} checks in {hours} h")
    try:
        begun: datetime | None = datetime.fromtimestamp(one["timestamp"], UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        begun = None
    if begun is None or not _OLDEST <= begun < _NEWEST:
        raise broken(path, row, "timestamp", one["timestamp"], "the seconds since 1970, such as 1769860800")
    return Totals(begun, hours, counts)


def _maintenance(extras: Any) -> int:
    try:
        found = json.loads(extras or "{}")
    except (TypeError, ValueError):
        return 0
    count = found.get("maintenance") if isinstance(found, dict) else None
    return count if isinstance(count, int) and count > 0 else 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _moment(path: Path, row: str, written: Any) -> datetime:
    """Text without an offset is UTC; a number is milliseconds, as some drivers store a time."""
    try:
        if isinstance(written, int | float):
            found: datetime | None = datetime.fromtimestamp(written / 1000, UTC)
        else:
            read = datetime.fromisoformat(written)
            found = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        found = None
    if found is None or not _OLDEST <= found < _NEWEST:
        raise broken(path, row, "time", written, "one like '2026-01-31 12:00:00.000'")
    return found
