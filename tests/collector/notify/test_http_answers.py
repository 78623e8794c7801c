"""Every kind of answer of a real server on loopback, and what a channel makes of it."""

import asyncio
import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from standardwebhooks import Webhook as StandardWebhook

from collector.notify.base import Outcome, Receipt
from collector.notify.webhook import signed_headers, webhook_id
from tests.collector.notify.channels import NOW, ROUTING_KEY, SECRETS, SLACK_PATH, WHSEC, client, opened
from tests.collector.notify.messages import CASES, CRITICAL, HOSTILE
from tests.collector.probes.http.server import (
    Behaviour,
    Connection,
    Request,
    answers,
    says,
    says_and_resets,
    serving,
)

YES = {
    "pagerduty": answers(202, '{"status":"success","message":"Event processed","dedup_key":"incident/1"}'),
    "slack": answers(200, "ok"),
    "webhook": answers(204),
}
HTTP_KINDS = tuple(YES)
A, R, F = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.FAILED


async def silent(connection: Connection, _request: Request) -> None:
    await connection.stay_silent()


async def told(kind: str, behave: Behaviour, timeout: float = 5.0) -> tuple[Receipt, list[Request]]:
    """The receipt of one message for a server that behaves so, and what it was asked."""
    async with serving(behave) as server, client() as http:
        receipt = await opened(kind, http, timeout, url=server.url("/in")).send(CRITICAL)
        return receipt, server.requests


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_its_yes_is_accepted(kind: str) -> None:
    receipt, requests = await told(kind, YES[kind])
    assert receipt.outcome is A
    assert receipt.retry_after is None
    assert requests[0].headers["content-type"] == "application/json"
    assert requests[0].method == "POST"


@pytest.mark.parametrize("kind", HTTP_KINDS)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, R), (302, F), (307, F), (308, R),
        (400, R), (401, R), (403, R), (404, R), (405, R), (408, F), (410, R), (413, R), (422, R), (425, F),
        (429, F), (500, F), (502, F), (503, F), (504, F), (599, F),
    ],
)  # fmt: skip
async def test_a_status_decides_whether_to_try_again(kind: str, status: int, outcome: Outcome) -> None:
    receipt, requests = await told(kind, answers(status, "words of the\r\nother side", location="/elsewhere"))
    assert receipt.outcome is outcome
    assert receipt.answer.startswith(f"{status} words of the other side")
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("kind", "status", "body", "outcome"),
    [
        ("pagerduty", 200, '{"status":"success"}', F),
        ("pagerduty", 204, "", F),
        ("slack", 200, "<html>sign in</html>", R),
        ("slack", 200, "ok\n", A),
        ("slack", 204, "", R),
        ("webhook", 200, "anything", A),
        ("webhook", 202, "", A),
    ],
)
async def test_a_success_of_somebody_else_is_none(
    kind: str, status: int, body: str, outcome: Outcome
) -> None:
    receipt, _ = await told(kind, answers(status, body))
    assert receipt.outcome is outcome


@pytest.mark.parametrize("kind", HTTP_KINDS)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_in_seconds_is_passed_on(kind: str, status: int) -> None:
    receipt, _ = await told(kind, answers(status, "slow down", retry_after="17"))
    assert receipt.retry_after == 17


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_retry_after_as_a_date_counts_from_the_servers_own_clock(kind: str) -> None:
    behave = answers(429, "", retry_after=formatdate(5090, usegmt=True), date=formatdate(5000, usegmt=True))
    receipt, _ = await told(kind, behave)
    assert receipt.retry_after == 90


async def test_retry_after_as_a_date_counts_from_ours_when_the_server_has_none() -> None:
    receipt, _ = await told("slack", answers(429, "", retry_after=formatdate(NOW + 30, usegmt=True)))
    assert receipt.retry_after == 30


