"""The server: clear errors of its address, connections with limits, an end in time, discreet answers."""

import asyncio
import contextlib
import os
import re
import socket
import time
from dataclasses import replace

import pytest

from collector.receiver.address import is_loopback, parse_address
from collector.receiver.server import ListenError, listening_socket
from collector.receiver.settings import ReceiverSettings
from tests.collector.receiver.receiving import ANY_PORT, connected, exchange, receiving, until

REQUEST = b"POST /length HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc"
LAST = REQUEST.replace(b"Host", b"Connection: close\r\nHost")


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            listening_socket(ReceiverSettings(port=port))
    assert re.sub(r"\(.*?\)", "(…)", str(caught.value)) == (
        f"127.0.0.1:{port} is taken by process {os.getpid()} (…), perhaps another collector; "
        f"stop it, or listen elsewhere, as in HEALTH_LISTEN=127.0.0.1:{port + 1}"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    with pytest.raises(ListenError, match=r" is no address of this machine; set HEALTH_LISTEN to 127"):
        listening_socket(ReceiverSettings(host=host, port=8600))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8600", ("127.0.0.1", 8600)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("my-host.example:8600", ("my-host.example", 8600)),
    ],
)
def test_addresses_are_read(text: str, expected: tuple[str, int]) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8600",
        ":8600",
        "127.0.0.1",
        "::1:8600",
        "[::1]",
        "[zz]:1",
        "127.0.0.1:65536",
        "127.0.0.1:x",
        "1.2.3:80",
        "300.1.1.1:80",
        "http://127.0.0.1:8600",
        "a b:1",
        "-a:1",
        "[127.0.0.1:1",
        "x:123456",
        "127.0.0.1:8600\n",
    ],
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r'^(is|has) .*; write it like "127\.0\.0\.1:8600"$'):
        parse_address(text)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", "a.localhost"]
)
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.1", "::ffff:10.0.0.1", "example.com", "127.0.0.1.nip.io"]
)
def test_another_machine_is_none_of_this(host: str) -> None:
    assert not is_loopback(host)


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with receiving(replace(ANY_PORT, head_seconds=0.1)) as receiver:
        assert await exchange(receiver.port, b"") == b""


async def test_a_head_that_comes_drop_by_drop_is_cut_off() -> None:
    settings = replace(ANY_PORT, head_seconds=0.2)
    async with receiving(settings) as receiver, connected(receiver.port) as (reader, writer):

        async def drip() -> None:
            while not reader.at_eof() and reader.exception() is None:
                writer.write(b"X")
                await asyncio.sleep(0.02)

        await asyncio.wait_for(drip(), 10)


async def test_a_second_head_has_a_limit_too() -> None:
    settings = replace(ANY_PORT, head_seconds=0.2, keep_alive_seconds=0.1)
    async with receiving(settings) as receiver:
        answer = await exchange(receiver.port, REQUEST + b"POST /len")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"3")


async def test_requests_in_a_row_are_answered_on_one_connection() -> None:
    async with receiving() as receiver:
        answer = await exchange(receiver.port, REQUEST * 3 + LAST)
        assert answer.count(b"HTTP/1.1 200 ") == 4


async def test_a_long_request_is_not_cut_by_the_limit_of_heads() -> None:
    settings = replace(ANY_PORT, head_seconds=0.1)
    async with receiving(settings) as receiver, connected(receiver.port) as (reader, writer):
        writer.write(REQUEST[:-1])
        assert await exchange(receiver.port, b"") == b"", "a connection without a head ends meanwhile"
        writer.write(b"c")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")


async def test_more_connections_than_may_be_are_told_to_come_again() -> None:
    async with receiving(replace(ANY_PORT, connections=2)) as receiver:

        async def until_answered(word: bytes) -> bytes:
            while True:
                answer = await exchange(receiver.port, LAST)
                if word in answer:
                    return answer

        async with connected(receiver.port), connected(receiver.port):
            answer = await asyncio.wait_for(until_answered(b"HTTP/1.1 503 "), 10)
            assert b"Retry-After: 5\r\n" in answer
            assert answer.endswith(b"}")
        await asyncio.wait_for(until_answered(b"HTTP/1.1 200 "), 10)


async def test_the_end_waits_for_requests_but_not_for_ever() -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with receiving(replace(ANY_PORT, stop_seconds=0.3)) as receiver:
            _, writer = await stack.enter_async_context(connected(receiver.port))
            writer.write(REQUEST[:-1])
            await until(lambda: receiver.bodies.in_flight == 2)
            started = time.monotonic()
        assert 0.2 < time.monotonic() - started < 15
        assert receiver.bodies.requests == 0


async def test_an_idle_connection_does_not_hold_up_the_end() -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with receiving(replace(ANY_PORT, stop_seconds=60)) as receiver:
            await receiver.http.get("/healthz")
            await stack.enter_async_context(connected(receiver.port))
            started = time.monotonic()
        assert time.monotonic() - started < 30


async def test_what_is_not_there_is_said_in_json() -> None:
    async with receiving() as receiver:
        nothing = await receiver.http.get("/nothing")
        assert (nothing.status_code, nothing.json()["error"]) == (404, "not_found")
        wrong = await receiver.http.get("/ingest/api-metrics")
        assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
        other = await receiver.http.post("/fail")
        assert other.json()["message"] == "this address takes GET or HEAD and no other method"
        assert (await receiver.http.get("/ingest/api-metrics/")).status_code == 404


async def test_an_unexpected_error_is_one_line_in_the_log_and_none_of_it_in_the_answer() -> None:
    async with receiving() as receiver:
        answer = await receiver.http.get("/fail")
        assert answer.status_code == 500
        assert "hunter2" not in answer.text
        assert answer.headers["content-type"] == "application/json"
        assert receiver.events == [
            {
                "event": "request_failed",
                "area": "fail",
                "error": "RuntimeError: hunter2 broke",
                "level": "error",
            }
        ]


async def test_nothing_names_the_software() -> None:
    async with receiving() as receiver:
        answer = await receiver.http.get("/healthz")
        assert "server" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
