"""Genuine deliveries of the three schemes, signed here by hand and not by what is tested."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from collector.webhooks import Verification, verify

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRETS = {
    "shopify": "shpss_6f1b3ad0c0c94f7c",
    "chatwoot": "pKJ8yq2vQwXh3mTz",
    "standard": "whsec_" + base64.b64encode(bytes(range(32))).decode(),
}
OTHERS = {
    "shopify": "shpss_another",
    "chatwoot": "another",
    "standard": "whsec_" + base64.b64encode(bytes(range(1, 33))).decode(),
}
BODIES = {
    "shopify": b'{"id":820982911,"total_price":"403.00"}',
    "chatwoot": '{"event":"message_created","content":"Grüße"}'.encode(),
    "standard": b'{"type":"invoice.paid","data":{"id":"in_1"}}',
}
EVENTS = {"shopify": "orders/create", "chatwoot": "message_created", "standard": "invoice.paid"}
SIGNATURE = {
    "shopify": "X-Shopify-Hmac-Sha256",
    "chatwoot": "X-Chatwoot-Signature",
    "standard": "webhook-signature",
}
TIMESTAMP = {"chatwoot": "X-Chatwoot-Timestamp", "standard": "webhook-timestamp"}
ID = {"shopify": "X-Shopify-Webhook-Id", "chatwoot": "X-Chatwoot-Delivery", "standard": "webhook-id"}
SCHEMES = sorted(SECRETS)


def digest(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)


@dataclass
class Delivery:
    """One request of a sender."""

    scheme: str
    headers: dict[str, str]
    body: bytes
    secrets: tuple[str, ...] = field(default_factory=tuple)

    def verified_with(self, **changes: Any) -> Verification:
        arguments: dict[str, Any] = {
            "scheme": self.scheme,
            "secrets": self.secrets,
            "headers": self.headers,
            "body": self.body,
            "now": NOW,
        }
        return verify(**(arguments | changes))


def signed(
    scheme: str,
    *,
    secret: str | None = None,
    body: bytes | None = None,
    delivery_id: str = "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    at: float | None = None,
) -> Delivery:
    """A genuine delivery; `at` is its timestamp in seconds since 1970, now unless given."""
    secret = SECRETS[scheme] if secret is None else secret
    body = BODIES[scheme] if body is None else body
    seconds = str(int(NOW.timestamp() if at is None else at))
    if scheme == "shopify":
        headers = {
            "X-Shopify-Topic": EVENTS["shopify"],
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest(secret.encode(), body)).decode(),
        }
    elif scheme == "chatwoot":
        code = digest(secret.encode(), seconds.encode() + b"." + body)
        headers = {"X-Chatwoot-Timestamp": seconds, "X-Chatwoot-Signature": "sha256=" + code.hex()}
    else:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        code = digest(key, f"{delivery_id}.{seconds}.".encode() + body)
        signature = "v1," + base64.b64encode(code).decode()
        headers = {"webhook-timestamp": seconds, "webhook-signature": signature}
    headers[ID[scheme]] = delivery_id
    return Delivery(scheme, headers, body, (secret,))
