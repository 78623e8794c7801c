"""Shopify and Chatwoot, as far as they send webhooks: signed deliveries to the real receiver, all day."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import httpx

from analytics.ids import uuid7
from collector.demo.errands import Errands
from collector.demo.habits import (
    DELIVERIES_REPEATED,
    DELIVERIES_STALE,
    DELIVERIES_UNVERIFIED,
    RESEND_SECONDS,
    STALE_SECONDS,
)
from collector.demo.script import FaultKind, fault_at
from collector.demo.services import SOURCES, DemoSource, source_key
from collector.demo.traffic_signing import signed_headers

_WRONG_SECRET = "rotated, and nobody told the receiver"  # noqa: S105  a simulation
_MOST_TRIES = 4
_REPEATED_AFTER_SECONDS = 3.0
#: While deliveries are signed with another secret, one comes at least so often: it must be seen at night too.
_WHILE_WRONG_SECONDS = 4.0
_TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One thing a sender tells. A `stranger` does not know the secret, a `stale` one was long on its way."""

    source: DemoSource
    delivery_id: str
    event: str
    body: bytes
    stranger: bool
    stale: bool


@dataclass
class Senders:
    """Posts to `url`/{source} through `http`. `answered` counts the answers it got: one row each."""

    url: str
    http: httpx.AsyncClient
    errands: Errands
    answered: int = field(default=0, init=False)

    async def run(self) -> None:
        """Begin deliveries until cancelled; those under way go on. Each source sends one at once."""
        async with asyncio.TaskGroup() as tasks:
            for source in SOURCES:
                tasks.create_task(self._all_day(source))

    async def _all_day(self, source: DemoSource) -> None:
        while True:
            await self.errands.begin(self._deliver(self._drawn(source)))
            left = self.errands.drawn_pause(source.deliveries_per_hour)
            while left > 0:
                step = min(left, _TICK_SECONDS)
                await self.errands.wait(step)
                left -= step
                if self._secret_is_wrong(source):
                    left = min(left, _WHILE_WRONG_SECONDS)

    def _drawn(self, source: DemoSource) -> _Delivery:
        chance = self.errands.chance
        event = chance.choice(source.events)
        body = json.dumps({"event": event, "id": chance.randrange(10**6)}).encode()
        stranger = chance.random() < DELIVERIES_UNVERIFIED * self.errands.load()
        # Shopify signs no time.
        stale = source.name == "chatwoot" and chance.random() < DELIVERIES_STALE
        return _Delivery(source, str(uuid7()), event, body, stranger, stale)

    async def _deliver(self, delivery: _Delivery) -> None:
        """Send it until it is taken, as senders do; nobody repeats what a stranger sent, or came too late."""
        for _ in range(_MOST_TRIES):
            if await self._post(delivery):
                if self.errands.chance.random() < DELIVERIES_REPEATED:
                    await self.errands.wait(_REPEATED_AFTER_SECONDS)
                    await self._post(delivery)
                return
            if delivery.stranger or delivery.stale:
                return
            await self.errands.wait(RESEND_SECONDS)

    async def _post(self, delivery: _Delivery) -> bool:
        """One request, signed as the script wants it; whether the receiver took it."""
        source = delivery.source
        wrong = delivery.stranger or self._secret_is_wrong(source)
        headers = signed_headers(
            source.name,
            _WRONG_SECRET if wrong else source.secret,
            delivery.body,
            delivery.event,
            delivery.delivery_id,
            int(time.time()) - (STALE_SECONDS if delivery.stale else 0),
        )
        try:
            answer = await self.http.post(f"{self.url}/{source.name}", content=delivery.body, headers=headers)
        except httpx.HTTPError:
            return False
        self.answered += 1
        return answer.is_success

    def _secret_is_wrong(self, source: DemoSource) -> bool:
        fault = fault_at(source_key(source.name), self.errands.clock.elapsed())
        return fault.kind is FaultKind.BAD_SIGNATURE
