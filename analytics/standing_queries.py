"""How services stand now: the newest check of each, since when it has been so, and who is on it.

Since when is dear to ask: the spans of a month are read for it. Whoever asks again and again hands in what
was answered before; then only those services are looked up whose newest checks do not simply go on with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import duckdb
import pandas as pd

from analytics.coverage import coverage, hour_after
from analytics.frames import frame, records

#: How far back the beginning of a status is looked for.
LONGEST_STANDING = timedelta(days=30)

#: Checks further back are not read to see whether a status went on.
_LATELY = timedelta(hours=1)

#: The type and the name of a service.
Place: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a service was found to be by its newest check, and since when it has been that."""

    status: str
    last_check: datetime
    since: datetime


def standing(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    before: Mapping[Place, Standing] | None = None,
) -> pd.DataFrame:
    """How every monitored service stands at `now`, in configured order.

    Columns: service_type, service_name; of its newest check, missing without one that still said something
    at the collector's newest heartbeat: status, reason, message, last_check, response_time_ms, success_rate
    (percent); stale (it says nothing any more at `now`, or there is none); since (from when on it has had
    this status without a gap, at most 30 days ago); and of its loudest open incident, missing without one:
    incident_id, incident_severity, incident_title, incident_began_at, acknowledged_at, acknowledged_by.

    `before` is what `standings` made of an earlier answer.
    """
    reach = frame(connection, "standing_reach", now=now)["reach"].iloc[0].to_pydatetime()
    found = frame(connection, "standing", now=now, reach=reach)
    since = pd.Series(_since(connection, now, list(records(found)), before), index=found.index, dtype=object)
    found.insert(list(found).index("stale") + 1, "since", pd.to_datetime(since, utc=True))
    return found


def standings(found: pd.DataFrame) -> dict[Place, Standing]:
    """What of an answer of `standing` is worth handing in the next time."""
    known = {}
    for row in records(found):
        # Of one found in the very moment of the answer it was not known yet when that began.
        if row["since"] is not None and row["since"] < row["last_check"]:
            known[_place(row)] = Standing(row["status"], row["last_check"], row["since"])
    return known


def _since(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    rows: Sequence[Mapping[str, Any]],
    before: Mapping[Place, Standing] | None,
) -> list[datetime | None]:
    """Since when each of `rows` has had its status."""
    first = hour_after(now - LONGEST_STANDING)
    checked = {_place(row): row for row in rows if row["status"] is not None}
    known = _gone_on(connection, now, checked, before) if before else {}
    others = [place for place in checked if place not in known]
    if others:
        known |= _looked_up(connection, first, now, others if before else None)
    return [None if row["status"] is None else _one_since(row, known.get(_place(row)), first) for row in rows]


def _place(row: Mapping[str, Any]) -> Place:
    return row["service_type"], row["service_name"]


def _one_since(row: Mapping[str, Any], held: tuple[str, datetime] | None, first: datetime) -> datetime:
    """A check made in this very moment is in no stretch yet."""
    last_check: datetime = row["last_check"]
    return max(held[1], first) if held is not None and held[0] == row["status"] else last_check


def _gone_on(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    rows: Mapping[Place, Mapping[str, Any]],
    before: Mapping[Place, Standing],
) -> dict[Place, tuple[str, datetime]]:
    """The status of those that are as they were `before`, and since when."""
    same = {
        place: held
        for place, held in before.items()
        if place in rows and rows[place]["status"] == held.status
    }
    known = {
        place: (held.status, held.since)
        for place, held in same.items()
        if rows[place]["last_check"] == held.last_check
    }
    lately = [held.last_check for held in same.values() if held.last_check > now - _LATELY]
    if not lately or len(known) == len(same):
        return known
    for row in records(frame(connection, "standing_unbroken", first=min(lately), now=now)):
        held = same.get(_place(row))
        if held and row["status"] == held.status and row["first_check"] <= held.last_check:
            known[_place(row)] = (held.status, held.since)
    return known


def _looked_up(
    connection: duckdb.DuckDBPyConnection,
    first: datetime,
    now: datetime,
    services: Sequence[Place] | None,
) -> dict[Place, tuple[str, datetime]]:
    """The last status of each of `services` (None: all), and since when, after `first`."""
    called = [name for _, name in services or ()]
    found = frame(
        connection,
        "standing_since",
        services=None if services is None else ["/".join(place) for place in services],
        first_name=min(called, default=None),
        last_name=max(called, default=None),
        **coverage(connection, first, now).bound(),
    )
    return {_place(row): (row["status"], row["begun"]) for row in records(found)}
