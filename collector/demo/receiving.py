"""The demo's webhook receiver: verifies each delivery over its raw body and records what came of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from analytics.ids import uuid7
from collector.demo.listening import bound_socket, serving
from collector.demo.signatures import delivery_id, event_type, is_genuine

Rows = Sequence[Mapping[str, Any]]


class Receiver:
    """Takes POST /webhooks/{source}: 200 for a genuine delivery, 401 for any other."""

    def __init__(
        self, secrets: Mapping[str, str], record: Callable[[Rows], object], now: Callable[[], datetime]
    ) -> None:
        self._secrets = secrets
        self._record = record
        self._now = now
        self._socket = bound_socket()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/webhooks"

    def serving(self) -> AbstractAsyncContextManager[None]:
        """Listen for as long as the body runs."""
        app = Starlette(routes=[Route("/webhooks/{source}", self._receive, methods=["POST"])])
        return serving(app, self._socket)

    async def _receive(self, request: Request) -> JSONResponse:
        source = request.path_params["source"]
        if source not in self._secrets:
            return JSONResponse({"error": "no such source"}, 404)
        body = await request.body()
        started = time.perf_counter()
        genuine = is_genuine(source, self._secrets[source], request.headers, body)
        row = {
            "id": uuid7(),
            "timestamp": self._now(),
            "source": source,
            "webhook_id": delivery_id(source, request.headers),
            "event_type": event_type(source, request.headers, body),
            "verified": genuine,
            "processed": genuine,
            "error_message": None if genuine else "signature does not match",
            "processing_time_ms": max(1, round(1000.0 * (time.perf_counter() - started))),
        }
        self._record([row])
        return JSONResponse({"ok": genuine}, 200 if genuine else 401)
