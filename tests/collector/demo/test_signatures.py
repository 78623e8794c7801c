"""Signatures as the vendors make them, against values made with the openssl command."""

from uuid import UUID

import pytest

from collector.demo.signatures import delivery_id, event_type, is_genuine, signed_headers

BODY = b'{"event": "message_created", "id": 7}'
DELIVERY = UUID("01a20a53-ed5b-794f-b1c8-4e176edd343d")
EVENT = "message_created"


def _signed(source: str, secret: str = "hush", body: bytes = BODY) -> dict[str, str]:
    headers = signed_headers(source, secret, body, EVENT, DELIVERY, 1_795_000_000)
    return {name.lower(): value for name, value in headers.items()}


def test_shopify_signs_the_raw_body_in_base64():
    """printf %s '{"event": …}' | openssl dgst -sha256 -hmac hush -binary | base64"""
    assert _signed("shopify")["x-shopify-hmac-sha256"] == "lrvwf89MdgYJFB8AJMhCRLmEfgzJaHJPXfwSOWanZs8="


def test_chatwoot_signs_timestamp_dot_body_in_hex():
    """printf %s '1795000000.{"event": …}' | openssl dgst -sha256 -hmac hush"""
    assert _signed("chatwoot")["x-chatwoot-signature"] == (
        "sha256=187ed56001dd53a13846989920225410614b46ea9eebfd5bb0a2161ec7cde9a2"
    )


@pytest.mark.parametrize("source", ["shopify", "chatwoot"])
def test_a_delivery_is_genuine_only_with_the_right_secret_and_the_very_same_body(source: str):
    assert is_genuine(source, "hush", _signed(source), BODY)
    assert not is_genuine(source, "hush", _signed(source, secret="other"), BODY)
    assert not is_genuine(source, "hush", _signed(source), BODY + b" ")
    assert not is_genuine(source, "hush", {}, BODY)


def test_another_timestamp_spoils_chatwoots_signature():
    headers = _signed("chatwoot") | {"x-chatwoot-timestamp": "1795000001"}
    assert not is_genuine("chatwoot", "hush", headers, BODY)


@pytest.mark.parametrize("source", ["shopify", "chatwoot"])
def test_a_signature_that_is_no_ascii_is_only_wrong(source: str):
    headers = dict.fromkeys(_signed(source), "ünglaubig")
    assert not is_genuine(source, "hush", headers, BODY)


@pytest.mark.parametrize("source", ["shopify", "chatwoot"])
def test_id_and_event_are_found_where_the_vendor_puts_them(source: str):
    assert delivery_id(source, _signed(source)) == str(DELIVERY)
    assert event_type(source, _signed(source), BODY) == EVENT


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"event": 7}', b"\xff"])
def test_a_body_without_an_event_has_none(body: bytes):
    assert event_type("chatwoot", {}, body) is None
