"""Gatus, its SQLite file: the newest results of each endpoint, and sums of the executions of 30 days.

It keeps sums of hours for about two days, then adds them up to sums of days that begin at midnight of the
machine Gatus runs on; nothing in a row says which of the two it is. Of executions it only counts success.
"""

import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from analytics.coverage import HOUR
from analytics.imports.history import History, ImportProblem, Monitor, Observation, Source, Totals
from analytics.imports.reasons import clean, of_failure
from analytics.imports.sqlite_file import has_tables, records, rows
from analytics.model import Reason, Status

KIND = "gatus"

#: How several errors stand in one column.
_BETWEEN_ERRORS = "|~|"

#: How Go writes a time: up to nanoseconds, the offset, the zone, and at times a reading of another clock.
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))? ?(Z|[+-]\d\d:?\d\d)?(?: .*)?")

#: A sum followed by nothing for this long is one of a day, when it is also too large for an hour.
_ALONE = timedelta(hours=22)

_ENDPOINTS = """
    SELECT endpoints.endpoint_id, endpoints.endpoint_group, endpoints.endpoint_name,
        (SELECT count(*) FROM endpoint_results AS r WHERE r.endpoint_id = endpoints.endpoint_id),
        (SELECT count(*) FROM endpoint_uptimes AS u WHERE u.endpoint_id = endpoints.endpoint_id)
    FROM endpoints
    ORDER BY endpoints.endpoint_id
"""

_RESULTS = "SELECT * FROM endpoint_results WHERE endpoint_id = ? ORDER BY endpoint_result_id"
_SUMS = """
    SELECT hour_unix_timestamp, total_executions, successful_executions
    FROM endpoint_uptimes
    WHERE endpoint_id = ? AND total_executions > 0
    ORDER BY hour_unix_timestamp
"""


def is_one(path: Path) -> bool:
    """Whether the SQLite file at `path` is one of Gatus."""
    return has_tables(path, "endpoints", "endpoint_results", "endpoint_uptimes")


def open_source(path: Path) -> Source:
    """The endpoints of the file at `path` of which there is a result or a sum."""
    found = rows(path, _ENDPOINTS)
    monitors = tuple(_monitor(path, *row) for row in found if row[3] or row[4])
    first = found[0] if found else (None, None, None)
    return Source(KIND, f"{KIND}:{path.resolve()}#{first[0]}:{first[1]}/{first[2]}", monitors)


def _monitor(
    path: Path, number: int, group: str | None, name: str | None, results: int, sums: int
) -> Monitor:
    read = partial(_read, path, number)
    history = read()
    known = [one.time for one in history.observations] + [one.begun for one in history.totals]
    title = f"{group}/{name}" if group else name or f"endpoint-{number}"
    return Monitor(title, results, sums, min(known), max(known), read)


def _read(path: Path, number: int) -> History:
    observations = sorted(
        (_observation(path, result) for result in records(path, _RESULTS, (number,))),
        key=lambda one: one.time,
    )
    totals = list(_totals(rows(path, _SUMS, (number,))))
    return History(observations, totals, _interval(observations, totals))


def _observation(path: Path, result: Mapping[str, Any]) -> Observation:
    said = [error for error in (result["errors"] or "").split(_BETWEEN_ERRORS) if error]
    message = clean("; ".join(said))
    code, nanoseconds = result["status"] or 0, result["duration"]
    if result["success"]:
        status, reason = Status.HEALTHY, Reason.OK
    else:
        status, reason = Status.DOWN, of_failure(message, code)
    original = {
        "connected": bool(result["connected"]),
        "status": code,
        "dns_rcode": result["dns_rcode"],
        "state": result.get("state"),
    }
    milliseconds = round(nanoseconds / 1_000_000) if nanoseconds and result["success"] else None
    kept = {name: value for name, value in original.items() if value not in (None, "", 0)}
    return Observation(_moment(path, result["timestamp"]), status, reason, message, milliseconds, kept)


def _totals(sums: Sequence[tuple[int, int, int]]) -> Iterator[Totals]:
    """The length of each: see `_ALONE`. A day may have 23 or 25 hours; the next sum says which."""
    starts = [datetime.fromtimestamp(begun, UTC) for begun, _, _ in sums]
    pauses = [later - sooner for sooner, later in pairwise(starts)]
    in_hours = [total for (_, total, _), pause in zip(sums, pauses, strict=False) if pause <= HOUR]
    busiest = max(in_hours, default=0)
    for place, (_, total, successes) in enumerate(sums):
        alone = place < len(pauses) and pauses[place] >= _ALONE
        hours = min(round(pauses[place] / HOUR), 24) if alone and total > 2 * busiest else 1
        yield Totals(starts[place], hours, {Status.HEALTHY: successes, Status.DOWN: total - successes})


def _interval(observations: Sequence[Observation], totals: Sequence[Totals]) -> timedelta:
    pauses = [(later.time - sooner.time).total_seconds() for sooner, later in pairwise(observations)]
    if pauses:
        return timedelta(seconds=max(statistics.median(pauses), 1))
    busiest = max((sum(one.counts.values()) / one.hours for one in totals), default=60)
    return HOUR / max(busiest, 1)


def _moment(path: Path, written: Any) -> datetime:
    found = _GO_TIME.fullmatch(written) if isinstance(written, str) else None
    if not found:
        raise ImportProblem(
            f"{path}: a result has the time {written!r}; "
            f"expected one like '2026-01-31 12:00:00.123456789 +0000 UTC'"
        )
    day, clock, fraction, offset = found.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6].ljust(6, '0')}")
    return moment.replace(tzinfo=_zone(offset or "Z")).astimezone(UTC)


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1))
