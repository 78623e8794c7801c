"""How each vendor signs: which headers, which bytes, which spelling.

Shopify: base64 of HMAC-SHA256 with the app's client secret over the raw body, no timestamp
(https://shopify.dev/docs/apps/build/webhooks/verify-deliveries; its Events use the same without `X-`).
Chatwoot, from 4.11.2 on: "sha256=" and the hex HMAC-SHA256 over "<timestamp>.<raw body>"
(lib/webhooks/trigger.rb of chatwoot/chatwoot).
Standard Webhooks: "v1," and the base64 HMAC-SHA256 over "<id>.<timestamp>.<raw body>", several separated by
a space (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from collector.webhooks.headers import DeliveryHeaders, Refused
from collector.webhooks.reasons import DeliveryReason

#: 32 bytes in base64 and in hex, as the vendors write them.
_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=")
_HEX = re.compile(r"sha256=[0-9a-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a sender claims: `signatures` (spelled as `Scheme.spell` does) over `prefix` and the raw body.

    `timestamp` is in seconds since 1970, None in a scheme without one.
    """

    prefix: bytes
    signatures: Sequence[str]
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign.

    `key` makes the HMAC key of a secret and raises ValueError when it is none; `read` raises `Refused`;
    `spell` writes a digest. The event type stands in one of `event_headers` or in `event_field` of the body.
    """

    id_headers: Sequence[str]
    event_headers: Sequence[str]
    event_field: str | None
    key: Callable[[str], bytes]
    read: Callable[[DeliveryHeaders], Signed]
    spell: Callable[[bytes], str]


def _plain_key(secret: str) -> bytes:
    return _not_empty(secret.strip().encode())


def _standard_key(secret: str) -> bytes:
    text = secret.strip().removeprefix("v1,").removeprefix("whsec_").rstrip("=")
    try:
        return _not_empty(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (binascii.Error, ValueError):
        raise ValueError("the secret is not whsec_ and base64, as Standard Webhooks has it") from None


def _not_empty(key: bytes) -> bytes:
    if not key:
        raise ValueError("the secret is empty")
    return key


def _read_shopify(headers: DeliveryHeaders) -> Signed:
    name = headers.present(("X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256"))
    signature = headers.required(name)
    _expect(_BASE64.fullmatch(signature), f"{name} is not the base64 of 32 bytes")
    return Signed(b"", (signature,), None)


def _read_chatwoot(headers: DeliveryHeaders) -> Signed:
    signature = headers.required("X-Chatwoot-Signature")
    seconds = _seconds(headers, "X-Chatwoot-Timestamp")
    _expect(_HEX.fullmatch(signature), "X-Chatwoot-Signature is not sha256= and 64 hex digits")
    return Signed(f"{seconds}.".encode("ascii"), (signature,), int(seconds))


def _read_standard(headers: DeliveryHeaders) -> Signed:
    listed = headers.required("webhook-signature")
    delivery_id = headers.required("webhook-id")
    seconds = _seconds(headers, "webhook-timestamp")
    # The specification forbids it: with a dot in the id one could move the border between id and timestamp.
    _expect("." not in delivery_id, "webhook-id holds a dot")
    signatures = [
        part for part in listed.split(" ") if part.startswith("v1,") and _BASE64.fullmatch(part[3:])
    ]
    _expect(signatures, "webhook-signature holds no v1 signature")
    return Signed(f"{delivery_id}.{seconds}.".encode("ascii"), signatures, int(seconds))


def _seconds(headers: DeliveryHeaders, name: str) -> str:
    value = headers.required(name)
    _expect(_SECONDS.fullmatch(value), f"{name} is not a number of seconds")
    return value


def _expect(holds: object, message: str) -> None:
    if not holds:
        raise Refused(DeliveryReason.MALFORMED_SIGNATURE, message)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")


SCHEMES: Mapping[str, Scheme] = {
    "shopify": Scheme(
        id_headers=("X-Shopify-Webhook-Id", "Shopify-Webhook-Id"),
        event_headers=("X-Shopify-Topic", "Shopify-Topic"),
        event_field=None,
        key=_plain_key,
        read=_read_shopify,
        spell=_base64,
    ),
    "chatwoot": Scheme(
        id_headers=("X-Chatwoot-Delivery",),
        event_headers=(),
        event_field="event",
        key=_plain_key,
        read=_read_chatwoot,
        spell=lambda digest: f"sha256={digest.hex()}",
    ),
    "standard": Scheme(
        id_headers=("webhook-id",),
        event_headers=(),
        event_field="type",
        key=_standard_key,
        read=_read_standard,
        spell=lambda digest: f"v1,{_base64(digest)}",
    ),
}
