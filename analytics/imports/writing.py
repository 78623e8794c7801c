"""Writing one part of an import: everything of it in the transaction that is open, nothing committed here."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa

from analytics import rollups
from analytics.coverage import HOUR, hour_of
from analytics.ids import uuid7
from analytics.imports.history import ImportProblem, Observation, by_hour
from analytics.imports.parts import Before, Part
from analytics.imports.timeline import Stretch
from analytics.model import Reason, ServiceKey, Status
from analytics.named_sql import query

_MOMENT = pa.timestamp("us", "UTC")
_CHECKS = pa.schema(
    {
        "timestamp": _MOMENT,
        "status": pa.string(),
        "response_time_ms": pa.int32(),
        "error_count": pa.int32(),
        "details": pa.string(),
        "reason": pa.string(),
        "message": pa.string(),
    }
)
_STRETCHES = pa.schema(
    {
        "hour": _MOMENT,
        "status": pa.string(),
        "reason": pa.string(),
        "checks": pa.int64(),
        "put_back": pa.int64(),
        "seconds": pa.float64(),
        "begun": _MOMENT,
        "ended": _MOMENT,
    }
)
_REQUESTS = pa.schema(
    {
        "timestamp": _MOMENT,
        "hour": _MOMENT,
        "status": pa.string(),
        "reason": pa.string(),
        "failed": pa.bool_(),
        "latency_ms": pa.int32(),
    }
)
_MAINTENANCE = pa.schema({"id": pa.string(), "starts_at": _MOMENT, "ends_at": _MOMENT})

#: The longest time a check may have taken, so that it fits the column.
_LONGEST_MS = 2**31 - 1
_LONGEST_ROUNDED_MS = 2_147_400_000


@dataclass(frozen=True, slots=True)
class Note:
    """The row of `imports` for one service of one run, without what changes from part to part.

    `others` are the imports into that service that were there before.
    """

    id: UUID
    made_at: datetime
    kind: str
    identity: str
    monitor: str
    service: ServiceKey
    others: frozenset[UUID]


def before(connection: duckdb.DuckDBPyConnection, service: ServiceKey) -> Before:
    """What the database has of `service`. An hour that another import went on beyond is complete."""
    key = _key(service)
    imports = connection.execute(query("imports_of_service"), key).fetchall()
    periods = [(first.astimezone(UTC), last.astimezone(UTC)) for first, last, _, _ in imports]
    open_hours: dict[datetime, tuple[datetime, Counter[Status]]] = {}
    for (_, last), (_, _, details, _) in zip(periods, imports, strict=True):
        hour = hour_of(last)
        if not any(first < hour + HOUR <= ended for first, ended in periods):
            brought = json.loads(details or "{}").get("last_hour", {})
            counts = Counter({Status(word): count for word, count in brought.items()})
            open_hours[hour] = (last, counts + open_hours.get(hour, (last, Counter()))[1])
    own = connection.execute(query("first_own_check"), key).fetchone()
    since = own[0].astimezone(UTC) if own and own[0] else None
    return Before(_merged(periods), open_hours, since, frozenset(row[3] for row in imports))


def _merged(periods: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for first, last in sorted(periods):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def write(
    connection: duckdb.DuckDBPyConnection, note: Note, part: Part, first: datetime, checks: int
) -> None:
    """Put `part` into the tables and `note` that it is there; `first` and `checks` are of the whole run.

    Raises `ImportProblem` when somebody else has imported into the service meanwhile.
    """
    key = _key(note.service)
    known = {row[3] for row in connection.execute(query("imports_of_service"), key).fetchall()}
    if known - {note.id} != note.others:
        raise ImportProblem(
            f"{note.service}: another import into it is running; wait for it and run this again"
        )
    if part.maintenance:
        name = {"name": f"{note.monitor} (imported from {note.kind})"}
        _insert(connection, ["import_maintenance"], _maintenance_rows(part.maintenance), {**key, **name})
    if part.rows:
        run = {"run_id": str(note.id)}
        _insert(connection, ["import_checks"], _check_rows(part.rows, note.kind), {**key, **run})
        late = [(note.service, hour) for hour, _ in by_hour(part.rows)]
        rollups.mark_late(connection, [], note.made_at, late)
    if part.old:
        names = ["import_requests", "import_latencies", "import_service_latencies"]
        _insert(connection, names, _request_rows(part.old), key)
    if part.stretches:
        names = ["import_check_hours", "import_spans", "import_traffic_hours"]
        _insert(connection, names, _stretch_rows(part.stretches), key)
    connection.execute(query("forget_import"), {"id": note.id})
    connection.execute(query("note_import"), _note_row(note, part, first, checks))


def _note_row(note: Note, part: Part, first: datetime, checks: int) -> dict[str, Any]:
    last_hour = {str(status): count for status, count in part.last_hour.items() if count}
    return {
        **_key(note.service),
        "id": note.id,
        "made_at": note.made_at,
        "kind": note.kind,
        "source": note.identity,
        "first_at": first,
        "last_at": part.last,
        "checks": checks,
        "details": json.dumps({"monitor": note.monitor, "last_hour": last_hour}),
    }


def _insert(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], rows: pa.Table, values: Mapping[str, Any]
) -> None:
    connection.register("import_rows", rows)
    try:
        for name in names:
            connection.execute(query(name), values)
    finally:
        connection.unregister("import_rows")


def _check_rows(rows: Sequence[Observation], kind: str) -> pa.Table:
    distinct = {id(one.original): one.original for one in rows}
    details = {key: json.dumps({"imported_from": kind, **said}) for key, said in distinct.items()}
    columns = {
        "timestamp": [one.time for one in rows],
        "status": [str(one.status) for one in rows],
        "response_time_ms": [_milliseconds(one.milliseconds) for one in rows],
        "error_count": [int(_failed(one)) for one in rows],
        "details": [details[id(one.original)] for one in rows],
        "reason": [str(one.reason) for one in rows],
        "message": [one.message for one in rows],
    }
    return pa.table(columns, schema=_CHECKS)


def _failed(one: Observation) -> bool:
    """A slow answer is an answer."""
    return one.status is Status.DOWN or (one.status is Status.DEGRADED and one.reason is not Reason.SLOW)


def _milliseconds(measured: int | None) -> int | None:
    return None if measured is None else max(0, min(measured, _LONGEST_MS))


def _request_rows(old: Sequence[Observation]) -> pa.Table:
    times = [_milliseconds(one.milliseconds) for one in old]
    columns = {
        "timestamp": [one.time for one in old],
        "hour": [hour_of(one.time) for one in old],
        "status": [str(one.status) for one in old],
        "reason": [str(one.reason) for one in old],
        "failed": [_failed(one) for one in old],
        "latency_ms": [None if time is None else rounded(time) for time in times],
    }
    return pa.table(columns, schema=_REQUESTS)


def rounded(milliseconds: int) -> int:
    """A time as `latency_hours` holds it: rounded to no more than 1 %, as `edge_latencies` does."""
    if milliseconds < 100:
        return milliseconds
    decade: int = 10 ** (min(len(str(milliseconds)), 8) - 3)
    leading = milliseconds // decade
    step = decade * (2 if leading < 200 or decade == 100_000 else 4 if leading < 500 else 10)
    return min((milliseconds + step // 2) // step * step, _LONGEST_ROUNDED_MS)


def _stretch_rows(stretches: Sequence[Stretch]) -> pa.Table:
    columns = {
        "hour": [one.hour for one in stretches],
        "status": [one.status.value for one in stretches],
        "reason": [one.reason.value for one in stretches],
        "checks": [one.checks for one in stretches],
        "put_back": [one.put_back for one in stretches],
        "seconds": [one.seconds for one in stretches],
        "begun": [one.begun for one in stretches],
        "ended": [one.ended for one in stretches],
    }
    return pa.table(columns, schema=_STRETCHES)


def _maintenance_rows(periods: Sequence[tuple[datetime, datetime]]) -> pa.Table:
    columns = {
        "id": [str(uuid7(int(begun.timestamp() * 1000))) for begun, _ in periods],
        "starts_at": [begun for begun, _ in periods],
        "ends_at": [ended for _, ended in periods],
    }
    return pa.table(columns, schema=_MAINTENANCE)


def _key(service: ServiceKey) -> dict[str, Any]:
    return {"service_type": str(service.service_type), "service_name": service.service_name}
