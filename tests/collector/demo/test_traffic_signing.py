"""Signatures as the vendors make them: against values made with openssl, and as the receiver sees them."""

from datetime import UTC, datetime

import pytest

from collector.demo.services import SOURCES
from collector.demo.traffic_signing import signed_headers
from collector.webhooks import verify

BODY = b'{"event": "message_created", "id": 7}'
DELIVERY = "01a20a53-ed5b-794f-b1c8-4e176edd343d"
EVENT = "message_created"
SECONDS = 1_795_000_000


def _signed(source: str, secret: str = "hush", body: bytes = BODY) -> dict[str, str]:
    return signed_headers(source, secret, body, EVENT, DELIVERY, SECONDS)


def test_shopify_signs_the_raw_body_in_base64():
    """printf %s '{"event": …}' | openssl dgst -sha256 -hmac hush -binary | base64"""
    assert _signed("shopify")["X-Shopify-Hmac-Sha256"] == "lrvwf89MdgYJFB8AJMhCRLmEfgzJaHJPXfwSOWanZs8="


def test_chatwoot_signs_timestamp_dot_body_in_hex():
    """printf %s '1795000000.{"event": …}' | openssl dgst -sha256 -hmac hush"""
    assert _signed("chatwoot")["X-Chatwoot-Signature"] == (
        "sha256=187ed56001dd53a13846989920225410614b46ea9eebfd5bb0a2161ec7cde9a2"
    )


@pytest.mark.parametrize("source", [source.name for source in SOURCES])
def test_the_receiver_finds_it_genuine_with_its_id_and_event_and_with_no_other_secret(source: str):
    now = datetime.fromtimestamp(SECONDS, UTC)
    found = verify(source, ["hush"], _signed(source), BODY, now)
    assert (found.verified, found.delivery_id, found.event_type) == (True, DELIVERY, EVENT)
    assert not verify(source, ["other"], _signed(source), BODY, now).verified
    assert not verify(source, ["hush"], _signed(source), BODY + b" ", now).verified
