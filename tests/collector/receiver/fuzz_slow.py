"""Senders that are too slow, for good: the receiver must cut each off, and serve others all the while."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass

from tests.collector.receiver.fuzz_shots import BEARER, get, head

#: The receiver's own limits are 10 s for a head and 30 s for a body or for an answer nobody reads.
DEADLINE_SECONDS = 55.0
_PAUSE_SECONDS = 0.5
_POST = head("POST", "/ingest/api-metrics", [("Authorization", BEARER), ("Content-Length", "100000")])
_GZIP = _POST.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
_DELIVERY = head("POST", "/webhooks/shopify", [("Content-Length", "100000")])


@dataclass(frozen=True)
class Slow:
    """Sends `begin` and then one byte of `trickle` after the other; one that is `deaf` reads nothing."""

    what: str
    begin: bytes
    trickle: bytes
    deaf: bool = False


SLOW = (
    *[Slow("says nothing", b"", b"")] * 20,
    *[Slow("a slow head", b"GET /healthz HTTP/1.1\r\nX: ", b"x")] * 40,
    *[Slow("a slow body", _POST, b" ")] * 40,
    *[Slow("no body", _POST, b"")] * 10,
    *[Slow("a slow gzip body", _GZIP, b"\x1f\x8b\x08\0\0\0\0\0\0\0")] * 10,
    *[Slow("a slow delivery", _DELIVERY, b"x")] * 10,
    Slow("reads no answer", get("/metrics") * 3000, b"G", deaf=True),
)


async def cut_off(slow: Slow, port: int) -> None:
    """Return when the receiver has refused the request or closed the connection.

    Raises `TimeoutError` when it does neither.
    """
    async with asyncio.timeout(DEADLINE_SECONDS):
        sock = socket.socket()
        sock.setblocking(False)
        if slow.deaf:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
    trickling = asyncio.create_task(_trickle(writer, slow))
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await (trickling if slow.deaf else _refused(reader))
    finally:
        trickling.cancel()
        writer.transport.abort()
        await asyncio.gather(trickling, return_exceptions=True)


async def _refused(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        said = await reader.read(100)
        assert said[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 408"), said


async def _trickle(writer: asyncio.StreamWriter, slow: Slow) -> None:
    writer.write(slow.begin)
    at = 0
    while not writer.transport.is_closing():
        await asyncio.sleep(_PAUSE_SECONDS)
        if slow.trickle:
            writer.write(slow.trickle[at : at + 1])
            at = (at + 1) % len(slow.trickle)
