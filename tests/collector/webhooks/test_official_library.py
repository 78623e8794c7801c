"""The official `standardwebhooks` package and ours, each verifying what the other signs."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from collector.webhooks import verify
from tests.collector.webhooks.signing import BODIES, SECRETS, signed

SECRET = SECRETS["standard"]


@pytest.mark.parametrize("body", ["{}", '{"type":"invoice.paid","name":"Grüße"}', "", "no json"])
def test_what_the_official_library_signs_verifies_here(body: str) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    headers = {
        "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", at, body),
    }
    assert verify("standard", [SECRET], headers, body.encode(), at).verified
    assert not verify("standard", [SECRET], headers, body.encode() + b" ", at).verified


def test_what_is_signed_here_verifies_in_the_official_library() -> None:
    delivery = signed("standard", at=datetime.now(UTC).timestamp())
    assert Webhook(SECRET).verify(delivery.body, delivery.headers)["type"] == "invoice.paid"


@pytest.mark.parametrize("seconds", [-600, -301, -299, 0, 299, 310, 600])
def test_both_agree_about_timestamps(seconds: int) -> None:
    now = datetime.now(UTC)
    delivery = signed("standard", at=now.timestamp() + seconds)
    try:
        Webhook(SECRET).verify(delivery.body, delivery.headers)
        theirs = True
    except WebhookVerificationError:
        theirs = False
    assert delivery.verified_with(now=now).verified == theirs


def test_both_refuse_another_body() -> None:
    delivery = signed("standard", at=datetime.now(UTC).timestamp())
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODIES["standard"] + b" ", delivery.headers)
    assert not delivery.verified_with(body=BODIES["standard"] + b" ").verified
