"""Where somebody may act, no page of somebody else may show this one in a frame and have them click in it."""

import os

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "frame-ancestors 'self'"


class Framing:
    """ASGI middleware: while there is a token to act with, tells browsers to show no page in a foreign frame.

    A dashboard that only shows may be shown anywhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Content-Security-Policy", _POLICY)
            await send(message)

        acting = scope["type"] == "http" and bool(os.environ.get("HEALTH_TOKEN", "").strip())
        await self._app(scope, receive, out if acting else send)
