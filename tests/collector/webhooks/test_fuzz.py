"""Whatever comes: `verify` never raises and never verifies what was not signed."""

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.webhooks import Verification
from tests.collector.webhooks.signing import ID, SCHEMES, SECRETS, SIGNATURE, TIMESTAMP, signed

every_scheme = pytest.mark.parametrize("scheme", SCHEMES)

values = st.one_of(
    st.text(max_size=80),
    st.binary(max_size=80),
    st.from_regex(r"\A(v1,|sha256=)?[A-Za-z0-9+/]{43}=\Z"),
    st.from_regex(r"\A(sha256=)?[0-9a-f]{64}\Z"),
    st.integers(0, 10**13).map(str),
    st.sampled_from(["v1,", "v1, v1,", "sha256=", "\x1d", "é", "a" * 5000]),
)


def is_sound(found: Verification) -> bool:
    """A refusal with a reason and a sentence, and names that can go into a row."""
    names = [name for name in (found.delivery_id, found.event_type) if name is not None]
    told = found.reason is not None and bool(found.message)
    return told and all(len(name) <= 200 and name.isascii() and name.isprintable() for name in names)


@every_scheme
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_headers_of_anybody_verify(scheme: str, data: Any) -> None:
    names = [SIGNATURE[scheme], ID[scheme], TIMESTAMP.get(scheme, "X-Shopify-Topic"), "Other", ""]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), values), max_size=8))
    found = signed(scheme).verified_with(headers=pairs, body=data.draw(st.binary(max_size=200)))
    assert not found.verified
    assert is_sound(found)


@every_scheme
@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300))
def test_of_a_genuine_delivery_no_other_body_verifies(scheme: str, body: bytes) -> None:
    delivery = signed(scheme)
    assert delivery.verified_with(body=body).verified == (body == delivery.body)


@every_scheme
@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=300), secret=st.binary(min_size=1, max_size=64))
def test_every_signed_body_verifies_with_its_secret_and_no_other(
    scheme: str, body: bytes, secret: bytes
) -> None:
    key = f"whsec_{base64.b64encode(secret).decode()}" if scheme == "standard" else secret.hex()
    delivery = signed(scheme, secret=key, body=body)
    assert delivery.verified_with().verified
    assert not delivery.verified_with(secrets=[SECRETS[scheme]]).verified
