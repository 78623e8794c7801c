"""A streamed 429: what its body says is known before the caller reads it, who misses nothing of it."""

import gzip
import json

import httpx
import pytest

from collector.client import ApiClient
from collector.client.beginnings import MAX_BYTES
from tests.collector.client.faces import Making, Speaking, in_thread, in_turn
from tests.collector.probes.http.server import answers, says, says_and_resets, serving

USED_UP = json.dumps({"error": {"code": "insufficient_quota", "message": "pay"}}).encode()


async def read(client: Speaking, url: str) -> tuple[int, bytes]:
    real = client.client
    if isinstance(real, ApiClient):
        async with real.stream("POST", url, content=b"x") as response:
            body = await response.aread()
        assert response.is_closed
        return response.status_code, body

    def plain() -> tuple[int, bytes]:
        with real.stream("POST", url, content=b"x") as response:
            body = response.read()
        assert response.is_closed
        return response.status_code, body

    found: tuple[int, bytes] = await in_thread(plain)
    return found


def refusal(body: bytes, *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 429 Too Many", b"connection: close", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join([*head, b"", body])


@pytest.mark.parametrize(
    "answer", [refusal(USED_UP), refusal(gzip.compress(USED_UP), b"content-encoding: gzip")]
)
async def test_a_quota_that_is_used_up_is_recognised_and_read_by_the_caller(
    making: Making, answer: bytes
) -> None:
    async with serving(says(answer)) as server, making.client() as client:
        assert await read(client, server.url()) == (429, USED_UP)
        assert len(server.requests) == 1
    assert (making.rows.call["reason"], making.rows.call["status_code"]) == ("quota_exhausted", 429)


async def test_another_429_is_repeated(making: Making) -> None:
    behave = in_turn(answers(429, b'{"error": {"code": "slow down"}}'), answers(200, b"fine"))
    async with serving(behave) as server, making.client() as client:
        assert await read(client, server.url()) == (200, b"fine")
    assert making.rows.call["retries"] == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (USED_UP + b" " * (3 * MAX_BYTES), ()),
        (gzip.compress(USED_UP + b" " * MAX_BYTES), (b"content-encoding: gzip",)),
    ],
)
async def test_a_longer_body_says_nothing_and_is_read_whole_by_the_caller(
    making: Making, body: bytes, headers: tuple[bytes, ...]
) -> None:
    async with serving(says(refusal(body, *headers))) as server, making.client() as client:
        status, content = await read(client, server.url())
        assert len(server.requests) == 3
    assert (status, content.rstrip()) == (429, USED_UP)
    assert len(content) >= MAX_BYTES
    assert making.rows.call["reason"] == "rate_limited"


async def test_a_body_that_is_not_what_its_header_says_is_the_callers_to_find_out(making: Making) -> None:
    answer = refusal(b"no gzip", b"content-encoding: gzip")
    async with serving(says(answer)) as server, making.client() as client:
        with pytest.raises(httpx.DecodingError):
            await read(client, server.url())
        assert len(server.requests) == 3


async def test_a_429_that_breaks_off_is_no_answer(making: Making) -> None:
    half = b"HTTP/1.1 429 No\r\ncontent-length: 100\r\n\r\n{"
    async with serving(says_and_resets(half)) as server, making.client() as client:
        with pytest.raises(httpx.TransportError) as caught:
            await read(client, server.url())
        assert str(caught.value.request.url) == server.url()
        assert len(server.requests) == 1
    assert (making.rows.call["status_code"], making.rows.call["reason"]) == (None, "connect")
