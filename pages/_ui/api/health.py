"""`GET /api/integrations/health`: whether anybody looks, the score, and every service with its status."""

import time
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pages._ui import reading
from pages._ui.api.answers import document, value_of
from pages._ui.api.etag import Encoded, encoded
from pages._ui.reading import Answer
from pages._ui.situation import Seen, Situation, situation
from pages._ui.snapshot import Snapshot, snapshot

#: A status turns unknown by time alone, so what was said is worked out anew after this many seconds.
_SAID_SECONDS = 1.0

#: The newest answer: what it was made of, when, and what is sent.
_newest: tuple[Answer[Snapshot], float, Encoded] | None = None


def health(request: Request) -> Response:
    """Every service's status; 503 while there is no data."""
    return document(request, _said(reading.ask(snapshot)))


def _said(found: Answer[Snapshot]) -> Encoded:
    global _newest
    known = value_of(found)
    before, now = _newest, time.monotonic()
    if before is not None and before[0] is found and now - before[1] < _SAID_SECONDS:
        return before[2]
    said = encoded(health_document(known, reading.utc_now(), is_read=found.problem is None))
    _newest = found, now, said
    return said


def health_document(known: Snapshot, now: datetime, is_read: bool = True) -> dict[str, Any]:
    """What is answered, as plain JSON values: statuses as seen at `now`, data as of the snapshot.

    `score` is in percent, null when no service is known; `success_rate` is in percent. `is_read` is false
    while the database cannot be read, so that nobody knows whether the collector still writes.
    """
    seen = situation(known, now)
    return {
        "collector": _collector(known, seen, is_read),
        "score": None if seen.score is None else round(seen.score, 2),
        "as_of": iso(known.taken_at),
        "services": [_service(one) for one in seen.services],
    }


def _collector(known: Snapshot, seen: Situation, is_read: bool) -> dict[str, Any]:
    heartbeat = known.heartbeat
    ahead = seen.clock_ahead
    return {
        "state": "unknown" if seen.collector_stopped and not is_read else seen.collector,
        "last_heartbeat": iso(heartbeat.at) if heartbeat else None,
        "age_seconds": round((known.taken_at - heartbeat.at).total_seconds(), 1) if heartbeat else None,
        "interval_seconds": heartbeat.interval.total_seconds() if heartbeat else None,
        "clock_ahead_seconds": round(ahead.total_seconds()) if ahead else 0,
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
        "last_check": iso(newest.at) if newest else None,
    }


def iso(moment: datetime) -> str:
    """A moment as the API writes it: UTC with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
