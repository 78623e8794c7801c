"""The HTTP client an MCP session over HTTP runs on, one a check."""

import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2

from analytics.model import Reason
from collector.probes.base import ProbeFailure
from collector.probes.http_transport import trusted_context

_HEADERS = {"User-Agent": "integration-health-dashboard", "Accept-Encoding": "identity"}
#: More than any list of tools, so that no answer can fill the memory.
_MOST_BYTES = 32 * 1024 * 1024
#: The variables of the environment that say whom to trust.
_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def http_client(
    url: str, headers: Mapping[str, str], saw: Callable[[httpx2.Response], Awaitable[None]]
) -> httpx2.AsyncClient:
    """A client for `url`; `saw` is told of the head of every answer before its body is read.

    No timeouts, the runner keeps the deadline; no proxy and no password file of the environment.
    """
    secure = urlsplit(url).scheme == "https"
    verify = _trusted(*map(os.environ.get, _AUTHORITIES)) if secure else _unused()
    return httpx2.AsyncClient(
        headers={**_HEADERS, **headers},
        timeout=None,
        verify=verify,
        trust_env=False,
        event_hooks={"response": [saw]},
    )


@cache
def _trusted(*_authorities: str | None) -> ssl.SSLContext:
    """One context for all checks, as making one takes 20 ms; another one for other authorities."""
    return trusted_context()


@cache
def _unused() -> ssl.SSLContext:
    """What a client without TLS is given, so that it makes no context of its own."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class BoundedBody(httpx2.AsyncByteStream):
    """The body of an answer, up to what any answer needs."""

    def __init__(self, body: Any, give_up: Callable[[ProbeFailure], None]) -> None:
        self._body = body
        self._give_up = give_up

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in self._body:
            total += len(chunk)
            if total > _MOST_BYTES:
                megabytes = _MOST_BYTES // 1024 // 1024
                self._give_up(ProbeFailure(Reason.PROTOCOL, f"answered with more than {megabytes} MiB"))
                return
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()
