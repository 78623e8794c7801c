"""Lets the script's faults happen to an ASGI app: late, wrong or no answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from analytics.model import ServiceKey
from collector.demo.habits import CALL_FAILURES
from collector.demo.script import FaultKind
from collector.demo.stage import Stage

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Longer than any client of the demo waits.
_SILENCE_SECONDS = 600.0
_RETRY_AFTER_SECONDS = 2

_ANSWERS: Mapping[FaultKind, tuple[int, str]] = {
    FaultKind.SERVER_ERROR: (503, "Service Unavailable"),
    FaultKind.RATE_LIMITED: (429, "Too Many Requests"),
}


class FaultyApp:
    """`app` as the script wants it.

    `seconds(scope)` is how long an answer takes when nothing is wrong, `failing` the share of requests that
    fail all the same at the busiest hour.
    """

    def __init__(
        self,
        app: App,
        service: ServiceKey,
        stage: Stage,
        seconds: Callable[[Scope], float],
        failing: float = 0.0,
    ) -> None:
        self._app = app
        self._service = service
        self._stage = stage
        self._seconds = seconds
        self._failing = failing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then answer: as the fault of now has it, or through the app."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        fault = self._stage.fault(self._service)
        if fault.kind is FaultKind.SILENT:
            await asyncio.sleep(_SILENCE_SECONDS)
        await asyncio.sleep(self._seconds(scope) + fault.delay_ms / 1000.0)
        if fault.kind in _ANSWERS:
            return await refuse(send, *_ANSWERS[fault.kind])
        if self._stage.chance.random() < self._failing * self._stage.load():
            shares = [share for _, _, share in CALL_FAILURES]
            [(status, text, _)] = self._stage.chance.choices(CALL_FAILURES, shares)
            return await refuse(send, status, text)
        return await self._app(scope, receive, send)


async def refuse(send: Send, status: int, text: str) -> None:
    """Answer with an error."""
    headers = [(b"content-type", b"application/json")]
    if status == 429:
        headers.append((b"retry-after", str(_RETRY_AFTER_SECONDS).encode()))
    body = json.dumps({"error": {"code": status, "message": text}}).encode()
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
