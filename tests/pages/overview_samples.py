"""What the first page shows beside statuses: calls, incidents, a vendor's report, announced work, changes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb

from analytics.db import FileLocation, transact
from analytics.ids import uuid7
from collector.store import insert_rows

Row = dict[str, Any]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

#: The id of the open incident of mcp/fly, and of the one of api/openai that somebody is on.
OPEN, TAKEN = uuid7(1), uuid7(2)


def insert_surroundings(location: FileLocation, now: datetime, said: str = "") -> None:
    """Add all of it to the file; `said` is put into every text that people or others wrote."""

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        insert_rows(connection, "api_metrics", list(calls(now)))
        insert_rows(connection, "integration_incidents", list(incidents(now, said)))
        insert_rows(connection, "maintenance", [maintenance(now, said)])
        insert_rows(connection, "alert_rule_changes", [rule_change(now, said)])
        connection.execute(
            "INSERT INTO vendor_feeds (vendor, url, services, checked_at, read_at) "
            "VALUES ($1, '', '[]', $2, $2)",
            ["openai", now],
        )
        connection.execute(
            "INSERT INTO vendor_incidents (vendor, vendor_id, name, impact, state, started_at, updated_at, "
            "components, services) VALUES ('openai', '1', $1, 'major', 'investigating', $2, $2, '[]', $3)",
            [f"Elevated errors{said}", now - 20 * MINUTE, '["api/openai"]'],
        )

    transact(location, work)


def calls(now: datetime) -> Iterator[Row]:
    """Of two APIs: 2 of 200 calls failed today and 4 were repeated; the day before 4 failed, 2 were repeated.

    In every hour in which the samples have checks there are calls too, so no check counts as one.
    """
    for day, failed, retried in ((0, 2, 4), (1, 4, 2)):
        for number in range(200):
            at = now - day * DAY - timedelta(seconds=3) - number * 6 * MINUTE
            said = {
                "timestamp": at,
                "status_code": 500 if number < failed else 200,
                "response_time_ms": 100 + number % 10 * 50,
                "retries": 1 if number < retried else 0,
            }
            for api in ("openai", "shopify"):
                yield {**_call, "id": uuid7(int(at.timestamp() * 1000)), "api_name": api, **said}
    # Without a request before it the day before would be known in part only.
    yield {**_call, "id": uuid7(int((now - 3 * DAY).timestamp() * 1000)), "timestamp": now - 3 * DAY}


_call: Row = {
    "api_name": "openai",
    "endpoint": "/things",
    "method": "GET",
    "status_code": 200,
    "response_time_ms": 100,
}


def incidents(now: datetime, said: str = "") -> Iterator[Row]:
    """One nobody is on, one somebody is on, four that are over."""
    yield _incident(OPEN, "mcp", "fly", f"Fly.io cannot be reached{said}", now - 12 * MINUTE)
    yield {
        **_incident(TAKEN, "api", "openai", f"OpenAI fails{said}", now - 17 * MINUTE, severity="warning"),
        "status": "investigating",
        "acknowledged_at": now - 10 * MINUTE,
        "acknowledged_by": f"Ann{said}",
    }
    for number in range(4):
        began = now - (1 + number) * DAY
        yield {
            **_incident(uuid7(), "webhook", "chatwoot", f"Past trouble {number}", began),
            "status": "resolved",
            "resolved_at": began + 90 * MINUTE,
        }


def _incident(
    number: object, kind: str, name: str, title: str, began: datetime, severity: str = "critical"
) -> Row:
    return {
        "id": number,
        "created_at": began + timedelta(seconds=10),
        "began_at": began,
        "service_type": kind,
        "service_name": name,
        "severity": severity,
        "title": title,
        "status": "open",
        "relapses": 0,
    }


def maintenance(now: datetime, said: str = "") -> Row:
    """Work on redis that goes on for another hour."""
    return {
        "id": uuid7(),
        "name": f"Redis upgrade{said}",
        "service_type": "infrastructure",
        "service_name": "redis",
        "starts_at": now - HOUR,
        "ends_at": now + HOUR,
    }


def rule_change(now: datetime, said: str = "") -> Row:
    """Somebody changed a rule an hour ago."""
    return {
        "id": uuid7(),
        "timestamp": now - HOUR,
        "rule": "slow_response",
        "settings": {"for": 60},
        "author": f"Ben{said}",
    }
