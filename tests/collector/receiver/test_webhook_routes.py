"""The webhook route on a real server: who is let in, what is answered and what is recorded."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from collector.receiver.webhook_source import WebhookSource
from collector.webhooks.body import BodyBudget
from tests.collector.receiver.webhooks import receiving, source
from tests.collector.webhooks.signing import EVENTS, NOW, OTHERS, SCHEMES, SECRETS, TIMESTAMP, signed

every_scheme = pytest.mark.parametrize("scheme", SCHEMES)


@every_scheme
async def test_a_genuine_delivery_is_answered_200_and_recorded(scheme: str) -> None:
    async with receiving(source(scheme)) as running:
        answer = await running.deliver(signed(scheme))
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
        row = dict(running.only)
    assert UUID(row.pop("id")).version == 7
    assert row.pop("processing_time_ms") >= 0
    assert row == {
        "timestamp": NOW,
        "source": scheme,
        "webhook_id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "event_type": EVENTS[scheme],
        "verified": True,
        "processed": None,
        "error_message": None,
        "reason": None,
        "origin": "receiver",
    }


@every_scheme
async def test_a_forged_delivery_is_answered_401_and_recorded_without_the_right_signature(
    scheme: str,
) -> None:
    async with receiving(source(scheme)) as running:
        answer = await running.deliver(signed(scheme, secret=OTHERS[scheme]))
        row = running.only
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "bad_signature",
        "message": "the signature does not fit the body and the secret",
    }
    assert (row["verified"], row["processed"], row["reason"]) == (False, None, "bad_signature")


@pytest.mark.parametrize("scheme", sorted(TIMESTAMP))
async def test_a_replay_after_the_tolerance_is_answered_401(scheme: str) -> None:
    async with receiving(source(scheme, tolerance=timedelta(seconds=60))) as running:
        answer = await running.deliver(signed(scheme, at=NOW.timestamp() - 61))
        assert (answer.status_code, answer.json()["error"]) == (401, "stale_timestamp")
        assert running.only["error_message"] == "signed 61 s ago, more than the 60 s allowed"


async def test_a_secret_being_replaced_still_passes_and_is_recorded() -> None:
    rotated = source(secrets=(OTHERS["shopify"], SECRETS["shopify"]))
    async with receiving(rotated) as running:
        assert (await running.deliver(signed("shopify"))).status_code == 200
        row = running.only
    assert (row["verified"], row["reason"], row["error_message"]) == (True, "old_secret", None)


async def test_an_unknown_source_is_answered_404_and_not_recorded() -> None:
    async with receiving(source()) as running:
        answer = await running.deliver(signed("shopify"), name="stripe")
        assert (answer.status_code, answer.json()["error"]) == (404, "unknown_source")
        assert running.rows == []


async def test_a_source_without_a_secret_says_so_and_records_nothing() -> None:
    async with receiving(source(), reported={"chatwoot"}) as running:
        answer = await running.deliver(signed("chatwoot"))
        assert (answer.status_code, answer.json()["error"]) == (404, "no_secret")
        assert "has no secret in services.toml" in answer.json()["message"]
        assert running.rows == []


async def test_a_source_takes_only_post_and_needs_no_token() -> None:
    async with receiving(source()) as running:
        answer = await running.client.get(f"{running.url}/webhooks/shopify")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
        assert answer.json()["message"] == "this address takes POST and no other method"
        assert (await running.deliver(signed("shopify"), Origin="https://a.example")).status_code == 200


async def test_a_secret_that_is_not_set_is_our_fault_and_names_the_variable() -> None:
    present: list[str] = []
    unset = source(secrets=lambda: present, on_unset="SHOPIFY_WEBHOOK_SECRET is not set")
    async with receiving(unset) as running:
        answer = await running.deliver(signed("shopify"))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert answer.json()["message"] == "SHOPIFY_WEBHOOK_SECRET is not set"
        row = running.only
        assert (row["verified"], row["processed"], row["reason"]) == (None, None, "missing_credentials")
        assert row["event_type"] == "orders/create"
        present.append(SECRETS["shopify"])
        assert (await running.deliver(signed("shopify"))).status_code == 200


async def test_a_secret_that_cannot_be_one_is_our_fault_and_not_shown() -> None:
    wrong = source("standard", secrets=lambda: ["whsec_!private!"], secret_from="STANDARD_SECRET")
    async with receiving(wrong) as running:
        answer = await running.deliver(signed("standard"))
        assert (answer.status_code, answer.json()["error"]) == (503, "bad_configuration")
        assert answer.json()["message"].startswith("STANDARD_SECRET: the secret is not whsec_ and base64")
        assert (running.only["verified"], running.only["reason"]) == (None, "bad_configuration")
        assert "private" not in answer.text + str(running.only)


async def test_an_old_secret_that_cannot_be_one_keeps_no_delivery_out() -> None:
    secrets = [SECRETS["standard"], "whsec_!nonsense!"]
    async with receiving(source("standard", secrets=lambda: secrets)) as running:
        assert (await running.deliver(signed("standard"))).status_code == 200
        assert (running.only["verified"], running.only["reason"]) == (True, None)


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_over_the_limit_is_answered_413_and_recorded(chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"0123456789"

    async with receiving(source(body_limit=100)) as running:
        content: Any = pieces() if chunked else b"0" * 101
        answer = await running.client.post(f"{running.url}/webhooks/shopify", content=content)
        row = running.only
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert (row["verified"], row["processed"], row["reason"]) == (False, None, "body_too_large")


async def raw(url: str, request: bytes, *, then_close: bool = False) -> bytes:
    """Send `request` as it is; the first line of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(request)
        await writer.drain()
        if then_close:
            return b""
        return await asyncio.wait_for(reader.readline(), 10)
    finally:
        writer.close()
        await writer.wait_closed()


