"""The pipes of a started program on the event loop: no threads, and every descriptor closed on time."""

import asyncio
import os
from collections.abc import Callable
from typing import IO

_CHUNK = 64 * 1024


class Inlet:
    """Hands what arrives on `pipe` to `take`, until the other side closes it or `close` is called."""

    def __init__(self, pipe: IO[bytes], take: Callable[[bytes], None]) -> None:
        self._pipe = pipe
        self._take = take
        self._loop = asyncio.get_running_loop()
        self.ended = False
        os.set_blocking(pipe.fileno(), False)
        self._loop.add_reader(pipe.fileno(), self._receive)

    def close(self) -> None:
        """Stop listening and close the pipe; a second call does nothing."""
        if not self._pipe.closed:
            self._loop.remove_reader(self._pipe.fileno())
            self._pipe.close()

    def _receive(self) -> None:
        try:
            chunk = os.read(self._pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return
        if chunk:
            self._take(chunk)
        else:
            self.ended = True
            self._loop.remove_reader(self._pipe.fileno())


async def write_all(pipe: IO[bytes], data: bytes) -> None:
    """Write all of `data` to a non-blocking pipe. Raises `BrokenPipeError` when nobody reads it any more."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(pipe.fileno(), rest) :]
        except BlockingIOError:
            await _writable(pipe)


async def _writable(pipe: IO[bytes]) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_writer(pipe.fileno(), _settle, ready)
    try:
        await ready
    finally:
        loop.remove_writer(pipe.fileno())


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
