"""Every logical call leaves one row, whatever the server does."""

import asyncio
import contextlib
import logging
import socket
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from analytics.model import Reason
from collector.client import ApiClient, RetryPolicy
from tests.collector.client.faces import NEVER, Making, Rows, in_turn
from tests.collector.probes.http.server import (
    Behaviour,
    Connection,
    Request,
    answers,
    listening,
    says,
    says_and_resets,
    says_and_waits,
    serving,
)

HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"


async def silent(connection: Connection, _request: Request) -> None:
    await connection.stay_silent()


async def test_an_answer_is_one_row(making: Making) -> None:
    before = datetime.now(UTC)
    async with serving(answers(200, "fine")) as server, making.client(origin="shop-sync") as client:
        response = await client.get(server.url("/orders/4242.json?token=geheim"))
    assert response.text == "fine"
    row = making.rows.call
    assert before <= row["timestamp"] <= datetime.now(UTC)
    assert {name: row[name] for name in row if name not in ("timestamp", "response_time_ms")} == {
        "api_name": "shop",
        "endpoint": "/orders/{id}.json",
        "method": "GET",
        "status_code": 200,
        "error_message": None,
        "retries": 0,
        "reason": None,
        "origin": "shop-sync",
    }
    assert isinstance(row["response_time_ms"], int)
    assert 0 <= row["response_time_ms"] < 5000


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (304, None),
        (301, None),
        (401, "auth"),
        (403, "auth"),
        (404, "http_4xx"),
        (429, "rate_limited"),
        (500, "http_5xx"),
    ],
)
async def test_a_status_becomes_a_reason_and_no_exception(
    making: Making, status: int, reason: str | None
) -> None:
    async with serving(answers(status)) as server, making.client(retry=NEVER) as client:
        assert (await client.get(server.url())).status_code == status
    assert making.rows.call["status_code"] == status
    assert making.rows.call["reason"] == reason
    assert (making.rows.call["error_message"] is None) == (reason is None)


@pytest.mark.parametrize(
    ("behave", "error", "reason"),
    [
        (silent, httpx.ReadTimeout, "timeout"),
        (says(b""), httpx.RemoteProtocolError, "connect"),
        (says(b"this is not HTTP\r\n\r\n"), httpx.RemoteProtocolError, "protocol"),
        (says(HALF), httpx.RemoteProtocolError, "protocol"),
        (says_and_waits(HALF), httpx.ReadTimeout, "timeout"),
        (says_and_resets(HALF), httpx.ReadError, "connect"),
        (says_and_resets(b""), httpx.ReadError, "connect"),
        (answers(200, b"not gzip", content_encoding="gzip"), httpx.DecodingError, "protocol"),
    ],
)
async def test_what_a_server_does_wrong_is_raised_unchanged_and_leaves_a_row(
    making: Making, behave: Behaviour, error: type[Exception], reason: str
) -> None:
    async with serving(behave) as server, making.client(timeout=0.3, retry=NEVER) as client:
        with pytest.raises(error):
            await client.get(server.url("/x?key=geheim"))
    row = making.rows.call
    assert (row["status_code"], row["reason"], row["retries"]) == (None, reason, 0)
    assert row["error_message"].startswith(error.__name__)
    assert "geheim" not in row["error_message"]
    assert Reason(row["reason"])


async def test_a_status_that_http_does_not_know_is_none(making: Making) -> None:
    async with serving(answers(999)) as server, making.client() as client:
        assert (await client.get(server.url())).status_code == 999
    row = making.rows.call
    assert (row["status_code"], row["reason"], row["error_message"]) == (None, "protocol", "answered 999")


async def test_a_refused_connection_is_a_row(making: Making) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/x"
        async with making.client(retry=NEVER) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(url)
    assert making.rows.call["reason"] == "connect"


async def test_a_name_that_does_not_exist_is_dns(making: Making) -> None:
    async with making.client(retry=NEVER) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://does-not-exist.invalid/x")
    assert making.rows.call["reason"] == "dns"


async def test_no_tls_where_tls_should_be_is_tls(making: Making) -> None:
    async def talk(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with listening(talk) as port, making.client(retry=NEVER) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"https://127.0.0.1:{port}/x")
    assert making.rows.call["reason"] == "tls"


class Failing(httpx.AsyncBaseTransport, httpx.BaseTransport):
    def __init__(self, error: BaseException) -> None:
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self._error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), "connect"),
        (socket.gaierror(-2, "Name or service not known"), "dns"),
        (TimeoutError("too slow"), "timeout"),
        (ZeroDivisionError("a bug of a transport"), "protocol"),
        (KeyError("token=geheim"), "protocol"),
    ],
)
async def test_any_exception_of_a_transport_leaves_a_row_and_is_the_same_object(
    making: Making, error: Exception, reason: str
) -> None:
    async with making.client(retry=NEVER, transport=Failing(error)) as client:
        with pytest.raises(type(error)) as caught:
            await client.get("http://shop.test/x")
    assert caught.value is error
    assert making.rows.call["reason"] == reason
    assert "geheim" not in making.rows.call["error_message"]


async def test_a_cancelled_call_leaves_a_row() -> None:
    rows = Rows()
    async with serving(silent) as server, ApiClient("shop", recorder=rows) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get(server.url("/x"))
    assert (rows.call["status_code"], rows.call["reason"]) == (None, "timeout")
    assert rows.call["error_message"] == f"the program gave up after {rows.call['response_time_ms']} ms"


async def test_a_recorder_that_raises_harms_nobody(making: Making, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def record_call(self, row: Any) -> None:
            raise RuntimeError("geheim")

        record_circuit_event = record_call

    caplog.set_level(logging.DEBUG, "collector.client")
    async with serving(answers(200)) as server, making.client(recorder=Broken()) as client:
        assert (await client.get(server.url())).status_code == 200
    assert "geheim" not in caplog.text


async def test_a_hook_that_raises_for_the_status_keeps_the_status(making: Making) -> None:
    async def raise_later(response: httpx.Response) -> None:
        response.raise_for_status()

    hook = httpx.Response.raise_for_status if making.synchronous else raise_later
    async with (
        serving(in_turn(answers(503), answers(404))) as server,
        making.client(event_hooks={"response": [hook]}) as client,
    ):
        with pytest.raises(httpx.HTTPStatusError):
            await client.get(server.url("/x?key=geheim"))
    row = making.rows.call
    assert (row["status_code"], row["reason"], row["retries"]) == (404, "http_4xx", 1)
    assert row["error_message"] == "answered 404 Not Found"


async def test_calls_at_once_leave_a_row_each(making: Making) -> None:
    async with serving(answers(200)) as server, making.client(retry=RetryPolicy(0)) as client:
        await asyncio.gather(*(client.get(server.url(f"/orders/{number}")) for number in range(1000, 1030)))
    assert [row["endpoint"] for row in making.rows.calls] == ["/orders/{id}"] * 30


async def test_a_wrong_argument_is_no_call_of_the_api(making: Making) -> None:
    async with making.client() as client:
        for arguments in ({"path": {"b": 1}}, {"path": {}}, {"timeout": None}, {"json": object()}):
            with contextlib.suppress(ValueError, TypeError):
                await client.get("http://shop.test/{a}", **arguments)
                pytest.fail(f"{arguments} went through")
    assert making.rows.calls == []