HALF = b"POST /webhooks/shopify HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"


async def test_a_body_that_does_not_end_is_answered_408_within_the_senders_limit() -> None:
    async with receiving(source(answer_within=0.1)) as running:
        assert await raw(running.url, HALF) == b"HTTP/1.1 408 Request Timeout\r\n"
        while not running.rows:
            await asyncio.sleep(0.01)
        assert running.only["reason"] == "body_timeout"


async def test_a_sender_that_goes_away_in_its_body_leaves_nothing() -> None:
    budget = BodyBudget(1000)
    async with receiving(source(), budget=budget) as running:
        await raw(running.url, HALF, then_close=True)
        assert (await running.deliver(signed("shopify"))).status_code == 200
        while budget.taken:
            await asyncio.sleep(0.01)
        assert [row["verified"] for row in running.rows] == [True]


async def test_all_bodies_together_are_bounded() -> None:
    budget = BodyBudget(150)
    async with receiving(source(), budget=budget) as running:
        big = signed("shopify", body=b"x" * 151)
        answer = await running.deliver(big)
        assert (answer.status_code, answer.json()["error"]) == (503, "overloaded")
        assert running.only["verified"] is None
        for secret in (SECRETS["shopify"], OTHERS["shopify"]):
            for _ in range(5):
                await running.deliver(signed("shopify", body=b"x" * 100, secret=secret))
        assert budget.taken == 0
    assert {row["reason"] for row in running.rows} == {"overloaded", None, "repeated", "bad_signature"}


async def test_compressed_bodies_are_verified_as_they_came() -> None:
    body = bytes.fromhex("1f8b0800000000000003ab56020043bfa6a302000000")
    async with receiving(source()) as running:
        answer = await running.deliver(signed("shopify", body=body), **{"Content-Encoding": "gzip"})
        assert answer.status_code == 200


async def test_without_a_database_the_answer_comes_in_time_and_the_row_waits() -> None:
    async with receiving(source(answer_within=0.3), writes=False) as running:
        started = asyncio.get_running_loop().time()
        assert (await running.deliver(signed("shopify"))).status_code == 200
        assert asyncio.get_running_loop().time() - started < 4
        assert running.intake.waiting_rows == 1


async def test_a_full_intake_delays_nothing_and_the_lost_row_is_counted() -> None:
    async with receiving(source(answer_within=10), writes=False, capacity_rows=1) as running:
        running.intake.offer("webhook_metrics", [{}])
        started = asyncio.get_running_loop().time()
        assert (await running.deliver(signed("shopify"))).status_code == 200
        assert asyncio.get_running_loop().time() - started < 5
        assert running.intake.dropped_rows == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scheme": "hmac"}, "no scheme 'hmac'; choose one of chatwoot, shopify, standard"),
        ({"scheme": "standard", "secrets": ("whsec_!",)}, "the secret is not whsec_ and base64"),
    ],
)
def test_a_source_that_cannot_work_is_refused_at_once(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        WebhookSource(**({"source": "x", "secrets": ("y",)} | options))


def test_a_source_shows_neither_secret_nor_upstream() -> None:
    shown = repr(source(secrets=("s3cret",), upstream="http://user:pass@127.0.0.1/?key=k3y"))
    assert not any(text in shown for text in ("s3cret", "pass", "k3y"))
