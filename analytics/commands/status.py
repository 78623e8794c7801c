"""`status`: how every service stands, on one screen."""

import argparse
from collections.abc import Mapping
from typing import Any

from analytics.commands import ExitCode
from analytics.commands.opening import opened
from analytics.commands.output import Setting
from analytics.commands.standing import Overview, Standing, overview
from analytics.commands.status_view import view


def status(setting: Setting, options: argparse.Namespace) -> int:
    """Show how everything stands; with `--watch` again and again."""
    if options.watch is not None:
        from analytics.commands.watching import watch

        watch(setting, options.watch)
    with opened(setting.location) as connection:
        found = overview(connection, setting.now)
    if setting.as_json:
        setting.document(document(found))
    else:
        setting.console.print(view(found, setting.console.width))
    return ExitCode.DONE if found.healthy(options.ignore_unknown) else ExitCode.NOT_HEALTHY


def document(found: Overview) -> Mapping[str, Any]:
    """The same for programs."""
    return {
        "healthy": found.healthy(),
        "score": found.score,
        "checked_at": found.checked_at,
        "collector": {"running": found.collector_running, "heartbeat": found.heartbeat},
        "services": [_service(one) for one in found.services],
    }


def _service(one: Standing) -> Mapping[str, Any]:
    row = one.row
    incident = None
    if row["incident_id"] is not None:
        incident = {
            "id": row["incident_id"],
            "severity": row["incident_severity"],
            "title": row["incident_title"],
            "began_at": row["incident_began_at"],
            "acknowledged_at": row["acknowledged_at"],
            "acknowledged_by": row["acknowledged_by"],
        }
    return {
        "service": f"{one.service_type}/{one.service_name}",
        "service_type": one.service_type.value,
        "service_name": one.service_name,
        "status": one.status.value,
        "reason": one.reason,
        "message": row["message"],
        "since": None if one.stale else row["since"],
        "last_check": row["last_check"],
        "stale": one.stale,
        "response_time_ms": row["response_time_ms"],
        "success_rate_percent": row["success_rate"],
        "uptime_30d_percent": one.uptime_percent,
        "days": [{"down": day.down, "degraded": day.degraded} for day in one.days],
        "incident": incident,
    }
