"""An MCP server that runs already, over streamable HTTP or the older SSE, and what HTTP says beside it.

The SDK turns every refusal into the same error. The status of each answer is what tells an expired token
from an outage, so it is taken where the SDK's HTTP client receives it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import urlsplit

import anyio
import httpx2
from mcp import MCPError
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp_types import CONNECTION_CLOSED, PARSE_ERROR
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.http_certificate import certificate_details
from collector.probes.http_connect import Resolver, is_address
from collector.probes.mcp_errors import NO_ANSWER, malformed, network_failure, quoted, rpc_failure
from collector.probes.mcp_http_client import BoundedBody, http_client
from collector.probes.mcp_options import McpOptions
from collector.probes.mcp_session import explained
from collector.probes.mcp_status import Answer, refused
from collector.probes.network_faults import explain_lookup

if TYPE_CHECKING:
    from mcp.shared._httpx_utils import McpHttpClientFactory
    from mcp.shared._stream_protocols import ReadStream, WriteStream

_SESSION_HEADER = "mcp-session-id"
#: Seconds a server has to take note that its session is over; a courtesy, outside of what is measured.
_GOODBYE = 1.0
#: What the SDK says in place of a server that answered with a status and no JSON-RPC error.
_STAND_INS = frozenset({"Server returned an error response", "Not Found", "Session terminated"})

_RESOLVER = Resolver()

_Streams: TypeAlias = "tuple[ReadStream[SessionMessage | Exception], WriteStream[SessionMessage]]"


class HttpLink:
    """A connection to a server over HTTP: the streams of a session, and the answers HTTP gave."""

    read: "ReadStream[SessionMessage | Exception]"
    write: "WriteStream[SessionMessage]"

    def __init__(self, options: McpOptions, context: ProbeContext) -> None:
        self.url = options.url or ""
        self.scope = anyio.CancelScope()
        self.fault: ProbeFailure | None = None
        self.session_id: str | None = None
        self._over_sse = options.speaks == "sse"
        self._context = context
        self._last: Answer | None = None

    async def saw(self, response: httpx2.Response) -> None:
        """Take note of an answer to a message; hooked into the HTTP client."""
        method = response.request.method
        if method != "POST" and not (self._over_sse and method == "GET"):
            return
        answer = Answer.of(response.status_code, response.headers)
        if method == "GET" or not self._over_sse:  # over SSE the answer to a message comes on the stream
            self._last = answer
        notes = self._context.notes
        notes["http_status"] = answer.status
        if answer.status >= 300:
            notes.setdefault("http_first_error", answer.status)
        response.stream = BoundedBody(response.stream, self._give_up)
        self.session_id = response.headers.get(_SESSION_HEADER, self.session_id)
        notes.update(_certificate(response))
        if self._over_sse and method == "POST" and answer.status >= 300:
            # The SDK's SSE transport logs a refused message and then waits for its answer for ever.
            self._give_up(refused(answer, self._step(), ""))

    async def heard(self, message: object) -> None:
        """Take note of what arrived over SSE and is no message; the SDK would wait for one for ever."""
        if isinstance(message, Exception) and self._over_sse:
            self._give_up(_not_json_rpc(self._step()))

    def settles(self) -> bool:
        """Whether the server refuses us, whatever we ask."""
        return self.fault is not None or (self._last is not None and self._last.refuses)

    def explain(self, error: BaseException, step: str) -> ProbeFailure | None:
        """Why the session failed with `error` during `step`; None when it is not the service's doing."""
        if self.fault is not None:
            return self.fault
        if isinstance(error, MCPError | httpx2.HTTPStatusError | httpx2.SSEError) and self._last is not None:
            said = error.message if isinstance(error, MCPError) and error.message not in _STAND_INS else ""
            failure = refused(self._last, step, said if self._last.content_type == "application/json" else "")
            if failure is not None:
                return failure
        if isinstance(error, MCPError):
            return _rpc_failure(error, step)
        if isinstance(error, ValidationError):
            return malformed(error, step)
        if isinstance(error, httpx2.SSEError | httpx2.DecodingError):
            return _not_json_rpc(step)
        if isinstance(error, httpx2.InvalidURL):
            return ProbeFailure(Reason.BAD_CONFIGURATION, f"the url cannot be used: {quoted(str(error))}")
        return network_failure(error, urlsplit(self.url).hostname or "")

    def _give_up(self, failure: ProbeFailure | None) -> None:
        self.fault = self.fault or failure
        self.scope.cancel()

    def _step(self) -> str:
        return self._context.steps.unfinished or "connect"


