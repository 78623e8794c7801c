"""What all answers of the read API have in common: JSON, reading only, one clear line for what is wrong."""

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from pages._ui.api.etag import Encoded, has_it
from pages._ui.reading import Answer
from pages._ui.serving.plainly import takes_gzip

_log = logging.getLogger(__name__)

#: A browser must not guess what an answer is.
PLAIN = {"X-Content-Type-Options": "nosniff"}

_ASKED_ANEW = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding", **PLAIN}
_NEVER_STORED = {"Cache-Control": "no-store", **PLAIN}
_METHODS = "GET, HEAD"

T = TypeVar("T")
Answering = Callable[[Request], Response]


class Refused(Exception):
    """A request that gets no answer: the HTTP status, one line about why, and headers about what to do."""

    def __init__(self, status: int, line: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(line)
        self.status = status
        self.headers = dict(headers or {})


class Resource:
    """An ASGI app that answers GET and HEAD in a thread; whatever goes wrong is `{"error": "one line"}`."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        if request.method in ("GET", "HEAD"):
            answer = await to_thread.run_sync(self._answer, request)
        else:
            line = f"{request.method} is not possible here: this API only reads; use {_METHODS}"
            answer = error(405, line, {"Allow": _METHODS})
        try:
            await answer(scope, receive, send)
        except ClientDisconnect:
            return

    def _answer(self, request: Request) -> Response:
        try:
            return self._answering(request)
        except Refused as refused:
            return error(refused.status, str(refused), refused.headers)
        except Exception:  # noqa: BLE001 - whatever it is, a program gets JSON
            _log.exception("the read API failed at %s", request.url.path)
            return error(500, "something went wrong here; the log of the dashboard says what")


def error(status: int, line: str, headers: Mapping[str, str] | None = None) -> Response:
    """`{"error": "…"}` in one line; never stored."""
    text = " ".join(line.split())
    return JSONResponse({"error": text}, status_code=status, headers=_NEVER_STORED | dict(headers or {}))


def document(request: Request, found: Encoded) -> Response:
    """The document, or 304 without one for who has it. Whoever keeps it asks again before using it."""
    headers = {"ETag": found.etag, **_ASKED_ANEW}
    if has_it(request.headers.get("if-none-match", ""), found.etag):
        return Response(status_code=304, headers=headers)
    if takes_gzip(request):
        # The same document in other bytes; compressed once for all who ask.
        headers |= {"Content-Encoding": "gzip", "ETag": f"W/{found.etag}"}
        return Response(found.packed, headers=headers, media_type="application/json")
    return Response(found.body, headers=headers, media_type="application/json")


def value_of(answer: Answer[T]) -> T:
    """What the database said; `Refused` with 503 while it says nothing."""
    if answer.value is None:
        line = answer.problem.text if answer.problem else ""
        raise Refused(503, line or "there is no data yet", {"Retry-After": "5"})
    return answer.value


def not_found(request: Request) -> Response:
    """404 in JSON for what the read API does not have; without it Streamlit answers with its page."""
    return error(404, f"no such resource: {request.url.path[:200]}")
