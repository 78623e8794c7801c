"""Rows that are hard to write down."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import duckdb

from analytics.model import Basis, Policy, ServiceInfo, ServiceKey, ServiceType
from collector.store import insert_rows, replace_services

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHOP = ServiceKey(ServiceType.API, "shop")

#: What each row's `message` is, in order: all that CSV and JSON have to quote, and nothing.
MESSAGES = (
    'says "no", twice\r\nand goes',
    "Grüße, 名前 🟥 \u2028 end",
    "",
    None,
    "=HYPERLINK(A1)",
    "'=kept",
    "tab\tand \\ and \x00",
)
DETAILS: tuple[object, ...] = (
    {"a": [1, 2.5, None], "b": {"c": "=1"}},
    [],
    "=text",
    None,
    {"": "\u2028"},
    -5,
    {},
)


def ident(number: int) -> UUID:
    return UUID(int=number)


def _check(number: int) -> dict[str, object]:
    return {
        "id": ident(number),
        "timestamp": NOW - timedelta(minutes=len(MESSAGES) - number, microseconds=1),
        "service_type": "api" if number % 2 else "infrastructure",
        "service_name": "shop" if number % 2 else "gone",
        "status": "down" if number == 3 else "healthy",
        "response_time_ms": None if number == 3 else 120 + number,
        "success_rate": 99.5,
        "error_count": -number,
        "details": DETAILS[number],
        "reason": "ok",
        "message": MESSAGES[number],
        "attempt": 1,
        "run_id": ident(0),
    }


def _call(number: int) -> dict[str, object]:
    return {
        "id": ident(number),
        "timestamp": NOW - timedelta(minutes=number + 1),
        "api_name": "shop-calls" if number % 2 else "unknown",
        "quota_used": float("inf") if number else 0.1,
    }


_INCIDENT = {
    "id": ident(1),
    "created_at": NOW - timedelta(hours=1),
    "service_type": "api",
    "service_name": "shop",
    "severity": "critical",
    "title": "+shop is down",
    "status": "open",
    "began_at": NOW - timedelta(hours=1),
}


def _event(number: int, incident: int) -> dict[str, object]:
    about = {"kind": "note", "author": "@ops", "message": "seen"}
    return {
        "id": ident(number),
        "incident_id": ident(incident),
        "timestamp": NOW - timedelta(hours=1),
        **about,
    }


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """One service, whose calls have a name of their own, and rows of it and of what is not configured."""
    policy = Policy(Basis.CALLS, 1000, 3000, 6, timedelta(seconds=300))
    shop = ServiceInfo(SHOP, "http", "https://shop.example", timedelta(seconds=60), policy, True)
    replace_services(connection, [shop], NOW)
    connection.execute("UPDATE services SET traffic_name = 'shop-calls'")
    insert_rows(connection, "integration_health_checks", [_check(n) for n in range(len(MESSAGES))])
    insert_rows(connection, "api_metrics", [_call(n) for n in range(4)])
    insert_rows(connection, "integration_incidents", [_INCIDENT])
    insert_rows(connection, "incident_events", [_event(1, 1), _event(2, 7)])
