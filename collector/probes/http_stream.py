"""One TCP connection, with or without TLS, in the form httpcore reads from and writes to."""

import asyncio
import ssl
from typing import Any, cast

import httpcore

#: A server that sends faster than we read is held back at this many bytes.
_BUFFER_BYTES = 256 * 1024
#: Seconds the other side has to answer the end of a TLS connection.
_TLS_GOODBYE_SECONDS = 1.0


class _Inbox(asyncio.Protocol):
    """Collects what arrives and wakes the one reader."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._data = bytearray()
        self._error: Exception | None = None
        self._ended = False
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one, but no subclass

    def data_received(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > _BUFFER_BYTES and not self._paused and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._wake()

    async def read(self, max_bytes: int) -> bytes:
        """What has arrived, at most `max_bytes`; empty at the end. Raises what broke the connection."""
        while not self._data and not self._ended:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if not self._data and self._error is not None:
            raise self._error
        data = bytes(self._data[:max_bytes])
        del self._data[:max_bytes]
        if self._paused and not self._ended and self.transport is not None:
            self._paused = False
            self.transport.resume_reading()
        return data

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class TcpStream(httpcore.AsyncNetworkStream):
    """A connection. The timeouts httpcore passes are ignored: an attempt has one deadline, the runner's.

    Failures are the operating system's own (`OSError`, and `ssl.SSLError`, which is one).
    """

    def __init__(self, inbox: _Inbox, transport: asyncio.Transport, address: str) -> None:
        self._inbox = inbox
        self._transport = transport
        self.address = address

    @classmethod
    async def connect(cls, address: str, port: int) -> "TcpStream":
        """Connect to an IP address. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        transport, inbox = await loop.create_connection(_Inbox, address, port)
        return cls(inbox, transport, address)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return await self._inbox.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        # A request is small and is buffered whole. A connection that broke shows when it is read from, so
        # an answer that came before the break is not lost.
        if not self._transport.is_closing():
            self._transport.write(buffer)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> "TcpStream":
        """Begin TLS on this connection. Raises `ssl.SSLError` or `OSError`, and the connection is closed."""
        loop = asyncio.get_running_loop()
        secured = await loop.start_tls(
            self._transport,
            self._inbox,
            ssl_context,
            server_hostname=server_hostname,
            ssl_shutdown_timeout=_TLS_GOODBYE_SECONDS,
        )
        if secured is None:
            raise ConnectionResetError("the connection was lost during the TLS handshake")
        self._transport = self._inbox.transport = secured
        return self

    async def aclose(self) -> None:
        """Close; what the other side still has to say is not waited for."""
        self._transport.close()
        try:
            await asyncio.sleep(0)
        finally:
            self.abort()

    def abort(self) -> None:
        """Close at once, whatever has not been sent."""
        self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """The object asyncio knows under `info`, for example "ssl_object"; None when there is none."""
        return self._transport.get_extra_info(info)
