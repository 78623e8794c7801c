"""Bodies of every bad kind against a running receiver: over the limit, slow, half, packed, unknown."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.collector.receiver.receiving import ANY_PORT, connected, exchange, receiving, until

SMALL = replace(ANY_PORT, body_limit=10_000, in_flight_limit=15_000, body_seconds=0.2)
HEAD = "POST /length HTTP/1.1\r\nHost: 127.0.0.1\r\n"
#: Without the time of day, so that tests with parts of it have the same name in every process.
WHOLE = gzip.compress(b"whole", mtime=0)


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_chunked_body_is_read_to_its_end() -> None:
    async with receiving() as receiver:
        answer = await receiver.http.post("/length", content=pieces(b"one", b"two", b"three"))
        assert answer.text == "11"
        assert receiver.seen == [b"onetwothree"]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
async def test_a_gzip_body_is_unpacked(coding: str) -> None:
    text = b"one line\n" * 50_000
    async with receiving() as receiver:
        headers = {"Content-Encoding": coding}
        packed = gzip.compress(text)
        assert (await receiver.http.post("/length", content=packed, headers=headers)).text == str(len(text))
        halves = pieces(packed[:7], packed[7:-3], packed[-3:])
        assert (await receiver.http.post("/length", content=halves, headers=headers)).text == str(len(text))
        assert receiver.seen == [text, text]


async def test_gzip_of_several_members_is_one_body() -> None:
    packed = b"".join(gzip.compress(part) for part in (b"one", b"", b"two")) + b"\0" * 100
    async with receiving() as receiver:
        for content in (packed, pieces(*(packed[at : at + 1] for at in range(len(packed))))):
            await receiver.http.post("/length", content=content, headers={"Content-Encoding": "gzip"})
        assert receiver.seen == [b"onetwo", b"onetwo"]


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (b"not gzip at all", "the body is no gzip, or damaged"),
        (zlib.compress(b"deflate"), "the body is no gzip, or damaged"),
        (WHOLE[:-1], "the gzip body ends too early"),
        (WHOLE + b"rest", "the body is no gzip, or damaged"),
        (WHOLE[:-5] + b"xxxxx", "the body is no gzip, or damaged"),
        (gzip.compress(b"") * 10_001, "the gzip body has too many members"),
    ],
)
async def test_damaged_gzip_is_a_fault_of_the_sender(packed: bytes, message: str) -> None:
    async with receiving() as receiver:
        answer = await receiver.http.post("/length", content=packed, headers={"Content-Encoding": "gzip"})
        assert (answer.status_code, answer.json()["message"]) == (400, message)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd", "nonsense"])
async def test_another_coding_is_not_taken_and_those_that_are_are_named(coding: str) -> None:
    async with receiving() as receiver:
        answer = await receiver.http.post("/length", content=b"x", headers={"Content-Encoding": coding})
        assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "gzip, identity")


async def test_a_bomb_costs_no_memory() -> None:
    async with receiving() as receiver:
        bomb = gzip.compress(b"\0" * 200_000_000, 1)
        tracemalloc.start()
        answer = await receiver.http.post("/length", content=bomb, headers={"Content-Encoding": "gzip"})
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert answer.status_code == 413
        assert peak < 30_000_000, "no more than the limit"
        assert receiver.bodies.in_flight == 0


async def test_a_body_that_says_it_is_too_long_is_refused_before_it_is_sent() -> None:
    async with receiving(SMALL) as receiver:
        head = f"{HEAD}Content-Length: 10001\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        answer = await exchange(receiver.port, head.encode())
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"100 Continue" not in answer


async def test_a_chunked_body_is_refused_once_it_is_too_long() -> None:
    async with receiving(SMALL) as receiver:
        answer = await receiver.http.post("/length", content=pieces(b"x" * 9000, b"x" * 1001))
        assert answer.status_code == 413
        assert answer.json()["message"] == "the body is longer than 10000 bytes; send it in several requests"
        assert (await receiver.http.post("/length", content=pieces(b"x" * 10_000))).text == "10000"


async def test_a_body_that_does_not_come_to_its_end_is_given_up() -> None:
    async with receiving(SMALL) as receiver:
        answer = await exchange(
            receiver.port, f"{HEAD}Content-Length: 10\r\nConnection: close\r\n\r\nabc".encode()
        )
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"the body was not complete after 0.2 s" in answer
        assert receiver.bodies.in_flight == 0


async def test_a_sender_that_goes_away_in_the_middle_leaves_nothing_behind() -> None:
    async with receiving() as receiver:
        async with connected(receiver.port) as (_, writer):
            writer.write(f"{HEAD}Content-Length: 100\r\n\r\nhalf".encode())
            await until(lambda: receiver.bodies.in_flight == 4)
        await until(lambda: receiver.bodies.requests == 0)
        assert (receiver.bodies.in_flight, receiver.events, receiver.seen) == (0, [], [])


async def test_all_bodies_together_have_a_limit_too() -> None:
    settings = replace(SMALL, body_seconds=20)
    async with receiving(settings) as receiver, connected(receiver.port) as (_, writer):
        writer.write(f"{HEAD}Content-Length: 9001\r\n\r\n{'x' * 9000}".encode())
        await until(lambda: receiver.bodies.in_flight == 9000)
        for content in (b"x" * 9000, pieces(b"x" * 9000)):
            answer = await receiver.http.post("/length", content=content)
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert (await receiver.http.post("/length", content=b"x" * 5000)).text == "5000"
        writer.write(b"x")
        await until(lambda: receiver.bodies.in_flight == 0)
        assert (await receiver.http.post("/length", content=b"x" * 9000)).text == "9000"


@pytest.mark.parametrize(
    "request_",
    [
        f"{HEAD}Content-Length: ten\r\n\r\n",
        f"{HEAD}Content-Length: -1\r\n\r\n",
        f"{HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        f"{HEAD}Transfer-Encoding: gzip\r\n\r\n",
        "POST /length HTTP/1.1\r\n\r\n",
        "nonsense\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        f"GET /{'a' * 1_000_000} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"{HEAD}X: {'a' * 1_000_000}\r\n\r\n",
    ],
)
async def test_what_is_no_http_ends_quietly(request_: str) -> None:
    async with receiving() as receiver:
        answer = await exchange(receiver.port, request_.encode("latin-1"), end=True)
        assert answer == b"" or answer.split(b" ")[1] in (b"400", b"501")
        assert (await receiver.http.post("/length", content=b"x")).text == "1"
        assert receiver.events == []
