"""`GET /api/integrations/health`: the score and every service with its status, as the page shows them."""

import time
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pages._ui import reading
from pages._ui.api.answers import document, value_of
from pages._ui.api.etag import Encoded, encoded
from pages._ui.situation import Seen, situation
from pages._ui.snapshot import Snapshot, snapshot

#: A status turns unknown by time alone, so what was said is worked out anew after this many seconds.
_SAID_SECONDS = 1.0

#: The newest answer: what it was made of, when, and what is sent.
_newest: tuple[Snapshot, float, Encoded] | None = None


def health(request: Request) -> Response:
    """Every service's status; 503 while there is no data."""
    return document(request, _said(value_of(reading.ask(snapshot))))


def _said(known: Snapshot) -> Encoded:
    global _newest
    before, now = _newest, time.monotonic()
    if before is not None and before[0] is known and now - before[1] < _SAID_SECONDS:
        return before[2]
    said = encoded(health_document(known, reading.utc_now()))
    _newest = known, now, said
    return said


def health_document(known: Snapshot, now: datetime) -> dict[str, Any]:
    """What is answered, as plain JSON values: statuses as seen at `now`, data as of the snapshot.

    `score` is in percent, null when no service is known; `success_rate` is in percent.
    """
    seen = situation(known, now)
    return {
        "score": None if seen.score is None else round(seen.score, 2),
        "as_of": iso(known.taken_at),
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
        "last_check": iso(newest.at) if newest else None,
    }


def iso(moment: datetime) -> str:
    """A moment as the API writes it: UTC with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
