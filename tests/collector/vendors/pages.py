"""Status pages as vendors write them, for tests."""

import json
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def incident(number: int = 1, **other: Any) -> dict[str, Any]:
    """An unresolved incident as Statuspage writes it; `other` replaces its fields."""
    return {
        "id": f"id{number}",
        "name": "Elevated errors",
        "status": "investigating",
        "created_at": "2026-11-24T08:41:00.000Z",
        "started_at": "2026-11-24T08:41:00.000Z",
        "updated_at": "2026-11-24T09:00:00.000Z",
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "minor",
        "shortlink": "https://stspg.io/abc",
        "components": [{"id": "c1", "name": "Chat", "status": "degraded_performance"}],
        "incident_updates": [{"body": "We are looking", "status": "investigating"}],
    } | other


def page(*incidents: Any, **other: Any) -> bytes:
    """A whole summary.json with `incidents`; `other` replaces its fields."""
    content = {
        "page": {"id": "p", "name": "OpenAI", "url": "https://status.openai.com", "time_zone": "Etc/UTC"},
        "components": [{"id": "c1", "name": "Chat", "status": "operational", "group": False}],
        "incidents": list(incidents),
        "scheduled_maintenances": [],
        "status": {"indicator": "none", "description": "All Systems Operational"},
    } | other
    return json.dumps(content).encode()
