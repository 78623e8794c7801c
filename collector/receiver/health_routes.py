"""`GET /healthz` and `GET /metrics`: whether the collector does its work, for those who watch the watcher."""

from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.receiver.answers import json_answer
from collector.receiver.live_metrics import LiveMetrics
from collector.receiver.live_state import DeliveryHealth, LiveState

#: As long as the page waits before it calls the collector gone, and two cycles that were missed.
_LONGEST_WITHOUT_CYCLE = timedelta(minutes=2)
#: A channel that fails for a moment is tried again; after so long somebody should look.
_LONGEST_UNDELIVERED = timedelta(minutes=5)


def health_routes(state: LiveState) -> list[Route]:
    """The two routes over `state`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LiveMetrics(state))

    async def healthz(_: Request) -> Response:
        status, content = health(state)
        return json_answer(status, content)

    async def metrics(request: Request) -> Response:
        content_type, text = _exposition(registry, request.headers.get("accept", ""))
        headers = {
            "Content-Type": content_type,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(text, headers=headers)

    return [
        Route("/healthz", healthz, methods=["GET", "HEAD"]),
        Route("/metrics", metrics, methods=["GET", "HEAD"]),
    ]


def _exposition(registry: CollectorRegistry, accept: str) -> tuple[str, bytes]:
    """Content type and text of the metrics, as `accept` asks for them."""
    try:
        encoder, content_type = choose_encoder(accept)
    except (TypeError, ValueError):
        # prometheus_client compares versions as numbers, also those that are none.
        encoder, content_type = choose_encoder("")
    return content_type, encoder(registry)


def health(state: LiveState) -> tuple[int, dict[str, Any]]:
    """HTTP status and content of /healthz: 200 while cycles finish, rows are written, messages delivered.

    `restart` in it says whether a restart may mend what is wrong.
    """
    now = state.now()
    finished = state.last_cycle()
    longest = max(_LONGEST_WITHOUT_CYCLE, 2.5 * state.interval)
    late = now - (finished or state.started_at) > longest
    problems = ["no cycle finished in time"] if late else []
    writable = state.write_failure() is None and state.intake.failure is None
    if not writable:
        # Why is in the log: it may name machines and paths, and nobody was asked for a token here.
        problems.append("the database cannot be written")
    if state.intake.waiting_rows >= state.intake.capacity_rows:
        problems.append("too many rows wait to be written")
    if state.alerts_failure() is not None:
        problems.append("the alert rules cannot look at what is seen")
    deliveries = state.deliveries()
    problems += _delivery_problems(deliveries, now)
    stands_still = late or (deliveries is not None and deliveries.stopped)
    word = "failing" if problems else "ok" if finished else "starting"
    content = {
        "status": word,
        "problems": problems,
        # A database that cannot be written stops cycles and deliveries too, and a start as well.
        "restart": stands_still and writable,
        "version": state.version,
        "started_at": _text(state.started_at),
        "last_cycle_finished_at": None if finished is None else _text(finished),
        "last_cycle_age_seconds": None if finished is None else round((now - finished).total_seconds(), 3),
        "database_writable": writable,
        "rows_waiting": state.intake.waiting_rows,
        "rows_capacity": state.intake.capacity_rows,
    }
    return (503 if problems else 200), content


def _delivery_problems(deliveries: DeliveryHealth | None, now: datetime) -> list[str]:
    if deliveries is None:
        return []
    problems = ["alerts cannot be sent: the delivery loop stopped"] if deliveries.stopped else []
    for channel in deliveries.channels:
        since = channel.failing_since
        if since is not None and now - since >= _LONGEST_UNDELIVERED:
            # What the other side says is in the log and in the outbox: it may name machines.
            problems.append(f"messages to {channel.channel} cannot be delivered since {_text(since)}")
    return problems


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
