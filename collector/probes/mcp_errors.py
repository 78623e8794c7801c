"""What an MCP exchange ends with, as our reasons: the one place for exceptions of the SDK and of httpx2."""

import os
import socket
import ssl
from collections.abc import Iterator

import httpx2
from mcp import MCPError
from mcp_types import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    UNSUPPORTED_PROTOCOL_VERSION,
)
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.base import ProbeFailure, Steps
from collector.probes.http_faults import failure
from collector.probes.http_transport import Trace

#: Codes that say the two sides do not understand each other. Others say the server cannot do its work now.
_MISUNDERSTOOD = frozenset(
    {
        PARSE_ERROR,
        INVALID_REQUEST,
        METHOD_NOT_FOUND,
        INVALID_PARAMS,
        HEADER_MISMATCH,
        UNSUPPORTED_PROTOCOL_VERSION,
    }
)

_QUOTED = 160
NO_ANSWER = "the server closed the connection without an answer"


def quoted(text: str, limit: int = _QUOTED) -> str:
    """Foreign text for a message: one line, printable, at most `limit` characters."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def causes(error: BaseException) -> Iterator[BaseException]:
    """`error`, the members of groups and all that caused them, outermost first, each once."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        else:
            yield current
        waiting.extend(found for found in (current.__cause__, current.__context__) if found is not None)


def rpc_failure(error: MCPError, step: str) -> ProbeFailure:
    """The server answered `step` with a JSON-RPC error."""
    reason = Reason.PROTOCOL if error.code in _MISUNDERSTOOD else Reason.UNHEALTHY
    said = quoted(error.message) or "no message"
    return ProbeFailure(reason, f"{step} failed: {said} (error {error.code})", {"rpc_error": error.code})


def malformed(error: ValidationError, step: str) -> ProbeFailure:
    """The server answered `step` with a result that is not what the protocol says."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    what = f"{where}: {first['msg']}" if where else first["msg"]
    return ProbeFailure(Reason.PROTOCOL, f"the answer to {step} is not valid MCP: {quoted(what)}")


def network_failure(error: BaseException, host: str) -> ProbeFailure | None:
    """The network said no: `error` as a failure, None when it is nothing of the network."""
    chain = list(causes(error))
    for found in chain:
        if isinstance(found, OSError) and (found.errno or isinstance(found, ssl.SSLError)):
            return failure(_plain(found), host, Trace(Steps()))
    for found in chain:
        if isinstance(found, httpx2.RemoteProtocolError):
            return _broken_http(str(found))
    if any(isinstance(found, httpx2.NetworkError) for found in chain):
        return ProbeFailure(Reason.CONNECT, NO_ANSWER)
    return None


def _plain(error: OSError) -> OSError:
    """`error` in the words of the operating system; asyncio puts addresses in their place."""
    if isinstance(error, ssl.SSLError | socket.gaierror) or error.errno is None:
        return error
    return OSError(error.errno, os.strerror(error.errno))


def _broken_http(said: str) -> ProbeFailure:
    if "disconnected" in said:
        return ProbeFailure(Reason.CONNECT, NO_ANSWER)
    if "peer closed" in said:
        return ProbeFailure(Reason.PROTOCOL, "the server closed the connection in the middle of its answer")
    return ProbeFailure(Reason.PROTOCOL, f"the answer is not valid HTTP: {quoted(said)}")
