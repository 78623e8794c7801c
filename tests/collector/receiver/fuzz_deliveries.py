"""Deliveries for `/webhooks/{source}`: genuine ones, and ones that are not."""

import random
import time

from tests.collector.receiver.fuzz_rows import identifier
from tests.collector.receiver.fuzz_shots import OK, REFUSED, Promise, Shot, chunked, head
from tests.collector.receiver.fuzz_values import damaged
from tests.collector.webhooks.signing import BODIES, SCHEMES, SECRETS, SIGNATURE, TIMESTAMP, Delivery, signed

#: A source whose secret is not set, and one that passes on to a port where nobody listens.
WITHOUT_SECRET, BROKEN_UPSTREAM = "unset", "broken"
_PATHS = (
    *("/webhooks/", "/webhooks/nobody", "/webhooks/shopify/", "/webhooks/shopify/more", "/webhooks/%00"),
    *("/webhooks/%2e%2e%2fmetrics", "/webhooks/shop%69fy", "/webhooks/../ingest/api-metrics"),
    *("/webhooks/\u00e9", "/webhooks/" + "x" * 3000, "/webhooks/shopify?token=1", "/webhooks//shopify"),
    "/WEBHOOKS/shopify",
)
_VALUES = ("", "x" * 5000, "\u00e9" * 40, "-1", "1" * 300, "sha256=", "v1,", "v1," * 1000, "NaN", "\t", "0")


def genuine(rng: random.Random, number: int) -> Shot:
    scheme, key = rng.choice(SCHEMES), identifier(rng)
    delivery = signed(scheme, delivery_id=key, at=time.time())
    request = _request(f"/webhooks/{scheme}", delivery, rng)
    promise = Promise("webhook_metrics", "webhook_id", key, 1)
    return Shot("genuine deliveries", (request,), OK, promises=(promise,))


def forged(rng: random.Random, number: int) -> Shot:
    """A delivery of which the body or a header is not what was signed."""
    scheme = rng.choice(SCHEMES)
    delivery = signed(scheme, delivery_id=identifier(rng), at=time.time())
    kind = rng.randrange(4)
    names = [SIGNATURE[scheme], TIMESTAMP.get(scheme, SIGNATURE[scheme])]
    if kind == 0:
        delivery.body = damaged(delivery.body, rng) + rng.choice((b"", b"\0"))
        if delivery.body == BODIES[scheme]:
            delivery.body += b" "
    elif kind == 1:
        delivery.headers[rng.choice(names)] = rng.choice(_VALUES)
    elif kind == 2:
        del delivery.headers[rng.choice(names)]
    else:
        delivery = signed(scheme, secret=SECRETS["shopify"][::-1] if scheme != "standard" else None, at=1.0)
        delivery.headers[SIGNATURE[scheme]] = delivery.headers[SIGNATURE[scheme]].swapcase()
    return Shot("forged deliveries", (_request(f"/webhooks/{scheme}", delivery, rng),), REFUSED)


def misdirected(rng: random.Random, number: int) -> Shot:
    delivery = signed(rng.choice(SCHEMES), delivery_id=identifier(rng), at=time.time())
    if rng.random() < 0.3:
        source = rng.choice((WITHOUT_SECRET, BROKEN_UPSTREAM))
        if source == BROKEN_UPSTREAM:
            delivery = signed("standard", delivery_id=identifier(rng), at=time.time())
        allowed = frozenset({503} if source == WITHOUT_SECRET else {502})
        return Shot("misdirected deliveries", (_request(f"/webhooks/{source}", delivery, rng),), allowed)
    return Shot("misdirected deliveries", (_request(rng.choice(_PATHS), delivery, rng),))


def _request(target: str, delivery: Delivery, rng: random.Random) -> bytes:
    headers: list[tuple[str | bytes, str | bytes]] = list(delivery.headers.items())
    if rng.random() < 0.2:
        body = chunked(delivery.body, [rng.randint(1, 9) for _ in range(4)])
        return head("POST", target, [*headers, ("Transfer-Encoding", "chunked")]) + body
    return head("POST", target, [*headers, ("Content-Length", str(len(delivery.body)))]) + delivery.body
