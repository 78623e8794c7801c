"""Answers compressed on their way out, static files once for all: Streamlit sends them as they are.

Its scripts are 3.2 MB for a first visit, a third of that compressed. What never changes under its name is
kept compressed; its headers are those Streamlit gave it.
"""

import gzip
import hashlib

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages._ui.serving.whole import held_back

#: What gains from being compressed; fonts and pictures are already.
_TYPES = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")

#: Smaller answers fit into one packet anyway; larger ones are downloads, which are not held in memory.
_LEAST, _MOST = 1_000, 8_000_000

#: Files that never change under their name. All scripts of Streamlit together are some 8 MB compressed.
_KEPT = ("/static/",)


#: What was compressed before anybody asked, by the digest of the file.
_ready: dict[bytes, bytes] = {}


def prepare(body: bytes) -> None:
    """Compress a file that will be asked for, so that who comes first does not wait for it."""
    if _LEAST <= len(body) <= _MOST:
        _ready.setdefault(_digest(body), _squeeze(body))


class Compressing:
    """ASGI middleware: answers `GET` with gzip where the browser takes it and the answer gains from it.

    A streamed answer (one that does not say its length), a part of a file, and what has an encoding already
    pass as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, str], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _takes_gzip(scope):
            await self._app(scope, receive, send)
            return

        async def finish(start: Message, body: bytes) -> None:
            await self._send(scope["path"], start, body, send)

        await held_back(self._app, scope, receive, send, _gains, finish)

    async def _send(self, path: str, start: Message, body: bytes, send: Send) -> None:
        headers = MutableHeaders(raw=start["headers"])
        key = (path, headers.get("etag", ""))
        squeezed = self._kept.get(key)
        if squeezed is None:
            squeezed = await _squeezed(body)
            if path.startswith(_KEPT):
                self._kept[key] = squeezed
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(squeezed))
        headers.add_vary_header("Accept-Encoding")
        if "etag" in headers and not headers["etag"].startswith("W/"):
            # The same answer in other bytes.
            headers["ETag"] = f"W/{headers['etag']}"
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": squeezed})


async def _squeezed(body: bytes) -> bytes:
    ready = _ready.get(_digest(body))
    return ready if ready is not None else await anyio.to_thread.run_sync(_squeeze, body)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


def _squeeze(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _takes_gzip(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and "range" not in headers


def _gains(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == 200
        and "content-encoding" not in headers
        and headers.get("content-type", "").startswith(_TYPES)
        and _LEAST <= int(headers.get("content-length", "0")) <= _MOST
    )
