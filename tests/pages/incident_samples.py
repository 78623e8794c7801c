"""Incidents in a database of samples, with their stories, messages and what a vendor said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.db import FileLocation, transact
from analytics.ids import uuid7
from collector.store import insert_rows
from tests.pages import samples

Row = dict[str, Any]
MINUTE = timedelta(minutes=1)


def write(
    path: Path, now: datetime, incidents: Sequence[Row] = (), minutes: int = 30, **tables: Sequence[Row]
) -> None:
    """The sixteen services with checks of `minutes`, and these rows."""
    location = samples.write(path, now, minutes=minutes)
    insert(location, integration_incidents=incidents, **tables)


def insert(location: FileLocation, **tables: Sequence[Row]) -> None:
    def work(connection: Any) -> None:
        for table, rows in tables.items():
            insert_rows(connection, table, rows)

    transact(location, work)


def incident(began: datetime, **said: Any) -> Row:
    """A row of integration_incidents: Fly.io's MCP server, open and critical unless said otherwise."""
    return {
        "id": uuid7(int(began.timestamp() * 1000)),
        "service_type": "mcp",
        "service_name": "fly",
        "severity": "critical",
        "title": "Fly.io MCP server cannot be reached",
        "description": "connection refused",
        "status": "open",
        "rule": "service_down",
        "reason": "connect",
        "began_at": began,
        "created_at": began + timedelta(seconds=10),
        "relapses": 0,
        **said,
    }


def resolved(began: datetime, minutes: float, **said: Any) -> Row:
    """One that was over after so many minutes, with Mara on it."""
    return incident(
        began,
        **{
            "status": "resolved",
            "acknowledged_at": began + MINUTE,
            "acknowledged_by": "Mara",
            "resolved_at": began + minutes * MINUTE,
            **said,
        },
    )


def event(incident_id: UUID, at: datetime, kind: str, message: str, author: str = "collector") -> Row:
    """A row of incident_events."""
    return {
        "id": uuid7(int(at.timestamp() * 1000)),
        "incident_id": incident_id,
        "timestamp": at,
        "kind": kind,
        "author": author,
        "message": message,
    }


def message(incident_id: UUID, at: datetime, **said: Any) -> Row:
    """A row of notifications: the alert, delivered to the pager, unless said otherwise."""
    return {
        "id": uuid7(int(at.timestamp() * 1000)),
        "incident_id": incident_id,
        "channel": "oncall",
        "action": "trigger",
        "dedup_key": f"incident/{incident_id}",
        "payload": {},
        "state": "delivered",
        "attempts": 1,
        "created_at": at,
        "first_attempt_at": at,
        "delivered_at": at + timedelta(seconds=2),
        "severity": "critical",
        "answer": "202 accepted",
        **said,
    }


def vendor_report(started: datetime, service: str = "mcp/fly", **said: Any) -> Row:
    """A row of vendor_incidents that goes on."""
    return {
        "vendor": "fly",
        "vendor_id": "1",
        "name": "Machines in fra do not answer",
        "impact": "major",
        "state": "investigating",
        "started_at": started,
        "updated_at": started,
        "components": [],
        "services": [service],
        **said,
    }
