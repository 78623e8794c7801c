"""The single checks of one service, as they were stored, as DataFrames.

Every function takes an open connection (`analytics.db.read_only`), a period of UTC moments that holds
`since` and not `until`, and a service. Only what single rows are kept for (`retention_days`) is found.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pandas as pd

from analytics.frames import frame, records
from analytics.model import ServiceKey, Status

#: Checks that are looked at for their phases; of more only every second, third … one is.
_MOST_LOOKED_AT = 4000

#: Changes of tools that are returned at most.
_MOST_CHANGES = 50

_CHANGES = ("added", "removed", "changed", "missing")


def service_checks(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    service: ServiceKey,
    status: Status | None = None,
    count: int = 25,
    skipped: int = 0,
) -> pd.DataFrame:
    """The attempts of `service`, newest first: `count` of them after the first `skipped`, of one `status`
    or all.

    Columns: timestamp, status, reason, message, response_time_ms, attempt (1 for the first of a check),
    details (JSON text, as the probe wrote it).
    """
    return frame(
        connection,
        "service_checks",
        **_bound(since, until, service),
        status=None if status is None else status.value,
        count=count,
        skipped=skipped,
    )


def service_check_counts(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, service: ServiceKey
) -> dict[Status, int]:
    """How many attempts of `service` had each status; one this version does not know is left out."""
    found = frame(connection, "service_check_counts", **_bound(since, until, service))
    return {Status(row["status"]): row["attempts"] for row in records(found) if row["status"] in list(Status)}


def service_phases(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    service: ServiceKey,
    step: timedelta,
    interval: timedelta,
) -> pd.DataFrame:
    """How long the phases of a check of `service` took, in the order of time, of checks that were not down.

    Columns: step_start (steps are counted from 1970), phase (as the probe calls it), mean_ms, checks (how
    many were looked at in the step). The phases of a step add up to its mean check. Of a long period only
    some of the checks, made every `interval`, are looked at. ValueError when `step` or `interval` is no
    time.
    """
    if step <= timedelta(0) or interval <= timedelta(0):
        raise ValueError(f"a step of {step} and an interval of {interval}: both are above zero")
    every = 1 + int((until - since) / interval) // _MOST_LOOKED_AT
    bound = _bound(since, until, service)
    return frame(connection, "service_phases", **bound, step=step // timedelta(microseconds=1), every=every)


def newest_tools(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, service: ServiceKey
) -> tuple[datetime, dict[str, Any]] | None:
    """When the MCP server `service` last listed its tools, and the details of that check; None without."""
    found = frame(connection, "newest_tools", **_named(since, until, service))
    return next(((row["timestamp"], _details(row["details"])) for row in records(found)), None)


def tool_changes(
    connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime, service: ServiceKey
) -> pd.DataFrame:
    """When the tools of the MCP server `service` changed, newest first, at most 50 times.

    Columns: timestamp, message; added, removed, changed and missing (expected, and not there), each a tuple
    of names.
    """
    found = frame(connection, "tool_changes", **_named(since, until, service), count=_MOST_CHANGES)
    details = [_details(text) for text in found.pop("details")]
    for change in _CHANGES:
        found[change] = pd.Series([_names(one.get(f"tools_{change}")) for one in details], dtype="object")
    return found


def _bound(since: datetime, until: datetime, service: ServiceKey) -> dict[str, Any]:
    return {**_named(since, until, service), "service_type": service.service_type.value}


def _named(since: datetime, until: datetime, service: ServiceKey) -> dict[str, Any]:
    return {"since": since, "until": until, "service_name": service.service_name}


def _details(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else None
    return found if isinstance(found, dict) else {}


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
