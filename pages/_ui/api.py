"""The documents of the read API, as plain JSON values."""

from datetime import UTC, datetime
from typing import Any

from pages._ui.situation import Seen, situation
from pages._ui.snapshot import Snapshot


def health_document(snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    """What `GET /api/integrations/health` answers: statuses as seen at `now`, data as of the snapshot.

    `score` is in percent, null when no service is known; `success_rate` is in percent.
    """
    seen = situation(snapshot, now)
    return {
        "score": None if seen.score is None else round(seen.score, 2),
        "as_of": _iso(snapshot.taken_at),
        "services": [_service(one) for one in seen.services],
    }


def _service(seen: Seen) -> dict[str, Any]:
    service, newest = seen.service, seen.service.newest
    return {
        "service_type": service.service_type.value,
        "service_name": service.name,
        "status": seen.status.value,
        "reason": str(seen.reason),
        "response_time_ms": newest.response_time_ms if newest else None,
        "success_rate": newest.success_rate if newest else None,
        "last_check": _iso(newest.at) if newest else None,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