async def test_pagerduty_is_left_alone_for_a_minute_when_it_does_not_say_how_long() -> None:
    receipt, _ = await told("pagerduty", answers(429, "too many"))
    assert receipt.retry_after == 60


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_garbage_in_retry_after_is_none(kind: str) -> None:
    receipt, _ = await told(kind, answers(503, "", retry_after="soon"))
    assert receipt.outcome is F
    assert receipt.retry_after is None


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_a_server_that_hangs_ends_with_the_timeout(kind: str) -> None:
    started = time.monotonic()
    receipt, _ = await told(kind, silent, timeout=0.2)
    assert receipt == Receipt(F, "no answer within 200ms")
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (says_and_resets(b""), "reset the connection before it answered"),
        (says(b""), "closed the connection without an answer"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "not valid HTTP"),
        (says(b"HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\nhalf"), "middle of its answer"),
    ],
)
@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_a_broken_connection_is_a_failure_for_now(kind: str, behave: Behaviour, said: str) -> None:
    receipt, _ = await told(kind, behave)
    assert receipt.outcome is F
    assert said in receipt.answer


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_a_server_that_is_not_there_is_a_failure_for_now(kind: str) -> None:
    async with serving(answers(202)) as server:
        url = server.url("/in")
    async with client() as http:
        receipt = await opened(kind, http, url=url).send(CRITICAL)
    assert receipt == Receipt(F, "127.0.0.1 refused the connection")


async def test_an_endless_answer_is_cut() -> None:
    receipt, _ = await told("webhook", answers(500, "x" * 1_000_000))
    assert len(receipt.answer) == 300


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_what_is_sent_is_what_is_rendered(kind: str) -> None:
    for message in CASES.values():
        async with serving(YES[kind]) as server, client() as http:
            channel = opened(kind, http, url=server.url("/in"))
            await channel.send(message)
            sent = json.loads(server.requests[0].body)
        assert sent.pop("routing_key", ROUTING_KEY) == ROUTING_KEY
        assert sent == json.loads(json.dumps(channel.rendered(message)))


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_no_secret_is_in_a_receipt_even_when_the_other_side_repeats_it(kind: str) -> None:
    parrot = "; ".join([*SECRETS, "password=hunter2hunter2", "https://user:hunter2hunter2@x.example/"])
    for status in (200, 400, 429):
        async with serving(answers(status, parrot)) as server, client() as http:
            path = SLACK_PATH if kind == "slack" else "/in"
            channel = opened(kind, http, url=server.url(path))
            receipt = await channel.send(HOSTILE)
        own = {"pagerduty": ROUTING_KEY, "slack": "XXXXXXXXXXXXXXXX", "webhook": WHSEC}[kind]
        for secret in (own, "hunter2", server.url(path)):
            assert secret not in receipt.answer
            assert secret not in repr(receipt)
            assert secret not in repr(channel)
            assert secret not in json.dumps(channel.rendered(HOSTILE))


async def test_the_official_library_verifies_a_webhook() -> None:
    async with serving(YES["webhook"]) as server, client() as http:
        await opened("webhook", http, url=server.url("/in")).send(HOSTILE)
        request = server.requests[0]
    assert request.headers["webhook-timestamp"] == str(int(NOW))
    assert request.headers["webhook-id"] == webhook_id(HOSTILE)
    now = int(time.time())
    headers = signed_headers(_key(), request.headers["webhook-id"], now, request.body)
    assert StandardWebhook(WHSEC).verify(request.body, headers) == json.loads(request.body)
    theirs = StandardWebhook(WHSEC).sign(request.headers["webhook-id"], _at(NOW), request.body.decode())
    assert request.headers["webhook-signature"] == theirs


def test_a_repeated_webhook_has_the_same_id_and_another_message_has_not() -> None:
    others = {webhook_id(message) for message in CASES.values()}
    # What is over already is the same message, told later.
    assert len(others) == len(CASES) - 1
    assert webhook_id(CRITICAL) == webhook_id(replace(CRITICAL, title="worded anew"))


async def test_a_cancelled_attempt_ends_at_once() -> None:
    async with serving(silent) as server, client() as http:
        task = asyncio.create_task(opened("webhook", http, url=server.url()).send(CRITICAL))
        while not server.requests:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def _key() -> bytes:
    return base64.b64decode(WHSEC.removeprefix("whsec_"))


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
