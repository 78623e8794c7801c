"""Genuine deliveries passed on to a real upstream, and what its answers become."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from collector.receiver.settings import ReceiverSettings
from tests.collector.receiver.webhooks import NOBODY, receiving, source, upstream
from tests.collector.webhooks.signing import OTHERS, SCHEMES, signed


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_the_upstream_gets_the_same_bytes_and_headers(scheme: str) -> None:
    with upstream() as program:
        async with receiving(source(scheme, upstream=program.url)) as running:
            delivery = signed(scheme)
            answer = await running.deliver(
                delivery, **{"X-Other": "kept", "Content-Type": "application/json"}
            )
            row = running.only
    assert (answer.status_code, answer.json()) == (200, {"taken": True})
    assert program.bodies == [delivery.body]
    (request,) = program.requests
    for name, value in delivery.headers.items():
        assert request.headers[name] == value
    assert request.headers["x-other"] == "kept"
    assert request.headers["content-type"] == "application/json"
    assert (request.url.path, request.url.query) == ("/hooks", "tenant=3")
    assert (row["verified"], row["processed"], row["reason"], row["error_message"]) == (
        True,
        True,
        None,
        None,
    )


async def test_headers_of_the_connection_stay_and_the_way_is_told() -> None:
    with upstream() as program:
        async with receiving(source(upstream=program.url)) as running:
            await running.deliver(
                signed("shopify"),
                **{
                    "Host": "hooks.example.com",
                    "Connection": "X-Secret-Hop, keep-alive",
                    "X-Secret-Hop": "1",
                    "Proxy-Authorization": "Basic x",
                    "TE": "trailers",
                    "X-Forwarded-For": "203.0.113.7",
                    "X-Forwarded-Proto": "https",
                    "User-Agent": "Shopify-Captain-Hook",
                },
            )
    headers = program.requests[0].headers
    assert not {"x-secret-hop", "proxy-authorization", "te", "transfer-encoding"} & set(headers)
    assert headers["host"].startswith("127.0.0.1:")
    assert headers["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-host"]) == ("https", "hooks.example.com")
    assert headers["user-agent"] == "Shopify-Captain-Hook"
    assert headers.getlist("content-length") == [str(len(signed("shopify").body))]


async def test_the_cookies_of_one_answer_do_not_reach_the_next_delivery() -> None:
    with upstream() as program:
        program.answer = lambda _: JSONResponse({}, headers={"Set-Cookie": "session=1"})
        async with receiving(source(upstream=program.url)) as running:
            for number in "12":
                answer = await running.deliver(signed("shopify", delivery_id=number))
                assert "set-cookie" not in answer.headers
    assert [request.headers.get("cookie") for request in program.requests] == [None, None]


async def test_a_forged_delivery_is_not_passed_on() -> None:
    with upstream() as program:
        async with receiving(source(upstream=program.url)) as running:
            answer = await running.deliver(signed("shopify", secret=OTHERS["shopify"]))
            assert (answer.status_code, running.only["processed"]) == (401, None)
    assert program.requests == []


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422, 429, 500, 503])
async def test_a_refusal_of_the_upstream_reaches_the_sender(status: int) -> None:
    with upstream() as program:
        program.answer = lambda _: PlainTextResponse("no", status, headers={"Retry-After": "7"})
        async with receiving(source(upstream=program.url)) as running:
            answer = await running.deliver(signed("shopify"))
            row = running.only
    assert (answer.status_code, answer.text, answer.headers["retry-after"]) == (status, "no", "7")
    assert (row["verified"], row["processed"], row["reason"]) == (True, False, "processing_failed")
    assert row["error_message"] == f"the upstream answered {status}"


async def test_an_empty_answer_stays_empty() -> None:
    with upstream() as program:
        program.answer = lambda _: Response(status_code=204)
        async with receiving(source(upstream=program.url)) as running:
            answer = await running.deliver(signed("shopify"))
            assert (answer.status_code, answer.content, running.only["processed"]) == (204, b"", True)


@pytest.mark.parametrize("status", [301, 302, 307, 304])
async def test_a_redirect_is_not_followed(status: int) -> None:
    with upstream() as program:
        program.answer = lambda _: Response(status_code=status, headers={"Location": program.url})
        async with receiving(source(upstream=program.url)) as running:
            answer = await running.deliver(signed("shopify"))
            assert (answer.status_code, answer.json()["error"]) == (502, "processing_failed")
            assert running.only["error_message"].startswith(f"the upstream redirects ({status})")
        assert len(program.requests) == 1


async def test_an_upstream_that_is_not_there_is_answered_502() -> None:
    async with receiving(source(upstream=f"{NOBODY}?key=s3cret")) as running:
        answer = await running.deliver(signed("shopify"))
        row = running.only
    assert (answer.status_code, answer.json()["error"]) == (502, "upstream_unreachable")
    assert (row["processed"], row["reason"]) == (False, "upstream_unreachable")
    assert "s3cret" not in str(row) + answer.text


@contextlib.asynccontextmanager
async def speaking(answer: bytes) -> AsyncIterator[str]:
    """A server that reads a little, writes `answer` and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1", b"220 mail ready\r\n", b"HTTP/1.1 200 OK\r\nA\x00: b\r\n\r\n"]
)
async def test_an_upstream_that_speaks_nonsense_is_answered_502(answer: bytes) -> None:
    async with speaking(answer) as url, receiving(source(upstream=url)) as running:
        response = await running.deliver(signed("shopify"))
        assert (response.status_code, running.only["reason"]) == (502, "upstream_unreachable")


