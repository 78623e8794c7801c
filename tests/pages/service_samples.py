"""A database with everything the page of a service shows: details, traffic, vendors, incidents, mutes."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from analytics.db import FileLocation, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from collector.store import insert_rows, replace_services
from tests.pages import samples
from tests.pages.samples import API, INFRASTRUCTURE, MCP, WEBHOOK

MINUTE = timedelta(minutes=1)
Row = dict[str, Any]

#: The open incident of api/openai.
INCIDENT = uuid7()

#: What somebody who means harm would call things.
HOSTILE = "<img src=x onerror=alert(1)>\"'&[a](javascript:alert(1))"


def write(path: Path, now: datetime, said: str = "") -> FileLocation:
    """All of it, up to `now`; `said` is put into every text that comes from outside."""
    location = samples.write(path, now)
    needed = (ServiceKey(INFRASTRUCTURE, "supabase"),)

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        infos = {str(one.key): one.info() for one in samples.SERVICES}
        infos["mcp/supabase"] = replace(infos["mcp/supabase"], depends_on=needed)
        replace_services(connection, list(infos.values()), now)
        for table, rows in _tables(now, said).items():
            insert_rows(connection, table, rows)

    transact(location, work)
    return location


def _tables(now: datetime, said: str) -> dict[str, list[Row]]:
    return {
        "integration_health_checks": _checks(now, said),
        "api_metrics": _calls(now, said),
        "webhook_metrics": _deliveries(now, said),
        "integration_incidents": [_incident(now, said)],
        "maintenance": [_work(now, said)],
        "mutes": [_mute(now, said)],
        "vendor_feeds": [_feed(now, said)],
        "vendor_incidents": [_report(now, said)],
    }


def _check(kind: ServiceType, name: str, at: datetime, details: Row, **more: Any) -> Row:
    row = {"id": uuid7(int(at.timestamp() * 1000)), "timestamp": at, "status": "healthy", "reason": "ok"}
    place = {"service_type": kind.value, "service_name": name}
    rest = {"message": "fine", "response_time_ms": 40, "attempt": 1, "run_id": uuid7(), "details": details}
    return {**row, **place, **rest, **more}


def _checks(now: datetime, said: str) -> list[Row]:
    tools = {"tools": {f"list_tables{said}": "1", "execute_sql": "2"}, "server_name": f"supabase{said}"}
    changed = {**tools, "tools_added": [f"execute_sql{said}"], "tools_removed": ["drop_all"]}
    steps = {"connect": 20, f"first_byte{said}": 200}
    hooks = {"usual_pause_seconds": 17, "longest_pause_seconds": 80, "newest_genuine": now.isoformat()}
    return [
        _check(MCP, "supabase", now - 20 * MINUTE, changed, status="degraded", reason="schema_changed"),
        _check(MCP, "supabase", now - timedelta(seconds=2), tools, message=f"2 tools{said}"),
        *(
            _check(API, "shopify", now - n * MINUTE, {"steps_ms": steps, f"odd{said}": [said, {"a": said}]})
            for n in range(1, 30)
        ),
        _check(WEBHOOK, "shopify", now - timedelta(seconds=1), hooks),
    ]


def _calls(now: datetime, said: str) -> list[Row]:
    rows = []
    for number in range(200):
        failed = number % 20 == 0
        at = now - number * 5 * MINUTE
        row = {
            "id": uuid7(int(at.timestamp() * 1000)),
            "timestamp": at,
            "api_name": "shopify",
            "endpoint": f"/orders{said}" if number % 2 else "/shop",
            "method": "GET",
            "status_code": 503 if failed else 200,
            "response_time_ms": 100 + number,
            "retries": number % 10 == 0,
            "origin": f"worker{said}",
        }
        if number % 2 == 0:
            row |= {"quota_name": f"points{said}", "quota_used": 150, "quota_limit": 200}
        rows.append(row | ({"reason": "http_5xx"} if failed else {}))
    return rows


def _deliveries(now: datetime, said: str) -> list[Row]:
    return [
        {
            "id": uuid7(int((now - n * MINUTE).timestamp() * 1000)),
            "timestamp": now - n * MINUTE,
            "source": "shopify",
            "event_type": f"orders/create{said}",
            "verified": n % 10 != 0,
            "processed": True,
            "processing_time_ms": 30,
        }
        for n in range(1, 50)
    ]


def _incident(now: datetime, said: str) -> Row:
    return {
        "id": INCIDENT,
        "created_at": now - 16 * MINUTE,
        "began_at": now - 17 * MINUTE,
        "service_type": "api",
        "service_name": "openai",
        "severity": "critical",
        "title": f"OpenAI fails{said}",
        "status": "investigating",
        "acknowledged_by": f"Ann{said}",
        "acknowledged_at": now - 10 * MINUTE,
    }


def _work(now: datetime, said: str) -> Row:
    place = {"service_type": "infrastructure", "service_name": "redis"}
    return {
        "id": uuid7(),
        "name": f"Upgrade{said}",
        **place,
        "starts_at": now - MINUTE,
        "ends_at": now + 60 * MINUTE,
    }


def _mute(now: datetime, said: str) -> Row:
    place = {"service_type": "infrastructure", "service_name": "redis", "rule": None}
    when = {"created_at": now - MINUTE, "until": now + 60 * MINUTE}
    return {"id": uuid7(), **place, **when, "author": f"Bob{said}", "note": f"known{said}"}


def _feed(now: datetime, said: str) -> Row:
    said_of = {"indicator": "none", "description": f"All systems operational{said}"}
    where = {"vendor": "openai", "url": "https://status.example", "services": ["api/openai"]}
    return {**where, **said_of, "checked_at": now, "read_at": now}


def _report(now: datetime, said: str) -> Row:
    return {
        "vendor": "openai",
        "vendor_id": "1",
        "name": f"Elevated errors{said}",
        "impact": "major",
        "state": "investigating",
        "started_at": now - 20 * MINUTE,
        "updated_at": now,
        "url": f"javascript:alert(1){said}" if said else "https://status.example/1",
        "components": [],
        "services": ["api/openai"],
    }