@asynccontextmanager
async def reached(options: McpOptions, context: ProbeContext) -> AsyncIterator[HttpLink]:
    """Connect to the running server of `options`. A check has connections of its own, reused within it."""
    link = HttpLink(options, context)
    await _look_up(link.url, context)
    streams = _over_sse(link, options, context) if options.speaks == "sse" else _over_http(link, options)
    try:
        async with streams as (link.read, link.write):
            try:
                with link.scope:
                    yield link
                if link.fault is not None:
                    raise link.fault
            except Exception:
                context.answered()
                raise
    except Exception as error:
        raise explained(link, error, context.steps) from error


@asynccontextmanager
async def _over_http(link: HttpLink, options: McpOptions) -> AsyncIterator[_Streams]:
    async with http_client(link.url, options.headers, link.saw) as client:
        interrupted = False
        try:
            # The SDK's own farewell has no bound: a server that hangs would outlast the deadline.
            async with streamable_http_client(
                link.url, http_client=client, terminate_on_close=False
            ) as streams:
                yield streams
        except asyncio.CancelledError:
            interrupted = True
            raise
        finally:
            if link.session_id is not None and not interrupted:
                with anyio.move_on_after(_GOODBYE), suppress(httpx2.HTTPError):
                    await client.delete(link.url, headers={_SESSION_HEADER: link.session_id})


@asynccontextmanager
async def _over_sse(link: HttpLink, options: McpOptions, context: ProbeContext) -> AsyncIterator[_Streams]:
    async with AsyncExitStack() as stack:
        with context.steps.step("connect"):
            factory = cast(
                "McpHttpClientFactory", lambda **_: http_client(link.url, options.headers, link.saw)
            )
            streams = await stack.enter_async_context(sse_client(link.url, httpx_client_factory=factory))
        yield streams


async def _look_up(url: str, context: ProbeContext) -> None:
    """Look the host up first: a name server that is silent must not hold a thread of the event loop."""
    host = urlsplit(url).hostname or ""
    if is_address(host):
        return
    with context.steps.step("dns"):
        try:
            await _RESOLVER.addresses(host, urlsplit(url).port or 443)
        except (OSError, UnicodeError) as error:
            raise ProbeFailure(Reason.DNS, explain_lookup(error, host)) from error


def _certificate(response: httpx2.Response) -> dict[str, Any]:
    stream = response.extensions.get("network_stream")
    secured = stream.get_extra_info("ssl_object") if stream is not None else None
    found = secured.getpeercert() if secured is not None else None
    return {"tls_days_left": certificate_details(found, time.time())["tls_days_left"]} if found else {}


def _rpc_failure(error: MCPError, step: str) -> ProbeFailure:
    """An error of the server, or what the SDK says when its answer cannot be read or never comes."""
    if error.code == PARSE_ERROR:
        return _not_json_rpc(step)
    if error.code == CONNECTION_CLOSED and error.message.startswith(("Connection closed", "SSE stream")):
        return ProbeFailure(Reason.CONNECT, f"{NO_ANSWER} to {step}")
    return rpc_failure(error, step)


def _not_json_rpc(step: str) -> ProbeFailure:
    return ProbeFailure(Reason.PROTOCOL, f"the answer to {step} is not JSON-RPC")
