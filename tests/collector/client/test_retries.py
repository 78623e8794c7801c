"""What is sent again, how often, and after how long: both faces against a server that misbehaves in turn."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import trustme

from collector.client import ApiClient, RetryPolicy
from tests.collector.client.faces import Making, Rows, in_turn
from tests.collector.probes.http.certificates import server_context
from tests.collector.probes.http.server import (
    Behaviour,
    Connection,
    Request,
    answers,
    says,
    says_and_resets,
    serving,
)

HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"
FINE = answers(200, "fine")


async def silent(connection: Connection, _request: Request) -> None:
    await connection.stay_silent()


@pytest.mark.parametrize(
    "first",
    [
        *(answers(status) for status in (408, 425, 429, 500, 502, 503, 504)),
        says(b""),
        says(HALF),
        says_and_resets(b""),
        says(b"garbage\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_idempotent_call_is_repeated_until_it_is_answered(
    making: Making, first: Behaviour, method: str
) -> None:
    async with serving(in_turn(first, FINE)) as server, making.client() as client:
        response = await client.request(method, server.url("/x"))
        assert len(server.requests) == 2
    assert response.text == "fine"
    assert (making.rows.call["retries"], making.rows.call["status_code"]) == (1, 200)
    assert making.rows.call["error_message"] is None
    assert making.pauses.seconds == [0.5]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
async def test_other_statuses_are_final(making: Making, status: int) -> None:
    async with serving(answers(status)) as server, making.client() as client:
        await client.get(server.url())
        assert len(server.requests) == 1
    assert making.pauses.seconds == []


@pytest.mark.parametrize("first", [answers(500), answers(503), says(b""), says(HALF), says_and_resets(b"")])
async def test_a_post_that_may_have_been_processed_is_not_repeated(making: Making, first: Behaviour) -> None:
    async with serving(in_turn(first, FINE)) as server, making.client() as client:
        with contextlib.suppress(httpx.TransportError):
            assert (await client.request("POST", server.url(), json={"a": 1})).status_code >= 500
        assert len(server.requests) == 1
    assert making.rows.call["retries"] == 0


@pytest.mark.parametrize(
    "arguments",
    [{"headers": {"Idempotency-Key": "abc"}}, {"idempotent": True}],
)
async def test_a_post_that_is_idempotent_is_repeated_with_the_same_body(
    making: Making, arguments: dict[str, Any]
) -> None:
    async with serving(in_turn(answers(503), says(b""), FINE)) as server, making.client() as client:
        response = await client.request("POST", server.url(), json={"a": 1}, **arguments)
        assert [request.body for request in server.requests] == [b'{"a":1}'] * 3
    assert response.text == "fine"
    assert making.pauses.seconds == [0.5, 1.0]


async def test_a_post_is_repeated_after_429(making: Making) -> None:
    async with serving(in_turn(answers(429), FINE)) as server, making.client() as client:
        assert (await client.request("POST", server.url(), content=b"x")).status_code == 200


async def test_a_get_that_is_not_idempotent_is_not_repeated(making: Making) -> None:
    async with serving(answers(503)) as server, making.client() as client:
        await client.get(server.url(), idempotent=False)
        assert len(server.requests) == 1


async def test_a_post_is_repeated_when_nobody_took_the_connection(making: Making) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with making.client() as client:
            with pytest.raises(httpx.ConnectError):
                await client.request("POST", f"http://127.0.0.1:{closed.getsockname()[1]}/", content=b"x")
    assert making.rows.call["retries"] == 2


async def test_a_body_that_can_be_read_once_is_never_sent_twice(making: Making) -> None:
    def plain() -> Iterator[bytes]:
        yield b"once"

    async def later() -> AsyncIterator[bytes]:
        yield b"once"

    content: Any = plain() if making.synchronous else later()
    headers = {"content-length": "4"}
    async with serving(answers(503)) as server, making.client() as client:
        response = await client.request("PUT", server.url(), content=content, headers=headers)
        assert [request.body for request in server.requests] == [b"once"]
    assert response.status_code == 503
    assert making.rows.call["retries"] == 0


@pytest.mark.parametrize(
    ("asked", "pauses"), [("7", [7.0]), ("0", [0.0]), ("30", [30.0]), ("31", []), ("9" * 9, [])]
)
async def test_retry_after_is_honoured_up_to_its_limit(
    making: Making, asked: str, pauses: list[float]
) -> None:
    async with serving(in_turn(answers(503, retry_after=asked), FINE)) as server, making.client() as client:
        response = await client.get(server.url())
    assert making.pauses.seconds == pauses
    assert response.status_code == (200 if pauses else 503)


async def test_retry_after_as_a_date_is_measured_by_the_servers_own_clock(making: Making) -> None:
    dates = {"date": "Tue, 24 Nov 2026 10:00:00 GMT", "retry_after": "Tue, 24 Nov 2026 10:00:09 GMT"}
    async with serving(in_turn(answers(429, **dates), FINE)) as server, making.client() as client:
        await client.get(server.url())
    assert making.pauses.seconds == [9.0]


@pytest.mark.parametrize("asked", ["soon", "-1", "1e9", "", "Tue, 99 Nov 2026", "٣"])
async def test_retry_after_that_is_garbage_leaves_the_usual_pause(making: Making, asked: str) -> None:
    value = asked.encode().decode("latin-1")
    async with serving(in_turn(answers(503, retry_after=value), FINE)) as server, making.client() as client:
        await client.get(server.url())
    assert making.pauses.seconds == [0.5]


async def test_no_repetition_begins_after_the_deadline(making: Making) -> None:
    clock = itertools.count(0, 25).__next__
    async with serving(answers(503)) as server, making.client(clock=clock) as client:
        assert (await client.get(server.url())).status_code == 503
        assert len(server.requests) == 2
    assert making.rows.call["retries"] == 1


async def test_a_repetition_is_cut_to_what_the_deadline_leaves(making: Making) -> None:
    policy = RetryPolicy(retries=1, base=0, deadline=0.5)
    async with (
        serving(in_turn(answers(503), silent)) as server,
        making.client(retry=policy, timeout=60) as client,
    ):
        with pytest.raises(httpx.ReadTimeout):
            await asyncio.wait_for(client.get(server.url()), 5)
    assert making.rows.call["reason"] == "timeout"


async def test_a_certificate_that_nobody_trusts_is_not_tried_again(making: Making) -> None:
    context = server_context(trustme.CA(), "localhost", ends_in=timedelta(days=1))
    async with serving(FINE, tls=context) as server, making.client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url(host="localhost"))
    assert (making.rows.call["reason"], making.rows.call["retries"]) == ("tls", 0)


async def test_a_redirect_that_is_followed_is_one_call(making: Making) -> None:
    async with (
        serving(in_turn(answers(302, location="/there"), FINE)) as server,
        making.client(follow_redirects=True) as client,
    ):
        assert (await client.get(server.url("/here"))).text == "fine"
    assert (making.rows.call["endpoint"], making.rows.call["status_code"]) == ("/here", 200)


async def test_a_call_that_is_cancelled_between_two_attempts_leaves_its_row() -> None:
    rows, waiting = Rows(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with (
        serving(answers(503)) as server,
        ApiClient("shop", recorder=rows, sleep=sleep) as client,
    ):
        task = asyncio.create_task(client.get(server.url()))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (rows.call["status_code"], rows.call["reason"]) == (None, "timeout")
