"""Senders that send every batch again, with the same ids, until it is acknowledged."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

#: The API of the spans, and the host that stands for it.
TRACED_API, TRACED_HOST = "traced", "api.traced.test"
_AGAIN_SECONDS = 0.05
_COME_AGAIN = (429, 503)


@dataclass
class Batch:
    """Rows of one request; each row of `table` with this `origin` is one of its `rows`."""

    path: str
    table: str
    origin: str
    rows: int
    content_type: str
    body: bytes
    acknowledged: bool = False


Make = Callable[[str, random.Random], Batch]


def calls(origin: str, rng: random.Random) -> Batch:
    fixed = {"api_name": "openai", "endpoint": "/v1/chat/completions", "method": "POST", "status_code": 200}
    return _ndjson("/ingest/api-metrics", "api_metrics", origin, fixed, rng)


def deliveries(origin: str, rng: random.Random) -> Batch:
    fixed = {"source": "shopify", "event_type": "orders/create", "verified": True}
    return _ndjson("/ingest/webhook-metrics", "webhook_metrics", origin, fixed, rng)


def spans(origin: str, rng: random.Random) -> Batch:
    message = ExportTraceServiceRequest()
    resource_spans = message.resource_spans.add()
    resource_spans.resource.attributes.add(key="service.name").value.string_value = origin
    scope_spans, rows = resource_spans.scope_spans.add(), rng.randint(1, 100)
    start = time.time_ns()
    for _ in range(rows):
        span = scope_spans.spans.add(
            trace_id=rng.randbytes(16),
            span_id=rng.randbytes(8),
            kind=3,
            start_time_unix_nano=start,
            end_time_unix_nano=start + 10**7,
        )
        for key, value in (
            ("http.request.method", "GET"),
            ("server.address", TRACED_HOST),
            ("url.path", "/a"),
        ):
            span.attributes.add(key=key).value.string_value = value
        span.attributes.add(key="http.response.status_code").value.int_value = 200
    body = message.SerializeToString()
    return Batch("/v1/traces", "api_metrics", origin, rows, "application/x-protobuf", body)


def _ndjson(path: str, table: str, origin: str, fixed: dict[str, object], rng: random.Random) -> Batch:
    rows = [{"id": _id(rng), "origin": origin, **fixed} for _ in range(rng.choice((1, 20, 300)))]
    body = "\n".join(json.dumps(row) for row in rows).encode()
    return Batch(path, table, origin, len(rows), "application/x-ndjson", body)


def _id(rng: random.Random) -> str:
    """A UUIDv7 of now, as senders should make them."""
    low = rng.getrandbits(74)
    fields = time.time_ns() // 1_000_000 << 80 | 7 << 76 | low >> 62 << 64 | 2 << 62 | low & 2**62 - 1
    return str(uuid.UUID(int=fields))


@dataclass
class Senders:
    """Some senders to the receiver at `base`; `batches` is everything they made, in its order."""

    base: str
    rng: random.Random
    batches: list[Batch] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    acknowledged: int = 0
    ending: bool = False

    async def run(self, makers: tuple[Make, ...]) -> None:
        """One sender a maker; until `ending`, and then until the last batch is acknowledged."""
        async with httpx.AsyncClient(verify=False, base_url=self.base, timeout=30, trust_env=False) as client:
            await asyncio.gather(*(self._send(client, make) for make in makers))

    def pending(self) -> Iterator[Batch]:
        """What was sent, perhaps more than once, and not acknowledged so far."""
        return (batch for batch in self.batches if not batch.acknowledged)

    async def _send(self, client: httpx.AsyncClient, make: Make) -> None:
        while not self.ending:
            batch = make(f"batch-{len(self.batches)}", self.rng)
            self.batches.append(batch)
            while not batch.acknowledged:
                await self._try(client, batch)

    async def _try(self, client: httpx.AsyncClient, batch: Batch) -> None:
        headers = {"Content-Type": batch.content_type}
        try:
            response = await client.post(batch.path, content=batch.body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(_AGAIN_SECONDS)
            return
        if response.status_code == 200:
            batch.acknowledged = True
            self.acknowledged += 1
            return
        if response.status_code not in _COME_AGAIN:
            self.wrong.append(f"{batch.path}: {response.status_code} {response.text[:200]}")
            batch.acknowledged = self.ending = True
        await asyncio.sleep(_AGAIN_SECONDS)
