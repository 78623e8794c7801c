"""`POST /webhooks/{source}`: verify, pass on, answer within the sender's patience, record."""

import asyncio
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.receiver.answers import json_answer
from collector.receiver.webhook_forward import Outcome, Upstream, failed, forwarded_headers
from collector.receiver.webhook_processing import Processing
from collector.receiver.webhook_record import Recording, Store, delivery_row
from collector.receiver.webhook_source import WebhookSource
from collector.webhooks.body import (
    BodyBudget,
    BodyTimeout,
    BodyTooLarge,
    BudgetSpent,
    SenderGone,
    read_body,
)
from collector.webhooks.reasons import DeliveryReason
from collector.webhooks.seen import SeenDeliveries
from collector.webhooks.verification import Verification, named, verify

#: Bytes of all deliveries in memory; one that does not fit is told to come again.
BUDGET = 64 * 1024 * 1024

Clock = Callable[[], float]


def webhook_routes(
    sources: Mapping[str, WebhookSource],
    store: Store,
    http: httpx.AsyncClient,
    now: Callable[[], datetime],
    *,
    reported: Container[str] = (),
    seen: SeenDeliveries | None = None,
    budget: BodyBudget | None = None,
    clock: Clock = time.monotonic,
) -> list[Route]:
    """The route that takes the deliveries of `sources`, by the name in its path.

    `http` passes deliveries on; it must outlive the routes. `reported` names the sources that have no secret
    here, since programs report their deliveries. `seen` holds the deliveries processed before.
    `clock` counts seconds.
    """
    webhooks = _Webhooks(
        sources,
        reported,
        {item.source: Upstream(http, item.upstream) for item in sources.values() if item.upstream},
        Processing(SeenDeliveries() if seen is None else seen),
        Recording(store),
        BodyBudget(BUDGET) if budget is None else budget,
        now,
        clock,
    )
    return [Route("/webhooks/{source}", webhooks.receive, methods=["POST"])]


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One request: where it belongs, when it came, and the time on `clock` when its answer has to be out."""

    source: WebhookSource
    request: Request
    arrived: datetime
    deadline: float
    clock: Clock

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        headers: Sequence[tuple[bytes, bytes]] = self.request.scope["headers"]
        return headers

    def seconds_left(self) -> float:
        return max(0.0, self.deadline - self.clock())

    def unread(self) -> Verification:
        """What is known of it without its body."""
        return Verification(False, None, None, *named(self.source.scheme, self.headers))


@dataclass(frozen=True, slots=True)
class _Webhooks:
    sources: Mapping[str, WebhookSource]
    reported: Container[str]
    upstreams: Mapping[str, Upstream]
    processing: Processing
    recording: Recording
    budget: BodyBudget
    now: Callable[[], datetime]
    clock: Clock

    async def receive(self, request: Request) -> Response:
        name = request.path_params["source"]
        source = self.sources.get(name)
        if source is None:
            return _not_taken(name in self.reported)
        delivery = _Delivery(source, request, self.now(), self.clock() + source.seconds, self.clock)
        try:
            secrets = source.current_secrets()
        except ValueError as error:
            return await self._not_judged(delivery, DeliveryReason.BAD_CONFIGURATION, str(error))
        if not secrets:
            return await self._not_judged(delivery, DeliveryReason.MISSING_CREDENTIALS, source.on_unset)
        try:
            body = await read_body(
                request.receive, delivery.headers, source.body_limit, delivery.seconds_left(), self.budget
            )
        except BodyTooLarge:
            message = f"the body is longer than {source.body_limit} bytes"
            return await self._unreadable(delivery, 413, DeliveryReason.BODY_TOO_LARGE, message)
        except BodyTimeout:
            message = "the body was not complete in time"
            return await self._unreadable(delivery, 408, DeliveryReason.BODY_TIMEOUT, message)
        except BudgetSpent:
            message = "too much is being received at once; send it again"
            return await self._not_judged(delivery, DeliveryReason.OVERLOADED, message)
        except SenderGone:
            return Response(status_code=400)  # nobody reads it
        return await self._received(delivery, secrets, body)

    async def _received(self, delivery: _Delivery, secrets: Sequence[str], body: bytes) -> Response:
        """A whole delivery: judge it, have it processed, record it."""
        source, complete = delivery.source, self.clock()
        verification = verify(
            source.scheme, secrets, delivery.headers, body, delivery.arrived, source.tolerance
        )
        if verification.verified:
            outcome = await self._processed(delivery, verification, body)
        else:
            self.budget.give_back(len(body))
            reason = None if verification.reason is None else verification.reason.value
            outcome = Outcome(401, None, reason, verification.message)
        if outcome.reason is None and verification.reason is not None:
            outcome = _because(outcome, verification.reason)
        milliseconds = round(1000.0 * (self.clock() - complete))
        row = delivery_row(source, delivery.arrived, verification, outcome, milliseconds, judged=True)
        await self.recording.record(row, delivery.seconds_left())
        return _response(outcome)

    async def _processed(self, delivery: _Delivery, verification: Verification, body: bytes) -> Outcome:
        source, request = delivery.source, delivery.request
        upstream = self.upstreams.get(source.source)

        async def process() -> Outcome:
            if upstream is None:
                return Outcome(200, None)
            peer = request.client.host if request.client else None
            host = request.headers.get("host", "")
            headers = forwarded_headers(delivery.headers, peer, request.url.scheme, host)
            return await upstream.process(headers, body, delivery.seconds_left())

        def give_back() -> None:
            self.budget.give_back(len(body))

        try:
            return await self.processing.run(
                source.source, verification.delivery_id, process, delivery.seconds_left(), give_back
            )
        except asyncio.CancelledError:
            message = "the receiver stopped before the upstream answered"
            outcome = failed(503, DeliveryReason.UPSTREAM_TIMEOUT, message)
            self.recording.offer(
                delivery_row(source, delivery.arrived, verification, outcome, None, judged=True)
            )
            raise

    async def _not_judged(self, delivery: _Delivery, reason: DeliveryReason, message: str) -> Response:
        """Our fault, not the sender's: it is asked to come again, and no signature is called bad."""
        outcome = Outcome(503, None, reason.value, message)
        return await self._refuse(delivery, outcome, judged=False)

    async def _unreadable(
        self, delivery: _Delivery, status: int, reason: DeliveryReason, message: str
    ) -> Response:
        return await self._refuse(delivery, Outcome(status, None, reason.value, message), judged=True)

    async def _refuse(self, delivery: _Delivery, outcome: Outcome, *, judged: bool) -> Response:
        """Answer a delivery whose body nobody read; the connection cannot be used for another one."""
        row = delivery_row(delivery.source, delivery.arrived, delivery.unread(), outcome, None, judged=judged)
        await self.recording.record(row, delivery.seconds_left())
        response = _response(outcome)
        response.headers["Connection"] = "close"
        return response


def _not_taken(reported: bool) -> Response:
    if reported:
        message = "this source has no secret in services.toml, so its deliveries are not taken here; set one"
        return json_answer(404, {"error": "no_secret", "message": message})
    message = "this collector has no webhook source of that name"
    return json_answer(404, {"error": "unknown_source", "message": message})


def _because(outcome: Outcome, reason: DeliveryReason) -> Outcome:
    return Outcome(
        outcome.status, outcome.processed, reason.value, outcome.message, outcome.body, outcome.headers
    )


def _response(outcome: Outcome) -> Response:
    """The upstream's answer where there is one, otherwise ours."""
    if outcome.body is not None:
        return Response(outcome.body, outcome.status, headers=dict(outcome.headers))
    if outcome.status < 300:
        repeated = {"repeated": True} if outcome.reason == DeliveryReason.REPEATED else {}
        return json_answer(outcome.status, {"ok": True, **repeated})
    said = {"error": outcome.reason, "message": outcome.message}
    headers = dict(outcome.headers) | ({"Retry-After": "5"} if outcome.status == 503 else {})
    return json_answer(outcome.status, said, headers)
