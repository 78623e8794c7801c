"""Reads the body of a request, and never more of it than may be: bytes, time and memory have limits.

What `BodyReader` hands out counts as in flight until its request is over, so one reader is also the
middleware of the app whose requests it reads.
"""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.receiver.gzip_body import BrokenGzip, Gunzip
from collector.receiver.settings import ReceiverSettings

_IN_FLIGHT = "receiver.bytes_in_flight"
_CODINGS = {"": False, "identity": False, "gzip": True, "x-gzip": True}
_COME_AGAIN_SECONDS = 1.0


class BodyRefused(Exception):
    """A body that is not taken: the HTTP `status` of the answer and a `message` for people.

    `retry_after` is in seconds; `headers` belong into the answer too.
    """

    def __init__(
        self,
        status: int,
        message: str,
        retry_after: float | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after
        self.headers = dict(headers or {})


@dataclass(slots=True)
class BodyReader:
    """Reads bodies within the limits of `settings`.

    `in_flight` is the bytes of all of them, `requests` how many requests are under way.
    """

    settings: ReceiverSettings
    in_flight: int = 0
    requests: int = 0

    async def __call__(self, request: Request) -> bytes:
        """The whole body of `request`, decompressed.

        Raises `BodyRefused`, or starlette's `ClientDisconnect` when the sender has gone.
        """
        gzip = _is_gzip(request)
        self._check_announced(request, gzip)
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                return await (self._unzipped(request) if gzip else self._plain(request))
        except TimeoutError:
            seconds = self.settings.body_seconds
            message = f"the body was not complete after {seconds:g} s; send it again"
            # RFC 9110, section 15.5.9: what still comes of it is not waited for.
            raise BodyRefused(408, message, headers={"Connection": "close"}) from None

    async def _plain(self, request: Request) -> bytes:
        pieces = []
        size = 0
        async for piece in request.stream():
            size += len(piece)
            self._take(request, piece, size)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _unzipped(self, request: Request) -> bytes:
        gunzip = Gunzip()
        pieces = []
        size = received = 0
        try:
            async for compressed in request.stream():
                received += len(compressed)
                self._check_size(received)
                for piece in gunzip.feed(compressed):
                    size += len(piece)
                    self._take(request, piece, size)
                    pieces.append(piece)
                    await asyncio.sleep(0)
            gunzip.finish()
        except BrokenGzip as error:
            raise BodyRefused(400, str(error)) from None
        return b"".join(pieces)

    def _check_announced(self, request: Request, gzip: bool) -> None:
        announced = request.headers.get("content-length", "")
        if announced.isdigit():
            self._check_size(int(announced[:20]))
            if not gzip and self.in_flight + int(announced) > self.settings.in_flight_limit:
                raise self._too_much()

    def _check_size(self, size: int) -> None:
        limit = self.settings.body_limit
        if size > limit:
            raise BodyRefused(413, f"the body is longer than {limit} bytes; send it in several requests")

    def _take(self, request: Request, piece: bytes, size: int) -> None:
        self._check_size(size)
        if self.in_flight + len(piece) > self.settings.in_flight_limit:
            raise self._too_much()
        self.in_flight += len(piece)
        request.scope[_IN_FLIGHT] = request.scope.get(_IN_FLIGHT, 0) + len(piece)

    def _too_much(self) -> BodyRefused:
        return BodyRefused(429, "too much is being received at once; send it again", _COME_AGAIN_SECONDS)

    def releasing(self, app: ASGIApp) -> ASGIApp:
        """`app`, whose bodies stop to be in flight when their request is over."""

        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            self.requests += 1
            try:
                await app(scope, receive, send)
            finally:
                self.requests -= 1
                self.in_flight -= scope.pop(_IN_FLIGHT, 0)

        return handle


def _is_gzip(request: Request) -> bool:
    coding = ", ".join(request.headers.getlist("content-encoding")).strip().lower()
    if coding not in _CODINGS:
        accepted = {"Accept-Encoding": "gzip, identity"}
        raise BodyRefused(415, "the content coding is not known here; use gzip or none", headers=accepted)
    return _CODINGS[coding]
