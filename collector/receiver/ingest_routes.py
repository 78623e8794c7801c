"""`POST /ingest/…`: rows of other programs, checked, stored, and answered after their transaction alone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.intake import IntakeFull, IntakeUnavailable, Stored
from collector.receiver.answers import json_answer, refusal
from collector.receiver.body import BodyRefused
from collector.receiver.counting import IngestCounters
from collector.receiver.row_budget import RowBudget
from collector.receiver.row_faults import Fault
from collector.receiver.row_reading import MOST_LISTED, Reading, Turns, read_rows
from collector.receiver.rows import KEPT, RowChecker

TABLES = {
    "api-metrics": "api_metrics",
    "webhook-metrics": "webhook_metrics",
    "circuit-events": "circuit_events",
}
#: The form of a body shows in its first character. What `curl --data` and plain HTTP clients say when they
#: say nothing is taken too.
_TYPES = {
    "",
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/json-lines",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/json",
    "text/plain",
}
_CHARSETS = {"", "utf-8", "utf8", "us-ascii"}
_YES, _NO = {"true", "1", "yes"}, {"", "false", "0", "no"}
_UNAVAILABLE_SECONDS = 2.0


class Store(Protocol):
    """What is needed of an `Intake`."""

    async def store(self, table: str, rows: Sequence[Mapping[str, Any]], /) -> Stored: ...


@dataclass(slots=True)
class Ingest:
    """Takes rows in. `mask` takes known secrets out of a text; rows older than `kept` are refused.

    `budget` bounds the rows of all requests together.
    """

    store: Store
    read_body: Callable[[Request], Awaitable[bytes]]
    now: Callable[[], datetime]
    mask: Callable[[str], str]
    counters: IngestCounters = field(default_factory=IngestCounters)
    turns: Turns = field(default_factory=Turns)
    kept: timedelta = KEPT
    budget: RowBudget = field(default_factory=RowBudget)

    def routes(self) -> list[Route]:
        """One route a table."""
        return [
            Route(f"/ingest/{name}", partial(self.receive, table), methods=["POST"])
            for name, table in TABLES.items()
        ]

    async def receive(self, table: str, request: Request) -> Response:
        """Read, check and store the rows of `request`; answer when they are committed."""
        self.counters.listen(request.headers)
        try:
            response = await self._receive(table, request)
        except BodyRefused as error:
            response = refusal(error.status, error.message, error.retry_after, error.headers)
        except IntakeFull as error:
            response = refusal(429, str(error), error.retry_after)
        except IntakeUnavailable as error:
            message = f"nothing was stored: {self.mask(str(error))}"
            response = refusal(503, message, _UNAVAILABLE_SECONDS)
        self.counters.requests[table, response.status_code] += 1
        return response

    async def _receive(self, table: str, request: Request) -> Response:
        partial_ = _partial(request)
        _require_json(request)
        body = await self.read_body(request)
        self.counters.body_bytes[table] += len(body)
        checker = RowChecker(table, self.mask, self.now(), self.kept)
        with self.budget.share() as share:
            reading = await read_rows(body, checker, self.turns, share.take)
            self.counters.refused_rows[table] += reading.refused
            if reading.refused and not partial_:
                return _nothing_stored(reading)
            share.hand_over()
            stored = await self.store.store(table, reading.rows)
        if table == "circuit_events":
            self.counters.note_circuits(reading.rows)
        return json_answer(
            200,
            {
                "accepted": len(reading.rows),
                "stored": stored.stored,
                "duplicates": stored.duplicates,
                "refused": reading.refused,
                "errors": [_listed(fault) for fault in reading.faults],
            },
        )


def _nothing_stored(reading: Reading) -> Response:
    rows = "1 row is" if reading.refused == 1 else f"{reading.refused} rows are"
    listed = f" (the first {MOST_LISTED} faults are listed)" if not reading.listing else ""
    return json_answer(
        422,
        {
            "error": "wrong_rows",
            "message": f"{rows} wrong, nothing was stored{listed}; ?partial=true stores the right ones",
            "accepted": 0,
            "stored": 0,
            "duplicates": 0,
            "refused": reading.refused,
            "errors": [_listed(fault) for fault in reading.faults],
        },
    )


def _listed(fault: Fault) -> dict[str, Any]:
    return {"index": fault.index, "field": fault.field, "reason": fault.reason}


def _partial(request: Request) -> bool:
    said = request.query_params.get("partial", "").lower()
    if said not in _YES | _NO:
        raise BodyRefused(400, "the parameter partial must be true or false")
    return said in _YES


def _require_json(request: Request) -> None:
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if kind.strip() not in _TYPES:
        accepted = {"Accept-Post": "application/json, application/x-ndjson"}
        message = "rows are taken as application/json or application/x-ndjson"
        raise BodyRefused(415, message, headers=accepted)
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in _CHARSETS:
        raise BodyRefused(415, "JSON is taken in UTF-8 alone")
