"""Who may speak to the receiver: bearers of the token; without one, programs on this machine alone.

Without a token the browser of somebody who works on this machine must not become a way in: a page could
post to 127.0.0.1 (then the request has an Origin), or bear a name that leads there (then its Host is no
name of this machine). What came through a proxy came from elsewhere, whoever the peer is.
"""

import hmac

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.receiver.address import is_loopback
from collector.receiver.answers import refusal

#: No token is asked for here: nothing is told that is secret, or a signature stands for the token.
_OPEN = ("/healthz", "/metrics", "/runbooks")
_OPEN_BELOW = ("/runbooks/", "/webhooks/")

_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_LONGEST_TOKEN_SENT = 4096


class Access:
    """`app`, for those who may use it; others get 401 or 403."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_open(scope["path"]):
            connection = HTTPConnection(scope)
            no = _outsider(connection) if self._token is None else _not_bearer(connection, self._token)
            if no is not None:
                await no(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_BELOW)


def _not_bearer(connection: HTTPConnection, token: bytes) -> Response | None:
    given = connection.headers.getlist("authorization")
    scheme, _, sent = (given[0] if len(given) == 1 else "").partition(" ")
    candidate = sent.strip().encode("latin-1", "replace")[:_LONGEST_TOKEN_SENT]
    if scheme.lower() == "bearer" and hmac.compare_digest(candidate, token):
        return None
    if not given:
        message = "the collector asks for its token: send the header Authorization: Bearer <HEALTH_TOKEN>"
    elif len(given) > 1:
        message = "the header Authorization was sent more than once; send it once"
    elif scheme.lower() != "bearer":
        message = "the header Authorization must be: Bearer <HEALTH_TOKEN>"
    else:
        message = "the token is not the collector's; compare HEALTH_TOKEN on both sides"
    return refusal(401, message, headers={"WWW-Authenticate": 'Bearer realm="collector"'})


def _outsider(connection: HTTPConnection) -> Response | None:
    headers = connection.headers
    if connection.client is None or not is_loopback(connection.client.host):
        return refusal(403, "without a token only programs on this machine may do that; set HEALTH_TOKEN")
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return refusal(403, "without a token no web page may do that; set HEALTH_TOKEN")
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not is_loopback(_without_port(hosts[0])):
        return refusal(403, "without a token the header Host must name this machine, such as 127.0.0.1:8600")
    if any(name in headers for name in _PROXY_HEADERS):
        return refusal(403, "without a token nothing may come through a proxy; set HEALTH_TOKEN")
    return None


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
