"""The programs of a shop that call the simulated APIs all day, each through `ApiClient` as any would."""

import asyncio
from collections.abc import Callable, Mapping

import httpx

from collector.client import (
    ApiClient,
    CircuitBreaker,
    CircuitOpen,
    Quota,
    Recorder,
    Refusal,
    RetryPolicy,
    exhausted_quota,
    google_analytics_quota,
    google_analytics_refusal,
    quota_from_headers,
    shopify_quota,
    shopify_refusal,
)
from collector.demo.errands import Errands
from collector.demo.habits import BREAKER_FAILURES, BREAKER_SECONDS, RETRIES, RETRY_BASE_SECONDS
from collector.demo.services import APIS, DemoApi, Endpoint

_RETRY = RetryPolicy(retries=RETRIES, base=RETRY_BASE_SECONDS, deadline=30.0)
_TIMEOUT_SECONDS = 10.0
#: What failed is asked again after this many seconds, and so often: somebody waits for it.
_AGAIN_SECONDS = 2.0
_MOST_TRIES = 10

_QUOTAS: Mapping[str, Callable[[httpx.Response], Quota | None]] = {
    "shopify": shopify_quota,
    "google_analytics": google_analytics_quota,
}
_REFUSALS: Mapping[str, Callable[[httpx.Response], Refusal | None]] = {
    "shopify": shopify_refusal,
    "google_analytics": google_analytics_refusal,
}


class Programs:
    """What calls the APIs at `addresses`; `recorder` gives for the name of a program what takes its rows."""

    def __init__(
        self, addresses: Mapping[str, str], recorder: Callable[[str], Recorder], errands: Errands
    ) -> None:
        self._errands = errands
        self._clients = {
            (api.name, endpoint.origin): _client(
                api.name,
                addresses[f"api/{api.name}"],
                endpoint.origin,
                recorder(endpoint.origin),
                errands.chance.random,
            )
            for api in APIS
            for endpoint in {endpoint.origin: endpoint for endpoint in api.endpoints}.values()
        }

    async def run(self) -> None:
        """Begin calls until cancelled; those under way go on. Each program calls each of its APIs at once."""
        async with asyncio.TaskGroup() as tasks:
            for api in APIS:
                tasks.create_task(self._all_day(api))

    async def aclose(self) -> None:
        """Close the connections of all clients."""
        for client in self._clients.values():
            await client.aclose()

    async def _all_day(self, api: DemoApi) -> None:
        weights = [endpoint.weight for endpoint in api.endpoints]
        for endpoint in {endpoint.origin: endpoint for endpoint in api.endpoints}.values():
            await self._errands.begin(self._ask(api, endpoint))
        while True:
            await self._errands.wait(self._errands.drawn_pause(api.calls_per_hour))
            [endpoint] = self._errands.chance.choices(api.endpoints, weights)
            await self._errands.begin(self._ask(api, endpoint))

    async def _ask(self, api: DemoApi, endpoint: Endpoint) -> None:
        """Call until it is answered, with the patience of somebody who needs it."""
        client = self._clients[api.name, endpoint.origin]
        for _ in range(_MOST_TRIES):
            try:
                answer = await client.request(
                    endpoint.method,
                    endpoint.name,
                    path=self._values(endpoint),
                    idempotent=endpoint.idempotent or None,
                    json={} if endpoint.method == "POST" else None,
                )
                if answer.status_code < 500:
                    return
            except CircuitOpen as error:
                await self._errands.rest(error.retry_after)
            except httpx.TransportError:
                pass
            await self._errands.wait(_AGAIN_SECONDS)

    def _values(self, endpoint: Endpoint) -> Mapping[str, str]:
        """What fills the placeholders: one conversation of many, the one shop, account or property."""
        if "conversation" not in endpoint.values:
            return endpoint.values
        return {**endpoint.values, "conversation": str(self._errands.chance.randrange(1, 5000))}


def _client(api: str, url: str, origin: str, recorder: Recorder, random: Callable[[], float]) -> ApiClient:
    return ApiClient(
        api,
        base_url=url,
        timeout=_TIMEOUT_SECONDS,
        retry=_RETRY,
        breaker=CircuitBreaker(BREAKER_FAILURES, BREAKER_SECONDS),
        recorder=recorder,
        origin=origin,
        quota=_QUOTAS.get(api, quota_from_headers),
        refusal=_REFUSALS.get(api, exhausted_quota),
        random=random,
        trust_env=False,
    )
