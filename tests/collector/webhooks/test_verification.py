"""The three schemes: genuine deliveries pass, and every way not to be one has its word."""

import base64
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import Headers

from collector.webhooks import verify
from tests.collector.webhooks.signing import (
    EVENTS,
    ID,
    NOW,
    OTHERS,
    SCHEMES,
    SECRETS,
    SIGNATURE,
    TIMESTAMP,
    signed,
)

every_scheme = pytest.mark.parametrize("scheme", SCHEMES)
timed_scheme = pytest.mark.parametrize("scheme", sorted(TIMESTAMP))


@every_scheme
def test_a_genuine_delivery_passes_with_its_id_and_event(scheme: str) -> None:
    found = signed(scheme).verified_with()
    assert found.verified
    assert (found.reason, found.message, found.secret_used) == (None, None, 0)
    assert found.delivery_id == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    assert found.event_type == EVENTS[scheme]


def test_the_published_vector_of_standard_webhooks_passes() -> None:
    found = verify(
        "standard",
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert found.verified
    assert found.delivery_id == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_a_shopify_signature_computed_by_openssl_passes() -> None:
    """`printf %s BODY | openssl dgst -sha256 -hmac hush -binary | openssl base64 -A`"""
    body = b'{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}'
    headers = {"X-Shopify-Hmac-Sha256": "U1ccMjH2FYDvXHngNSLFAi0QhStcm696l5sTvIkdLr8="}
    assert verify("shopify", ["hush"], headers, body, NOW).verified


def test_a_chatwoot_signature_computed_by_openssl_passes() -> None:
    """`printf %s TIMESTAMP.BODY | openssl dgst -sha256 -hmac chatwoot-secret -hex`"""
    body = '{"event":"message_created","id":"1","content":"Grüße"}'.encode()
    headers = {
        "X-Chatwoot-Timestamp": "1700000000",
        "X-Chatwoot-Signature": "sha256=e117b3ee068c4b6f74885176c22542911cf2f31ea396f420fd12b516d061261a",
    }
    now = datetime.fromtimestamp(1700000060, UTC)
    assert verify("chatwoot", ["chatwoot-secret"], headers, body, now).verified


@every_scheme
def test_a_signature_with_a_secret_being_replaced_passes_and_says_so(scheme: str) -> None:
    old, new = SECRETS[scheme], OTHERS[scheme]
    found = signed(scheme, secret=old).verified_with(secrets=[new, old])
    assert found.verified
    assert (found.reason, found.secret_used) == ("old_secret", 1)


@every_scheme
def test_another_secret_is_refused(scheme: str) -> None:
    found = signed(scheme).verified_with(secrets=[OTHERS[scheme]])
    assert not found.verified
    assert (found.reason, found.secret_used) == ("bad_signature", None)


@every_scheme
def test_another_body_is_refused_and_what_it_says_is_not_read(scheme: str) -> None:
    found = signed(scheme).verified_with(body=b'{"event":"forged","type":"forged"}')
    assert not found.verified
    assert found.reason == "bad_signature"
    assert found.event_type != "forged"


@every_scheme
def test_without_headers_the_signature_is_missing(scheme: str) -> None:
    found = signed(scheme).verified_with(headers={})
    assert (found.verified, found.reason) == (False, "missing_signature")
    assert found.message == f"the header {SIGNATURE[scheme]} is missing"


@every_scheme
def test_an_empty_signature_is_missing(scheme: str) -> None:
    delivery = signed(scheme)
    delivery.headers[SIGNATURE[scheme]] = ""
    assert delivery.verified_with().reason == "missing_signature"


@timed_scheme
def test_without_its_timestamp_the_signature_is_missing(scheme: str) -> None:
    delivery = signed(scheme)
    del delivery.headers[TIMESTAMP[scheme]]
    assert delivery.verified_with().reason == "missing_signature"


@pytest.mark.parametrize("value", ["1.7e9", "-1", "+1", " 1700000000", "1_0", "٣", "0x10", "9" * 13, "now"])
@timed_scheme
def test_a_timestamp_that_is_no_number_of_seconds_is_malformed(scheme: str, value: str) -> None:
    delivery = signed(scheme)
    delivery.headers[TIMESTAMP[scheme]] = value
    assert delivery.verified_with().reason == "malformed_signature"


@timed_scheme
@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (-301, "stale_timestamp"),
        (-300, None),
        (0, None),
        (300, None),
        (301, "future_timestamp"),
        (-1e9, "stale_timestamp"),
    ],
)
def test_a_timestamp_may_be_five_minutes_off_both_ways(
    scheme: str, seconds: float, reason: str | None
) -> None:
    found = signed(scheme, at=NOW.timestamp() + seconds).verified_with()
    assert (found.verified, found.reason) == (reason is None, reason)


