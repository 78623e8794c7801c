"""An ASGI middleware for a program that takes deliveries itself: verifies, measures and records them."""

import contextlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from collector.webhooks.body import (
    App,
    BodyTimeout,
    BodyTooLarge,
    Message,
    Receive,
    Scope,
    Send,
    SenderGone,
    read_body,
)
from collector.webhooks.reasons import DeliveryReason
from collector.webhooks.verification import TOLERANCE, Verification, check_secrets, named, verify

BODY_LIMIT = 5 * 1024 * 1024
BODY_SECONDS = 10.0

#: A page that only reads, and what a browser asks before; every other method can change something.
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class DeliveryReporter(Protocol):
    """Takes finished rows of `webhook_metrics`; keys are column names. Must neither raise nor block."""

    def record_delivery(self, row: Mapping[str, Any]) -> None:
        """Take one row."""


class WebhookMonitor:
    """Watches one path: `app.add_middleware(WebhookMonitor, source=…, path=…, secret=…, scheme="shopify")`.

    Requests to `path` are verified over their raw body, which the app then reads as if nothing had been
    between. With `reject` one that is not genuine is answered 401 and never reaches the app; without, the app
    decides: `request.state.webhook` is the `Verification`. What the app answers decides `processed`: 2xx is
    true, any other status and an exception are false. Other paths are passed on untouched.

    `secret` is one text or a list, the present one first; `tolerance` a timedelta; `body_limit` in bytes;
    `body_seconds` the time a body may take. `now` gives aware times, `clock` seconds.
    Without a `reporter` rows go to the collector at HEALTH_COLLECTOR_URL, with HEALTH_TOKEN.
    Raises ValueError for an unknown scheme and for a secret that cannot be one.
    """

    def __init__(
        self,
        app: App,
        *,
        source: str,
        path: str,
        secret: str | Sequence[str] | None,
        scheme: str,
        reject: bool = True,
        reporter: DeliveryReporter | None = None,
        tolerance: timedelta = TOLERANCE,
        body_limit: int = BODY_LIMIT,
        body_seconds: float = BODY_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._source = source
        self._path = path
        self._secrets = [secret] if isinstance(secret, str) else list(secret or [])
        self._scheme = scheme
        self._reject = reject
        self._reporter = _default_reporter() if reporter is None else reporter
        self._tolerance = tolerance
        self._body_limit = body_limit
        self._body_seconds = body_seconds
        self._now = now
        self._clock = clock
        try:
            check_secrets(scheme, self._secrets)
        except ValueError as error:
            raise ValueError(f"WebhookMonitor of {source}: {error}") from None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http" or not self._watches(scope):
            await self._app(scope, receive, send)
            return
        arrived = self._now()
        try:
            body = await read_body(receive, scope["headers"], self._body_limit, self._body_seconds)
        except BodyTooLarge:
            message = f"the body is longer than {self._body_limit} bytes"
            await self._refuse(scope, send, arrived, 413, DeliveryReason.BODY_TOO_LARGE, message)
        except BodyTimeout:
            message = "the body was not complete in time"
            await self._refuse(scope, send, arrived, 408, DeliveryReason.BODY_TIMEOUT, message)
        except SenderGone:
            return
        else:
            await self._received(scope, receive, send, arrived, body)

    def _watches(self, scope: Scope) -> bool:
        if scope["method"] in _HARMLESS:
            return False
        path: str = scope["path"]
        return path == self._path or path == scope.get("root_path", "") + self._path

    async def _received(
        self, scope: Scope, receive: Receive, send: Send, arrived: datetime, body: bytes
    ) -> None:
        started = self._clock()
        verification = verify(self._scheme, self._secrets, scope["headers"], body, arrived, self._tolerance)
        answer = _Answer(send, self._clock)
        problem: str | None = None
        try:
            if verification.verified or not self._reject:
                scope.setdefault("state", {})["webhook"] = verification
                await self._app(scope, _replayed(body, receive), answer.send)
            else:
                await _answer_json(answer.send, 401, verification.reason, verification.message)
        except BaseException as error:
            problem = type(error).__name__
            raise
        finally:
            ended = self._clock() if answer.complete_at is None else answer.complete_at
            row = self._row(verification, arrived, round(1000.0 * (ended - started)))
            if verification.verified or not self._reject:
                row |= _processing(verification, answer, problem)
            self._record(row)

    async def _refuse(
        self, scope: Scope, send: Send, arrived: datetime, status: int, reason: DeliveryReason, message: str
    ) -> None:
        """Answer a delivery whose body was not read to its end."""
        names = named(self._scheme, scope["headers"])
        self._record(self._row(Verification(False, reason, message, *names), arrived, None))
        await _answer_json(send, status, reason, message, close=True)

    def _row(self, verification: Verification, arrived: datetime, milliseconds: int | None) -> dict[str, Any]:
        return {
            "timestamp": arrived,
            "source": self._source,
            "webhook_id": verification.delivery_id,
            "event_type": verification.event_type,
            "verified": verification.verified,
            "processed": None,
            "error_message": None if verification.verified else verification.message,
            "processing_time_ms": milliseconds,
            "reason": None if verification.reason is None else verification.reason.value,
        }

    def _record(self, row: Mapping[str, Any]) -> None:
        # A reporter of somebody's own may break its promise; a delivery must not fail for that.
        with contextlib.suppress(Exception):
            self._reporter.record_delivery(row)


def _default_reporter() -> DeliveryReporter:
    # Imported here, so that a program with a reporter of its own needs no HTTP client.
    from collector.client import default_reporter

    return default_reporter()


class _Answer:
    """Watches what the app sends."""

    def __init__(self, send: Send, clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self.status: int | None = None
        self.complete_at: float | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if last and self.complete_at is None:
            self.complete_at = self._clock()
        await self._send(message)


def _processing(verification: Verification, answer: _Answer, problem: str | None) -> dict[str, Any]:
    """What the app made of the delivery. One that is not genuine keeps its own reason."""
    complete = answer.complete_at is not None
    processed = complete and answer.status is not None and 200 <= answer.status < 300
    if processed or not verification.verified:
        return {"processed": processed}
    if complete:
        message = f"the app answered {answer.status}"
    elif problem is not None:
        message = f"the app raised {problem}"
    else:
        message = "the app gave no whole answer"
    return {
        "processed": False,
        "reason": DeliveryReason.PROCESSING_FAILED.value,
        "error_message": message,
    }


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body` first, and then what is still to come: the sender's departure."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _answer_json(
    send: Send, status: int, reason: DeliveryReason | None, message: str | None, *, close: bool = False
) -> None:
    content = json.dumps({"error": reason, "message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
