"""HTTP/1.1 as bytes: sends what no client would send, and reads what comes back."""

import asyncio
import contextlib
import json
from dataclasses import dataclass

from tests.collector.receiver.fuzz_shots import Shot

#: Until an answer or the end of the connection. What the receiver waits for itself is shorter or is sent.
DEADLINE_SECONDS = 20.0
_LONGEST_HEAD = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its head in lower case, its body."""

    status: int
    head: bytes
    body: bytes

    @property
    def closes(self) -> bool:
        return b"\r\nconnection: close" in self.head

    def json(self) -> object:
        return json.loads(self.body)


class Closed(Exception):
    """The other side closed the connection before a whole answer came."""


class Connection:
    """A connection to the receiver; opened when it is needed, and again when it was closed.

    After `patience` seconds a receiver that gives neither an answer nor the end hangs.
    """

    def __init__(self, port: int, patience: float = DEADLINE_SECONDS) -> None:
        self._port = port
        self._patience = patience
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def fire(self, shot: Shot) -> list[Answer]:
        """The answers to `shot`, fewer than it asks for when the receiver closes.

        Raises `TimeoutError` when neither an answer nor the end comes in time.
        """
        if shot.alone:
            await self.close()
        async with asyncio.timeout(self._patience):
            reader, writer = await self._opened()
            sending = asyncio.create_task(_send(writer, shot.parts))
            answers: list[Answer] = []
            with contextlib.suppress(Closed):
                while len(answers) < shot.answers:
                    answers += [await read_answer(reader, shot.is_head)]
            if not shot.answers:
                await sending
            sending.cancel()
            unsent = (await asyncio.gather(sending, return_exceptions=True))[0] is not None
        ended = len(answers) < shot.answers or any(answer.closes for answer in answers)
        if shot.alone or ended or unsent or not shot.answers:
            await self.close()
        return answers

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None or self._reader.at_eof():
            await self.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self._reader, self._writer


async def _send(writer: asyncio.StreamWriter, parts: tuple[bytes, ...]) -> None:
    # The receiver may answer and close before all is sent.
    for part in parts:
        with contextlib.suppress(OSError):
            writer.write(part)
            await writer.drain()
        if len(parts) > 1:
            await asyncio.sleep(0)


async def read_answer(reader: asyncio.StreamReader, is_head: bool = False) -> Answer:
    """The next final answer. Raises `Closed`, or AssertionError when it is not HTTP as we know it."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 "), head[:100]
            assert len(head) < _LONGEST_HEAD
            status = int(head[9:12])
            if status >= 200:
                break
        body = b"" if is_head or status in (204, 304) else await _body(reader, head)
    except (asyncio.IncompleteReadError, OSError):
        raise Closed from None
    return Answer(status, head, body)


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return await reader.readexactly(int(value))
        if name == b"transfer-encoding":
            return await _chunks(reader)
    return await reader.read()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body
