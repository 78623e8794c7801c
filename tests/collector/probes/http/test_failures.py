"""What can go wrong between the probe and an answer, each with the reason it must have."""

import asyncio
import socket
from datetime import UTC, datetime

import psutil
import pytest

from analytics.model import Reason
from collector.probes.http import KIND
from collector.probes.http_fetch import BODY_LIMIT
from collector.probes.http_transport import probe_client
from collector.probes.runner import Runner
from collector.secrets import Redactor
from tests.collector.probes.http.ask import attempt, spec_of
from tests.collector.probes.http.server import (
    Behaviour,
    Connection,
    Request,
    listening,
    response,
    says,
    says_and_resets,
    says_and_waits,
    serving,
)
from tests.plugins.ports import free_port

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"


async def silent(connection: Connection, _request: Request) -> None:
    await connection.stay_silent()


@pytest.mark.parametrize(
    ("behave", "reason", "message"),
    [
        (says(b""), Reason.CONNECT, "the server closed the connection without an answer"),
        (
            says_and_resets(b""),
            Reason.CONNECT,
            "127.0.0.1 reset the connection before it answered",
        ),
        (
            says(HEAD + b"only this"),
            Reason.PROTOCOL,
            "the server closed the connection in the middle of its answer",
        ),
        (
            says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhal"),
            Reason.PROTOCOL,
            "the server closed the connection in the middle of its answer",
        ),
        (
            says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
            Reason.PROTOCOL,
            "the answer is not valid HTTP: illegal chunk header: bytearray(b'zz\\r\\n')",
        ),
        (
            says(b"220 mail.example ESMTP ready\r\n\r\n"),
            Reason.PROTOCOL,
            "the answer is not valid HTTP: illegal status line: bytearray(b'220 mail.example ESMTP ready')",
        ),
        (
            says(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"),
            Reason.PROTOCOL,
            "the answer is not valid HTTP: bad Content-Length",
        ),
    ],
)
async def test_a_broken_answer_has_its_reason(behave: Behaviour, reason: Reason, message: str) -> None:
    async with serving(behave) as server:
        finding = (await attempt(KIND, {"url": server.url()})).finding
    assert (finding.reason, finding.message) == (reason, message)
    assert not finding.ok
    assert finding.details["address"] == "127.0.0.1"


async def test_headers_without_end_are_bad_http() -> None:
    async def babble(connection: Connection, _request: Request) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await connection.send(b"x-more: " + b"x" * 8192 + b"\r\n")

    async with serving(babble) as server:
        finding = (await attempt(KIND, {"url": server.url()})).finding
    assert finding.reason is Reason.PROTOCOL


@pytest.mark.parametrize(
    ("behave", "during"),
    [
        (silent, "first_byte"),
        (says_and_waits(b"HTTP/1.1 200 OK\r\nx-slow"), "first_byte"),
        (says_and_waits(HEAD + b"the beginning"), "transfer"),
    ],
    ids=["never answers", "stops in the headers", "stops in the body"],
)
async def test_an_answer_that_does_not_end_is_a_timeout(behave: Behaviour, during: str) -> None:
    async with serving(behave) as server:
        found = await attempt(KIND, {"url": server.url()}, timeout=0.3)
    assert found.finding.reason is Reason.TIMEOUT
    assert found.finding.message == f"no answer within 0.3 s (during {during})"
    assert found.duration_ms == 300
    assert found.finding.details["address"] == "127.0.0.1"
    assert found.finding.details["steps_ms"][during] > 100


async def test_a_server_that_takes_no_more_connections_is_a_timeout() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(address)
            finding = (await attempt(KIND, {"url": f"http://127.0.0.1:{address[1]}"}, timeout=0.3)).finding
        finally:
            for one in waiting:
                one.close()
    assert (finding.reason, finding.message) == (
        Reason.TIMEOUT,
        "no answer within 0.3 s (during connect)",
    )


async def test_a_refused_connection() -> None:
    finding = (await attempt(KIND, {"url": f"http://127.0.0.1:{free_port()}"})).finding
    assert (finding.reason, finding.message) == (Reason.CONNECT, "127.0.0.1 refused the connection")
    assert set(finding.details["steps_ms"]) == {"connect"}


async def test_an_unreachable_address() -> None:
    finding = (await attempt(KIND, {"url": "http://255.255.255.255/"})).finding
    assert finding.reason is Reason.CONNECT
    assert finding.message.startswith("255.255.255.255 could not be reached: ")


async def test_a_name_that_cannot_be_looked_up() -> None:
    finding = (await attempt(KIND, {"url": "http://no-such-name.invalid/"})).finding
    assert finding.reason is Reason.DNS
    assert finding.message.startswith("the name no-such-name.invalid ")
    assert set(finding.details["steps_ms"]) == {"dns"}


async def test_a_cancelled_attempt_closes_its_connection() -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def watch(connection: Connection, _request: Request) -> None:
        asked.set()
        await connection.stay_silent()
        left.set()

    async with serving(watch) as server:
        task = asyncio.create_task(attempt(KIND, {"url": server.url()}))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(left.wait(), 5)


async def test_an_answer_that_comes_before_the_request_was_read_counts() -> None:
    """A server may refuse a large request early."""

    async def refuse(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(response(413))
        await connection.stay_silent()

    async with listening(refuse) as port:
        options = {"url": f"http://127.0.0.1:{port}", "method": "POST", "body": "x" * 3_000_000}
        finding = (await attempt(KIND, options)).finding
    assert (finding.reason, finding.message) == (
        Reason.HTTP_4XX,
        "answered 413 Request Entity Too Large",
    )


async def test_no_attempt_leaves_anything_open() -> None:
    async def misbehave(connection: Connection, request: Request) -> None:
        if request.path == "/reset":
            connection.reset()
        elif request.path == "/silent":
            await connection.stay_silent()
        elif request.path == "/huge":
            await connection.send(response(200, bytes(3 * BODY_LIMIT)))
        elif request.path == "/away":
            await connection.send(response(302, location="/huge"))
        else:
            await connection.send(b"no http\r\n\r\n")

    async with serving(misbehave) as server, probe_client() as client:
        runner = Runner(client, {}, Redactor(), lambda: datetime.now(UTC))
        paths = ["/reset", "/silent", "/huge", "/away", "/else"]
        specs = [spec_of(KIND, {"url": server.url(path)}, timeout=0.1) for path in paths]
        process, open_files = psutil.Process(), []
        for _ in range(5):
            await asyncio.gather(*(runner.run_attempt(spec, 1) for spec in specs * 4))
            while len(asyncio.all_tasks()) > 1:
                await asyncio.sleep(0)
            open_files.append(process.num_fds())
        async with asyncio.timeout(10):
            while process.num_fds() > max(open_files[:2]):
                await asyncio.sleep(0.01)
