"""What is asked about one incident: itself, its story and messages, the checks around it, its vendor."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd

from analytics import check_queries, incident_queries, surroundings_queries
from analytics.db import Connection
from analytics.frames import records
from analytics.model import ServiceKey
from pages._ui import words
from pages._ui.incidents.rows import Incident, incident_of

#: What is looked at before the first sign, and after the end.
BEFORE = timedelta(minutes=15)

#: Checks that are drawn; of a longer incident the newest.
_MOST_CHECKS = 600


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the story. `kind` is a stored word, `author` a person or `collector`."""

    id: str
    at: datetime
    kind: str
    author: str
    message: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a channel, and what became of it."""

    channel: str
    action: str
    state: str
    attempts: int
    created_at: datetime
    first_attempt_at: datetime | None
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    answer: str
    last_error: str


@dataclass(frozen=True, slots=True)
class VendorReport:
    """What a vendor said of itself meanwhile. `url` may be empty, or anything."""

    vendor: str
    name: str
    state: str
    started_at: datetime
    resolved_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """One incident with all that belongs to it.

    `checks` has the columns at, status, reason, message, ms (NaN without), oldest first; `more_checks` says
    that there were more before.
    """

    incident: Incident
    events: tuple[Event, ...]
    messages: tuple[Message, ...]
    checks: pd.DataFrame
    more_checks: bool
    reports: tuple[VendorReport, ...]


def whole(connection: Connection, now: datetime, incident_id: str) -> tuple[Whole, ...]:
    """The incident `incident_id` alone in a tuple; an empty one when there is none."""
    try:
        wanted = UUID(incident_id)
    except ValueError:
        return ()
    rows = list(records(incident_queries.incident(connection, wanted, now)))
    if not rows:
        return ()
    events = tuple(map(_event, records(incident_queries.incident_events(connection, wanted))))
    incident = incident_of(rows[0], _closed_by(events))
    checks, more = _checks(connection, incident, now)
    return (
        Whole(
            incident=incident,
            events=events,
            messages=tuple(map(_message, records(incident_queries.notifications(connection, wanted)))),
            checks=checks,
            more_checks=more,
            reports=_reports(connection, incident, now),
        ),
    )


def _closed_by(events: tuple[Event, ...]) -> str:
    ends = [one.author for one in events if one.kind == "resolved"]
    return ends[-1] if ends and ends[-1] != "collector" else ""


def around(incident: Incident, now: datetime) -> tuple[datetime, datetime]:
    """The time that belongs to an incident: from a little before its first sign to a little after its end."""
    end = incident.resolved_at
    return incident.began_at - BEFORE, now if end is None else min(now, end + BEFORE)


def _checks(connection: Connection, incident: Incident, now: datetime) -> tuple[pd.DataFrame, bool]:
    key = incident.key
    if key is None:
        return pd.DataFrame({"at": [], "status": [], "reason": [], "message": [], "ms": []}), False
    since, until = around(incident, now)
    found = check_queries.service_checks(connection, since, until, key, count=_MOST_CHECKS + 1)
    more = len(found) > _MOST_CHECKS
    kept = found.head(_MOST_CHECKS).iloc[::-1].reset_index(drop=True)
    return (
        pd.DataFrame(
            {
                "at": kept["timestamp"],
                "status": kept["status"],
                "reason": [words.reason(str(word or "")) for word in kept["reason"]],
                "message": kept["message"].fillna("").astype(str),
                "ms": kept["response_time_ms"].astype("float64"),
            }
        ),
        more,
    )


def _reports(connection: Connection, incident: Incident, now: datetime) -> tuple[VendorReport, ...]:
    key: ServiceKey | None = incident.key
    if key is None:
        return ()
    since, until = around(incident, now)
    return tuple(
        VendorReport(
            vendor=str(row["vendor"]),
            name=str(row["name"] or ""),
            state=str(row["state"] or ""),
            started_at=row["started_at"],
            resolved_at=row["resolved_at"],
            url=str(row["url"] or ""),
        )
        for row in records(surroundings_queries.vendor_reports(connection, since, key))
        if row["started_at"] < until
    )


def _event(row: dict[str, Any]) -> Event:
    return Event(
        str(row["id"]),
        row["timestamp"],
        str(row["kind"]),
        str(row["author"] or ""),
        str(row["message"] or ""),
    )


def _message(row: dict[str, Any]) -> Message:
    return Message(
        channel=str(row["channel"]),
        action=str(row["action"]),
        state=str(row["state"]),
        attempts=int(row["attempts"] or 0),
        created_at=row["created_at"],
        first_attempt_at=row["first_attempt_at"],
        next_attempt_at=row["next_attempt_at"],
        delivered_at=row["delivered_at"],
        answer=str(row["answer"] or ""),
        last_error=str(row["last_error"] or ""),
    )
