"""Signs deliveries as Shopify and Chatwoot do: the other side of `collector.webhooks`, made apart from it.

Shopify: base64 of HMAC-SHA256 over the raw body (shopify.dev, webhooks, verify deliveries).
Chatwoot: "sha256=" and the hex HMAC-SHA256 over "<timestamp>.<raw body>" (lib/webhooks/trigger.rb).
"""

import base64
import hashlib
import hmac


def signed_headers(
    source: str, secret: str, body: bytes, event: str, delivery_id: str, timestamp: int
) -> dict[str, str]:
    """The headers of a delivery from `source`; `timestamp` is in seconds since 1970.

    Chatwoot tells the event in the body alone, Shopify no time.
    """
    if source == "shopify":
        return {
            "X-Shopify-Topic": event,
            "X-Shopify-Webhook-Id": delivery_id,
            "X-Shopify-Hmac-Sha256": base64.b64encode(_hmac(secret, body)).decode(),
        }
    return {
        "X-Chatwoot-Delivery": delivery_id,
        "X-Chatwoot-Timestamp": str(timestamp),
        "X-Chatwoot-Signature": "sha256=" + _hmac(secret, f"{timestamp}.".encode() + body).hex(),
    }


def _hmac(secret: str, message: bytes) -> bytes:
    return hmac.digest(secret.encode(), message, hashlib.sha256)
