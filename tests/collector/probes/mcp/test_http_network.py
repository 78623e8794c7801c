"""Servers that do not answer, and networks that do not reach them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from analytics.model import Reason
from tests.collector.probes.mcp.checking import Checker
from tests.plugins.ports import free_port
from tests.servers.http_loopback import ScriptedMcp, hang, responding, serve


@pytest.mark.parametrize(
    ("era", "method", "step"),
    [
        ("modern", "server/discover", "discover"),
        ("modern", "tools/list", "tools/list"),
        ("legacy", "tools/list", "tools/list"),
    ],
)
async def test_a_server_that_hangs(
    mcp: Checker, era: Literal["modern", "legacy"], method: str, step: str
) -> None:
    server = ScriptedMcp(era=era, session_id="s", responses={method: hang})
    with serve(server.app) as address:
        attempt = await mcp.check(url=f"{address}/mcp", era=era, timeout=0.5)
    assert attempt.finding.reason is Reason.TIMEOUT
    assert attempt.finding.message == f"no answer within 0.5 s (during {step})"
    assert attempt.duration_ms == 500
    assert "DELETE" not in server.seen


async def test_a_stream_that_ends_without_an_answer(mcp: Checker) -> None:
    async def nothing(_: Request) -> Response:
        return StreamingResponse(iter([b": hello\n\n"]), media_type="text/event-stream")

    with serve(responding(nothing)) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.reason is Reason.CONNECT
    assert finding.message == "the server closed the connection without an answer to initialize"


async def test_nobody_listens(mcp: Checker) -> None:
    finding = (await mcp.check(url=f"http://127.0.0.1:{free_port()}/mcp")).finding
    assert (finding.reason, finding.message) == (
        Reason.CONNECT,
        "127.0.0.1 refused the connection",
    )


async def test_a_name_that_does_not_exist(mcp: Checker) -> None:
    finding = (await mcp.check(url="http://no-such-host.invalid/mcp")).finding
    assert finding.reason is Reason.DNS
    assert finding.message == "the name no-such-host.invalid does not exist"


@contextmanager
def raw(answer: bytes) -> Iterator[str]:
    """A server that writes `answer` to whoever connects, and closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked = b""
                while b'"method"' not in asked:
                    asked += connection.recv(65536)
                connection.sendall(answer)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (b"", Reason.CONNECT, "the server closed the connection without an answer"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{",
            Reason.PROTOCOL,
            "the server closed the connection in the middle of its answer",
        ),
        (b"220 mail.example ESMTP ready\r\n\r\n", Reason.PROTOCOL, "the answer is not valid HTTP: "),
    ],
    ids=["closes", "closes in the middle", "speaks SMTP"],
)
async def test_a_broken_connection(mcp: Checker, answer: bytes, reason: Reason, message: str) -> None:
    with raw(answer) as address:
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.reason is reason
    assert finding.message.startswith(message)


async def test_a_secret_with_a_line_break_is_a_fault_of_the_configuration(mcp: Checker) -> None:
    mcp.environment["BROKEN"] = "secret-with-break\n"
    finding = (
        await mcp.check(url="http://127.0.0.1:1/mcp", headers={"Authorization": "Bearer ${BROKEN}"})
    ).finding
    assert finding.reason is Reason.BAD_CONFIGURATION
    assert finding.message == (
        "headers Authorization must be one line of plain ASCII; is there a line break at its end?"
    )
