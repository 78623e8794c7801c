"""What is already small, or too large to be made smaller in passing, leaves as it is.

Streamlit compresses every answer anew, also one of half a gigabyte: seven seconds of this process for three
million rows. So it does not learn that a browser would take it; whoever answers may ask `takes_gzip`.
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_PATHS = ("/api/",)
_TAKES_GZIP = "health.takes_gzip"


class Plainly:
    """ASGI middleware: hides from what stands behind it that answers below `/api/` may be compressed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith(_PATHS):
            takes = "gzip" in Headers(scope=scope).get("accept-encoding", "")
            headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            scope = {**scope, "headers": headers, _TAKES_GZIP: takes}
        await self._app(scope, receive, send)


def takes_gzip(request: Request) -> bool:
    """Whether who asks takes an answer compressed with gzip."""
    told = request.scope.get(_TAKES_GZIP)
    return bool(told) if told is not None else "gzip" in request.headers.get("accept-encoding", "")
