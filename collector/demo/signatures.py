"""How Shopify and Chatwoot sign their webhook deliveries, and how a receiver checks it.

Shopify: base64 of HMAC-SHA256 over the raw body (shopify.dev, webhooks, verify deliveries).
Chatwoot: "sha256=" and the hex HMAC-SHA256 over "<timestamp>.<raw body>" (lib/webhooks/trigger.rb).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from uuid import UUID


def signed_headers(
    source: str, secret: str, body: bytes, event: str, delivery: UUID, timestamp: int
) -> dict[str, str]:
    """The headers of a delivery from `source`; `timestamp` is in seconds since 1970."""
    if source == "shopify":
        return {
            "X-Shopify-Topic": event,
            "X-Shopify-Webhook-Id": str(delivery),
            "X-Shopify-Hmac-Sha256": _shopify(secret, body),
        }
    return {
        "X-Chatwoot-Delivery": str(delivery),
        "X-Chatwoot-Timestamp": str(timestamp),
        "X-Chatwoot-Signature": _chatwoot(secret, str(timestamp), body),
    }


def is_genuine(source: str, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the signature in `headers` (case-insensitive) fits the raw body; compared in constant time."""
    if source == "shopify":
        given, right = headers.get("x-shopify-hmac-sha256", ""), _shopify(secret, body)
    else:
        given = headers.get("x-chatwoot-signature", "")
        right = _chatwoot(secret, headers.get("x-chatwoot-timestamp", ""), body)
    return hmac.compare_digest(given.encode(), right.encode())


def delivery_id(source: str, headers: Mapping[str, str]) -> str | None:
    """The id the sender gave to the delivery."""
    return headers.get("x-shopify-webhook-id" if source == "shopify" else "x-chatwoot-delivery")


def event_type(source: str, headers: Mapping[str, str], body: bytes) -> str | None:
    """What happened: Shopify says it in a header, Chatwoot in the body."""
    if source == "shopify":
        return headers.get("x-shopify-topic")
    try:
        event = json.loads(body).get("event")
    except (ValueError, AttributeError):
        return None
    return event if isinstance(event, str) else None


def _shopify(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def _chatwoot(secret: str, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