async def test_a_status_counts_even_if_its_body_breaks_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    async with speaking(head) as url, receiving(source(upstream=url)) as running:
        answer = await running.deliver(signed("shopify"))
        assert (answer.status_code, answer.json(), running.only["processed"]) == (200, {"ok": True}, True)


async def test_a_long_answer_is_not_passed_on_and_not_kept() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 10_000
            yield b"x" * 10_000
            await asyncio.sleep(0)

    with upstream() as program:
        program.answer = lambda _: StreamingResponse(endless(), media_type="text/html")
        async with receiving(source(upstream=program.url)) as running:
            answer = await running.deliver(signed("shopify"))
            assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert sent < 50_000_000


async def wait_until_let(event: "asyncio.Event") -> Response:
    while not event.is_set():
        await asyncio.sleep(0.005)
    return JSONResponse({"taken": True})


async def test_a_slow_upstream_is_answered_504_in_time() -> None:
    let = asyncio.Event()
    with upstream() as program:
        program.answer = lambda _: wait_until_let(let)
        async with receiving(source(upstream=program.url, answer_within=0.3)) as running:
            started = asyncio.get_running_loop().time()
            answer = await running.deliver(signed("shopify"))
            took = asyncio.get_running_loop().time() - started
            while not running.rows:
                await asyncio.sleep(0.01)
            row = running.only
            let.set()
    assert (answer.status_code, answer.json()["error"]) == (504, "upstream_timeout")
    assert 0.25 < took < 4
    assert (row["verified"], row["processed"], row["reason"]) == (True, False, "upstream_timeout")


async def test_what_a_slow_upstream_finishes_late_is_not_processed_again() -> None:
    let = asyncio.Event()
    with upstream() as program:
        program.answer = lambda _: wait_until_let(let)
        async with receiving(source(upstream=program.url, answer_within=0.3)) as running:
            assert (await running.deliver(signed("shopify"))).status_code == 504
            again = await running.deliver(signed("shopify"))
            assert (again.status_code, again.json()["error"]) == (409, "upstream_timeout")
            let.set()
            while (again := await running.deliver(signed("shopify"))).status_code != 200:
                assert again.status_code == 409
            assert (await running.deliver(signed("shopify"))).json() == {"ok": True, "repeated": True}
        assert len(program.requests) == 1
    assert running.rows[-1]["reason"] == "repeated"
    assert running.rows[-1]["processed"] is True


async def test_a_receiver_that_stops_meanwhile_leaves_a_row() -> None:
    let = asyncio.Event()
    with upstream() as program:
        program.answer = lambda _: wait_until_let(let)
        settings = ReceiverSettings(port=0, stop_seconds=0.05)
        async with receiving(source(upstream=program.url), settings=settings) as running:
            waiting = asyncio.create_task(running.deliver(signed("shopify")))
            while not program.requests:
                await asyncio.sleep(0.01)
        assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], Exception)
        let.set()
    row: Any = running.only
    assert row["error_message"] == "the receiver stopped before the upstream answered"


async def test_many_deliveries_at_once_wait_for_their_turn_and_none_is_lost() -> None:
    most = now = 0

    async def answer(_: Request) -> Response:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return JSONResponse({})

    with upstream() as program:
        program.answer = answer
        async with receiving(source("standard", upstream=program.url)) as running:
            deliveries = [signed("standard", delivery_id=f"msg_{number}") for number in range(100)]
            answers = await asyncio.gather(*map(running.deliver, deliveries))
    assert {answer.status_code for answer in answers} == {200}
    assert len(program.requests) == 100
    assert most <= 32
    assert {row["webhook_id"] for row in running.rows} == {f"msg_{number}" for number in range(100)}


async def test_a_slow_upstream_and_no_database_together_delay_nothing() -> None:
    let = asyncio.Event()
    with upstream() as program:
        program.answer = lambda _: wait_until_let(let)
        async with receiving(source(upstream=program.url, answer_within=0.3), writes=False) as running:
            started = asyncio.get_running_loop().time()
            assert (await running.deliver(signed("shopify"))).status_code == 504
            assert asyncio.get_running_loop().time() - started < 4
            assert running.intake.waiting_rows == 1
            let.set()
