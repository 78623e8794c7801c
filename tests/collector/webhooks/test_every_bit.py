"""Every single bit of what is signed, flipped: none may pass."""

import pytest

from tests.collector.webhooks.signing import ID, SCHEMES, SIGNATURE, TIMESTAMP, Delivery, signed

every_scheme = pytest.mark.parametrize("scheme", SCHEMES)


def flips(value: bytes) -> list[bytes]:
    """`value` with each of its bits flipped in turn."""
    return [
        value[:place] + bytes([value[place] ^ 1 << bit]) + value[place + 1 :]
        for place in range(len(value))
        for bit in range(8)
    ]


def passing(delivery: Delivery, header: str) -> list[bytes]:
    """The flips of one header that pass; the headers are given as raw bytes, as a server has them."""
    raw = {name.encode(): value.encode() for name, value in delivery.headers.items()}
    changed = [(raw | {header.encode(): flipped}) for flipped in flips(raw[header.encode()])]
    assert len(changed) == 8 * len(delivery.headers[header])
    return [
        headers[header.encode()]
        for headers in changed
        if delivery.verified_with(headers=list(headers.items())).verified
    ]


@every_scheme
def test_no_changed_bit_of_the_body_passes(scheme: str) -> None:
    delivery = signed(scheme)
    assert delivery.verified_with().verified
    assert [body for body in flips(delivery.body) if delivery.verified_with(body=body).verified] == []


@every_scheme
def test_no_changed_bit_of_the_signature_passes(scheme: str) -> None:
    assert passing(signed(scheme), SIGNATURE[scheme]) == []


@pytest.mark.parametrize("scheme", sorted(TIMESTAMP))
def test_no_changed_bit_of_the_timestamp_passes(scheme: str) -> None:
    assert passing(signed(scheme), TIMESTAMP[scheme]) == []


def test_no_changed_bit_of_the_id_passes_where_it_is_signed() -> None:
    assert passing(signed("standard"), ID["standard"]) == []


@every_scheme
def test_nothing_cut_from_or_added_to_the_body_passes(scheme: str) -> None:
    delivery = signed(scheme)
    body = delivery.body
    changed = [body[:end] for end in range(len(body))] + [body + bytes([byte]) for byte in range(256)]
    assert [other for other in changed if delivery.verified_with(body=other).verified] == []
