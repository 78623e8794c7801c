"""Whether a delivery is genuine: pure, over the raw body, in constant time."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.webhooks.headers import DeliveryHeaders, HeaderSource, Refused, plain_name
from collector.webhooks.reasons import DeliveryReason
from collector.webhooks.schemes import SCHEMES, Scheme, Signed

#: How far a signed timestamp may be from our clock, both ways; the figure of Standard Webhooks.
TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a delivery turned out to be.

    `reason` is None for one that is fine, otherwise a `DeliveryReason`; `message` says it in a sentence
    without anything secret. `delivery_id` and `event_type` have at most 200 characters; what stands in the
    body is read only if that is verified. `secret_used` is the place of the secret that matched, from 0.
    """

    verified: bool
    reason: DeliveryReason | None
    message: str | None
    delivery_id: str | None
    event_type: str | None
    secret_used: int | None = None


def verify(
    scheme: str,
    secrets: Sequence[str],
    headers: HeaderSource,
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Verification:
    """Judge a delivery by its signature, and by its timestamp where the scheme has one.

    `secrets` has the present secret first, then those it replaced; any may match. `body` is what came over
    the wire, byte for byte. Nothing in `headers` or `body` raises. Raises ValueError for an unknown scheme,
    for no secret and for one that cannot be one, TypeError for a text as `secrets`: mistakes of the caller.
    """
    rules = _rules(scheme)
    keys = _keys(rules, secrets)
    fields = DeliveryHeaders(headers)
    delivery_id = fields.delivery_id(rules.id_headers)
    event = fields.event_type(rules.event_headers)
    try:
        signed = rules.read(fields)
        used = _matching(keys, signed, body, rules)
        _check_time(signed.timestamp, now, tolerance)
    except Refused as refused:
        return Verification(False, refused.reason, refused.message, delivery_id, event)
    if rules.event_field is not None:
        event = _event_in(body, rules.event_field)
    if used > 0:
        message = "signed with a secret that is being replaced"
        return Verification(True, DeliveryReason.ROTATION, message, delivery_id, event, used)
    return Verification(True, None, None, delivery_id, event, used)


def named(scheme: str, headers: HeaderSource) -> tuple[str | None, str | None]:
    """Delivery id and event type as far as the headers tell, for a delivery that cannot be verified."""
    rules = _rules(scheme)
    fields = DeliveryHeaders(headers)
    return fields.delivery_id(rules.id_headers), fields.event_type(rules.event_headers)


def check_secrets(scheme: str, secrets: Sequence[str]) -> None:
    """Raises ValueError, with a message that does not hold them, unless `secrets` can verify deliveries."""
    _keys(_rules(scheme), secrets)


def _rules(scheme: str) -> Scheme:
    if scheme not in SCHEMES:
        raise ValueError(f"there is no scheme {scheme!r}; choose one of {', '.join(sorted(SCHEMES))}")
    return SCHEMES[scheme]


def _keys(rules: Scheme, secrets: Sequence[str]) -> list[bytes]:
    if isinstance(secrets, str):
        raise TypeError("secrets is one text; give a list with the present secret first")
    if not secrets:
        raise ValueError("there is no secret to verify with")
    return [rules.key(secret) for secret in secrets]


def _matching(keys: Sequence[bytes], signed: Signed, body: bytes, rules: Scheme) -> int:
    """The place of the first key that made one of the signatures. Raises `Refused` when none did."""
    given = [signature.encode("ascii") for signature in signed.signatures]
    for place, key in enumerate(keys):
        code = hmac.new(key, signed.prefix, hashlib.sha256)
        code.update(body)
        # Compared as it is spelled: base64 and hex have other spellings of the same bytes.
        right = rules.spell(code.digest()).encode("ascii")
        if any(hmac.compare_digest(right, signature) for signature in given):
            return place
    raise Refused(DeliveryReason.BAD_SIGNATURE, "the signature does not fit the body and the secret")


def _check_time(timestamp: int | None, now: datetime, tolerance: timedelta) -> None:
    """Only asked about genuine signatures: an old one is then a replay, a late sender or a wrong clock."""
    if timestamp is None:
        return
    age, allowed = now.timestamp() - timestamp, tolerance.total_seconds()
    if age > allowed:
        message = f"signed {age:.0f} s ago, more than the {allowed:.0f} s allowed"
        raise Refused(DeliveryReason.STALE_TIMESTAMP, message)
    if age < -allowed:
        message = f"signed {-age:.0f} s in the future, more than the {allowed:.0f} s allowed"
        raise Refused(DeliveryReason.FUTURE_TIMESTAMP, message)


def _event_in(body: bytes, field: str) -> str | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return plain_name(value.get(field)) if isinstance(value, dict) else None
