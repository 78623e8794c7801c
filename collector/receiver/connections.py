"""Connections with limits of their own: how many, how long a head may take, how long an answer may wait."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from collector.receiver.settings import ReceiverSettings

_FULL_BODY = b'{"error":"service_unavailable","message":"too many connections; send it again"}'
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
) % (len(_FULL_BODY), _FULL_BODY)


def bounded_protocol(settings: ReceiverSettings) -> type[asyncio.Protocol]:
    """uvicorn's protocol on h11, which bounds the head of a request to 64 KiB, with the times of `settings`.

    uvicorn itself waits for ever for the first request of a connection, for the rest of a head, and for a
    client that does not read its answer.
    """

    class BoundedProtocol(H11Protocol):
        _unless_head: asyncio.TimerHandle | None = None
        _unless_read: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
            super().connection_made(transport)
            if len(self.connections) > settings.connections:
                transport.write(_FULL)
                transport.close()
                return
            self._await_head(settings.head_seconds)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._look_for_head()

        def on_response_complete(self) -> None:
            # Also bounds the rest of a body that is still sent to a request that was answered already.
            self._await_head(settings.keep_alive_seconds + settings.head_seconds)
            super().on_response_complete()
            self._look_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_timers()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._unless_read = self.loop.call_later(settings.write_seconds, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._unless_read is not None:
                self._unless_read.cancel()

        def _await_head(self, seconds: float) -> None:
            # The time an answer may wait goes on: the next request of a pipeline is no sign of life.
            if self._unless_head is not None:
                self._unless_head.cancel()
            self._unless_head = self.loop.call_later(seconds, self.transport.abort)

        def _look_for_head(self) -> None:
            """A request under way has limits of its own."""
            cycle: Any = self.cycle
            if cycle is not None and not cycle.response_complete and self._unless_head is not None:
                self._unless_head.cancel()

        def _stop_timers(self) -> None:
            for timer in (self._unless_head, self._unless_read):
                if timer is not None:
                    timer.cancel()

    return BoundedProtocol
