"""Uptime Kuma, its SQLite file `kuma.db`: 1.x keeps every heartbeat, 2.x soon only sums and the changes.

Of 2.x heartbeats older than a day stay only where the status changed, and the last hundred; what the others
said is in `stat_hourly` for 30 days and in `stat_daily` after that. Those sums count `pending` as down.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from analytics.imports.history import History, ImportProblem, Monitor, Observation, Source, Totals
from analytics.imports.reasons import clean, of_failure
from analytics.imports.sqlite_file import columns, has_tables, records, rows
from analytics.model import Reason, Status

KIND = "uptime-kuma"

#: A time to the millisecond is shorter than one with its zone.
_WITH_ZONE = 24

_STATUS = {0: Status.DOWN, 1: Status.HEALTHY, 2: Status.DEGRADED, 3: Status.UNKNOWN}
_WORDS = {0: "down", 1: "up", 2: "pending", 3: "maintenance"}

#: Sums that Kuma keeps, and how many hours each is about. Those of minutes are in those of hours.
_SUMS = {
    1: ("stat_hourly", "SELECT * FROM stat_hourly WHERE monitor_id = ? ORDER BY timestamp"),
    24: ("stat_daily", "SELECT * FROM stat_daily WHERE monitor_id = ? ORDER BY timestamp"),
}
_BEATS = """
    SELECT time, status, msg, ping, duration, important FROM heartbeat WHERE monitor_id = ? ORDER BY time, id
"""

_MONITORS = """
    SELECT beats.monitor_id, monitor.name, monitor.interval, beats.count, beats.first, beats.last
    FROM (
        SELECT monitor_id, count(*) AS count, min(time) AS first, max(time) AS last FROM heartbeat
        GROUP BY monitor_id
    ) AS beats
    LEFT JOIN monitor ON monitor.id = beats.monitor_id
    ORDER BY beats.monitor_id
"""


def is_one(path: Path) -> bool:
    """Whether there is a `kuma.db` at `path`."""
    return has_tables(path, "heartbeat", "monitor", "setting")


def open_source(path: Path) -> Source:
    """The monitors of the `kuma.db` at `path` that were ever checked."""
    born = rows(path, "SELECT min(id), min(created_date) FROM monitor")[0]
    monitors = tuple(_monitor(path, *row) for row in rows(path, _MONITORS))
    return Source(KIND, f"{KIND}:{path.resolve()}#{born[0]}@{born[1]}", monitors)


def _monitor(
    path: Path, number: int, name: str | None, interval: float | None, count: int, first: Any, last: Any
) -> Monitor:
    sums = list(_totals(path, number))
    begun = min([_moment(path, first), *(one.begun for one in sums)])
    pause = timedelta(seconds=interval or 60)
    title = name or f"monitor-{number}"
    return Monitor(title, count, len(sums), begun, _moment(path, last), partial(_read, path, number, pause))


def _read(path: Path, number: int, interval: timedelta) -> History:
    beats = [_observation(path, *beat) for beat in rows(path, _BEATS, (number,))]
    return History(beats, list(_totals(path, number)), interval)


def _observation(
    path: Path,
    time: Any,
    status: int,
    message: str | None,
    ping: float | None,
    duration: int,
    important: int,
) -> Observation:
    verdict = _STATUS.get(status, Status.UNKNOWN)
    return Observation(
        _moment(path, time),
        verdict,
        _reason(verdict, message),
        clean(message),
        round(ping) if ping is not None and verdict is Status.HEALTHY else None,
        _original(status, duration, important),
    )


@lru_cache(4096)
def _original(status: int, duration: int, important: int) -> Mapping[str, Any]:
    found: dict[str, Any] = {"status": _WORDS.get(status, status), "duration_seconds": duration}
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
            counts = {
                Status.HEALTHY: one["up"],
                Status.DOWN: one["down"],
                Status.UNKNOWN: _maintenance(one.get("extras")),
            }
            yield Totals(datetime.fromtimestamp(one["timestamp"], UTC), hours, counts)


def _maintenance(extras: str | None) -> int:
    try:
        found = json.loads(extras or "{}")
    except ValueError:
        return 0
    count = found.get("maintenance") if isinstance(found, dict) else None
    return count if isinstance(count, int) else 0


def _moment(path: Path, written: Any) -> datetime:
    """Text is UTC without saying so; a number is milliseconds, as some drivers store a time."""
    try:
        if isinstance(written, int | float):
            return datetime.fromtimestamp(written / 1000, UTC)
        found = datetime.fromisoformat(f"{written}+00:00" if len(written) < _WITH_ZONE else written)
    except (TypeError, ValueError, OverflowError, OSError):
        raise ImportProblem(
            f"{path}: a heartbeat has the time {written!r}; expected one like '2026-01-31 12:00:00.000'"
        ) from None
    return found.astimezone(UTC)