@timed_scheme
def test_the_tolerance_can_be_chosen(scheme: str) -> None:
    late = signed(scheme, at=NOW.timestamp() - 100)
    assert late.verified_with(tolerance=timedelta(seconds=100)).verified
    found = late.verified_with(tolerance=timedelta(seconds=99))
    assert found.message == "signed 100 s ago, more than the 99 s allowed"


@timed_scheme
def test_a_forged_old_delivery_is_called_forged_not_old(scheme: str) -> None:
    delivery = signed(scheme, at=NOW.timestamp() - 1e6, secret=OTHERS[scheme])
    assert delivery.verified_with(secrets=[SECRETS[scheme]]).reason == "bad_signature"


@every_scheme
def test_a_signature_that_came_twice_is_malformed(scheme: str) -> None:
    delivery = signed(scheme)
    pairs = [*delivery.headers.items(), (SIGNATURE[scheme].upper(), delivery.headers[SIGNATURE[scheme]])]
    assert delivery.verified_with(headers=pairs).reason == "malformed_signature"
    raw = [(name.lower().encode(), value.encode()) for name, value in pairs]
    assert delivery.verified_with(headers=Headers(raw=raw)).reason == "malformed_signature"


@every_scheme
@pytest.mark.parametrize("value", ["ü" * 44, "A" * 4097, "v1", "v1,", ",", "sha256=", "=" * 44, "\x00", " "])
def test_a_signature_that_cannot_be_one_is_malformed(scheme: str, value: str) -> None:
    delivery = signed(scheme)
    delivery.headers[SIGNATURE[scheme]] = value
    assert delivery.verified_with().reason == "malformed_signature"


@every_scheme
def test_headers_count_without_regard_to_case_and_as_raw_pairs(scheme: str) -> None:
    delivery = signed(scheme)
    raw = [(name.upper().encode(), value.encode()) for name, value in delivery.headers.items()]
    assert delivery.verified_with(headers=raw).verified
    assert delivery.verified_with(
        headers=Headers(raw=[(name.lower(), value) for name, value in raw])
    ).verified


def test_shopify_events_sign_without_the_prefix() -> None:
    delivery = signed("shopify")
    plain = {name.removeprefix("X-"): value for name, value in delivery.headers.items()}
    found = delivery.verified_with(headers=plain)
    assert (found.verified, found.delivery_id) == (True, delivery.headers[ID["shopify"]])


def test_only_the_exact_spelling_of_base64_and_hex_passes() -> None:
    shopify = signed("shopify")
    value = shopify.headers[SIGNATURE["shopify"]]
    same_bytes = next(
        candidate
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        if (candidate := f"{value[:42]}{letter}=") != value
        and base64.b64decode(candidate) == base64.b64decode(value)
    )
    for spelling in (same_bytes, value.rstrip("="), value + "=", value + " ", "\t" + value):
        assert not shopify.verified_with(headers={SIGNATURE["shopify"]: spelling}).verified
    chatwoot = signed("chatwoot")
    upper = chatwoot.headers[SIGNATURE["chatwoot"]].upper().replace("SHA", "sha")
    assert not chatwoot.verified_with(headers=chatwoot.headers | {SIGNATURE["chatwoot"]: upper}).verified


def test_one_good_signature_among_several_of_standard_webhooks_is_enough() -> None:
    delivery = signed("standard")
    good = delivery.headers["webhook-signature"]
    other = "v1," + base64.b64encode(bytes(32)).decode()
    listed = delivery.headers | {"webhook-signature": f"v1a,{'A' * 86}== {other} v2,x {good} {other}"}
    assert delivery.verified_with(headers=listed).verified
    for wrong in (good.replace("v1,", "v1a,"), good.replace("v1,", "v2,"), good.replace("v1,", ""), other):
        assert not delivery.verified_with(headers=delivery.headers | {"webhook-signature": wrong}).verified


def test_a_dot_in_the_id_of_standard_webhooks_is_malformed() -> None:
    """`a.1` + `2` + body signs the same bytes as `a` + `1` + `2.body`."""
    found = signed("standard", delivery_id="msg.1700000000").verified_with()
    assert (found.verified, found.reason) == (False, "malformed_signature")


def test_nothing_but_the_standard_library_is_needed() -> None:
    code = (
        "import sys, collector.webhooks; "
        "heavy = {'duckdb', 'pydantic', 'starlette', 'streamlit', 'numpy', 'httpx', 'analytics.db'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
