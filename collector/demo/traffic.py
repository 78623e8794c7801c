"""Live traffic of the demo: calls to the simulated APIs and signed webhook deliveries, at the hour's pace."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from analytics.ids import uuid7
from collector.demo.receiving import Receiver, Rows
from collector.demo.rhythm import rate_factor
from collector.demo.script import FaultKind, fault_at
from collector.demo.services import APIS, SOURCES, DemoApi, DemoSource, Endpoint, source_key
from collector.demo.signatures import signed_headers
from collector.demo.upstreams import Upstreams

_SECRETS = {"shopify": "demo-shopify-secret", "chatwoot": "demo-chatwoot-secret"}
_WRONG_SECRET = "rotated, and nobody told the receiver"  # noqa: S105  a simulation

_CALL_TIMEOUT_SECONDS = 10.0
#: A server error is tried once more after this many seconds.
_RETRY_SECONDS = 0.3
_MOST_RETRIES = 1
#: What failed is asked or sent again after this many seconds, sooner than the next one would come.
_AGAIN_SECONDS = 5.0
#: Shape of the gamma distribution of the pauses: neither a clock nor crowds and silence.
_EVENNESS = 4.0


def _utc_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass
class Traffic:
    """What a shop and its agents do all day. The recorded rows carry the column names of their tables.

    `pace` multiplies the rate; 1 is that of the generated history.
    """

    upstreams: Upstreams
    record_calls: Callable[[Rows], object]
    record_deliveries: Callable[[Rows], object]
    now: Callable[[], datetime] = _utc_now
    pace: float = 1.0
    chance: random.Random = field(default_factory=random.Random)

    async def run(self) -> None:
        """Until cancelled. Everybody calls at once at first, so that nothing is unknown after a pause."""
        receiver = Receiver(_SECRETS, self.record_deliveries, self.now)
        async with (
            receiver.serving(),
            httpx.AsyncClient(timeout=_CALL_TIMEOUT_SECONDS, trust_env=False) as client,
            asyncio.TaskGroup() as tasks,
        ):
            for api in APIS:
                tasks.create_task(self._call_all_day(client, api))
            for source in SOURCES:
                tasks.create_task(self._deliver_all_day(client, source, receiver.url))

    async def _call_all_day(self, client: httpx.AsyncClient, api: DemoApi) -> None:
        weights = [endpoint.weight for endpoint in api.endpoints]
        while True:
            [endpoint] = self.chance.choices(api.endpoints, weights)
            while not await self._call(client, api.name, endpoint):
                await asyncio.sleep(_AGAIN_SECONDS / self.pace)
            await asyncio.sleep(self._pause(api.calls_per_hour))

    async def _call(self, client: httpx.AsyncClient, api_name: str, endpoint: Endpoint) -> bool:
        """One call with its retries; records it and says whether it succeeded."""
        url = self.upstreams.addresses[f"api/{api_name}"] + endpoint.path
        timestamp, started, retries = self.now(), time.perf_counter(), 0
        while True:
            status, error = await _answer(client, endpoint.method, url)
            if retries == _MOST_RETRIES or (status is not None and status < 500):
                break
            retries += 1
            await asyncio.sleep(_RETRY_SECONDS)
        row: dict[str, Any] = {
            "id": uuid7(),
            "timestamp": timestamp,
            "api_name": api_name,
            "endpoint": endpoint.name,
            "method": endpoint.method,
            "status_code": status,
            "response_time_ms": round(1000.0 * (time.perf_counter() - started)),
            "error_message": error,
            "retries": retries,
        }
        self.record_calls([row])
        return error is None

    async def _deliver_all_day(self, client: httpx.AsyncClient, source: DemoSource, url: str) -> None:
        while True:
            while not await self._deliver(client, source, f"{url}/{source.name}"):
                await asyncio.sleep(_AGAIN_SECONDS / self.pace)
            await asyncio.sleep(self._pause(source.deliveries_per_hour))

    async def _deliver(self, client: httpx.AsyncClient, source: DemoSource, url: str) -> bool:
        """One delivery, signed as the script wants it; whether the receiver took it."""
        event, delivery, seconds = self.chance.choice(source.events), uuid7(), int(time.time())
        body = json.dumps({"event": event, "id": self.chance.randrange(10**6)}).encode()
        fault = fault_at(source_key(source.name), self.upstreams.clock.elapsed())
        secret = _WRONG_SECRET if fault.kind is FaultKind.BAD_SIGNATURE else _SECRETS[source.name]
        headers = signed_headers(source.name, secret, body, event, delivery, seconds)
        with suppress(httpx.HTTPError):
            answer = await client.post(url, content=body, headers=headers)
            return answer.is_success
        return False

    def _pause(self, per_hour: float) -> float:
        """Seconds until the next one, at the pace of this hour of the day and the week."""
        mean = 3600.0 / (per_hour * self.pace * rate_factor(time.time()))
        return self.chance.gammavariate(_EVENNESS, mean / _EVENNESS)


async def _answer(client: httpx.AsyncClient, method: str, url: str) -> tuple[int | None, str | None]:
    """The status of one request, None when no answer came; and what went wrong, None when nothing did."""
    try:
        answer = await client.request(method, url, json={} if method == "POST" else None)
    except httpx.TimeoutException:
        return None, f"no answer within {_CALL_TIMEOUT_SECONDS:g} s"
    except httpx.HTTPError as error:
        return None, f"no answer: {error or type(error).__name__}"
    return answer.status_code, None if answer.is_success else answer.reason_phrase
