"""Refused requests, for whoever looks at the collector: a program that is refused seldom says so itself."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.log import Logger

_TRACES = "/v1/traces"
#: Anybody may make up paths; these alone are told apart in the log, and only below these two is it told.
_PATHS = frozenset({_TRACES, "/v1/metrics", "/v1/logs"}) | {
    f"/ingest/{name}" for name in ("api-metrics", "webhook-metrics", "circuit-events")
}
_BELOW = ("/ingest/", "/v1/")
#: Each refused delivery is a row, and each is a stranger's to make.
_DELIVERIES = "/webhooks/"
#: Whoever is told so comes again; that nothing gets lost is counted elsewhere.
_FOR_A_WHILE = frozenset({429, 503})
_ONCE_IN_SECONDS = 60.0
_LONGEST_REASON = 300


@dataclass(slots=True)
class Answers:
    """Since the start, by HTTP status: refused requests (deliveries apart), and all requests with traces."""

    refused: Counter[int] = field(default_factory=Counter)
    traces: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class _Kind:
    """Refusals that look the same: when the log was told of them, and how many there were since."""

    told_at: float | None = None
    times: int = 0


class RefusedReports:
    """`app`, whose refusals are counted in `answers`, and told in the log: one line a minute and kind.

    `clock` counts seconds.
    """

    def __init__(
        self, app: ASGIApp, answers: Answers, log: Logger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._answers = answers
        self._log = log
        self._clock = clock
        self._kinds: dict[tuple[int, str], _Kind] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http" or scope["path"].startswith(_DELIVERIES):
            await self._app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._count(scope["path"], status)
            elif status >= 400 and status not in _FOR_A_WHILE:
                self._tell(scope, status, message.get("body", b""))
            await send(message)

        await self._app(scope, receive, watch)

    def _count(self, path: str, status: int) -> None:
        if path == _TRACES:
            self._answers.traces[status] += 1
        if status >= 400:
            self._answers.refused[status] += 1

    def _tell(self, scope: Scope, status: int, body: bytes) -> None:
        path = scope["path"]
        below = next((prefix for prefix in _BELOW if path.startswith(prefix)), None)
        if below is None:
            return
        path = path if path in _PATHS else f"{below}…"
        kind = self._kinds.setdefault((status, path), _Kind())
        kind.times += 1
        now = self._clock()
        if kind.told_at is not None and now - kind.told_at < _ONCE_IN_SECONDS:
            return
        peer = scope["client"][0] if scope.get("client") else "unknown"
        words = {"path": path, "from": peer, "times": kind.times}
        self._log.warning("report_refused", code=status, reason=_sentence(status, body), **words)
        kind.told_at, kind.times = now, 0


def _sentence(status: int, body: bytes) -> str:
    """The `message` of an answer in JSON, else what the status means."""
    try:
        message = orjson.loads(body)["message"]
    except (ValueError, KeyError, TypeError):
        message = None
    return message[:_LONGEST_REASON] if isinstance(message, str) else HTTPStatus(status).phrase.lower()
