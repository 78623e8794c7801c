"""Alerts, their changes, channels, mutes and maintenance in a database of samples."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from analytics.ids import uuid7

Row = dict[str, Any]
MINUTE = timedelta(minutes=1)


def fired(begun: datetime, minutes: float | None = 5, **said: Any) -> Sequence[Row]:
    """The changes of an alert that fired for so long (None: still): that Fly.io's MCP server is down."""

    def change(at: datetime, old: str, new: str) -> Row:
        return {
            "id": uuid7(int(at.timestamp() * 1000)),
            "timestamp": at,
            "rule": "service_down",
            "service_type": "mcp",
            "service_name": "fly",
            "old_state": old,
            "new_state": new,
            "severity": "critical",
            "title": "Fly.io MCP server cannot be reached",
            **said,
        }

    rows = [change(begun, "pending", "firing")]
    return rows if minutes is None else [*rows, change(begun + minutes * MINUTE, "firing", "resolved")]


def standing(since: datetime, **said: Any) -> Row:
    """An alert that fires: that Fly.io's MCP server is down."""
    return {
        "rule": "service_down",
        "service_type": "mcp",
        "service_name": "fly",
        "state": "firing",
        "since": since,
        "severity": "critical",
        "title": "Fly.io MCP server cannot be reached",
        **said,
    }


def channel(name: str, position: int = 0, **said: Any) -> Row:
    """A channel that takes what is critical."""
    row = {"channel": name, "position": position, "kind": "slack", "severities": ["critical"]}
    return {**row, "updated_at": datetime.now().astimezone(), **said}


def mute(until: datetime, **said: Any) -> Row:
    """Nobody is to hear of anything, for the last hour and up to `until`."""
    return {"id": uuid7(), "created_at": until - timedelta(days=1), "until": until, "author": "Mara", **said}


def work(starts_at: datetime, minutes: float, service: str = "redis", name: str = "Upgrade") -> Row:
    """Maintenance of an infrastructure service."""
    place = {"service_type": "infrastructure", "service_name": service}
    return {
        "id": uuid7(),
        "name": name,
        **place,
        "starts_at": starts_at,
        "ends_at": starts_at + minutes * MINUTE,
    }


def changed(at: datetime, settings: Row | None, **said: Any) -> Row:
    """A change Mara made of the rule `service_down`."""
    row = {"id": uuid7(int(at.timestamp() * 1000)), "timestamp": at, "rule": "service_down"}
    return {**row, "author": "Mara", "settings": settings, **said}
