"""Why a call failed, in one word: the words of `analytics.model.Reason`, without importing it.

Works for what httpx raises, and for what a transport of the user's own may let through: `OSError`, `ssl` and
`socket` errors, and the errors of httpcore and httpx2, which bear the same names as those of httpx.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterator

import httpx

_BEFORE_THE_ANSWER = "Server disconnected without sending a response."
_FAMILIES = frozenset({"httpx", "httpcore", "httpx2", "httpcore2"})
_GIVEN_UP = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)
_MOST_CAUSES = 8


class CircuitOpen(httpx.TransportError):
    """No request was sent, because the circuit of the API is open; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float, request: httpx.Request | None = None) -> None:
        super().__init__(message, request=request)
        self.retry_after = retry_after


def call_reason(status: int | None, error: BaseException | None = None) -> str | None:
    """The reason word of a call that ended with `status` or with `error`; None when it was fine.

    Fine is every answer below 400, a redirect that was not followed among them. An error wins over a status,
    except `httpx.HTTPStatusError`, which is only another form of one.
    """
    if isinstance(error, httpx.HTTPStatusError):
        return _of_status(error.response.status_code) or "protocol"
    if error is not None:
        return _of_error(error)
    return "protocol" if status is None else _of_status(status)


def is_transport_failure(error: BaseException) -> bool:
    """Whether `error` says that no whole answer came: the network, TLS, a timeout, or broken HTTP."""
    return isinstance(error, httpx.TransportError | OSError) or bool(
        names(error) & {"NetworkError", "TimeoutException", "ProtocolError", "ProxyError"}
    )


def is_of_the_request(error: BaseException) -> bool:
    """Whether `error` was raised by the HTTP client, rather than by whoever reads the answer."""
    return bool(names(error))


def is_given_up(error: BaseException) -> bool:
    """Whether `error` says that the program did not wait for the answer: cancelled, interrupted, ending."""
    return isinstance(error, _GIVEN_UP)


def was_not_processed(error: BaseException) -> bool:
    """Whether `error` proves that the server never saw the request: it failed before anything was sent."""
    before = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ConnectionNotAvailable"}
    return isinstance(error, ConnectionRefusedError | socket.gaierror) or bool(names(error) & before)


def is_lasting(error: BaseException) -> bool:
    """Whether `error` will come again however often one tries: a wrong certificate, an unusable URL."""
    if names(error) & {"UnsupportedProtocol", "LocalProtocolError"}:
        return True
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def is_own_fault(error: BaseException) -> bool:
    """Whether `error` is about the request rather than the API; a wrong certificate is the API's."""
    return is_lasting(error) and call_reason(None, error) == "protocol"


def names(error: BaseException) -> frozenset[str]:
    """The class names of `error` within httpx and its relatives, most special first; empty for any other."""
    return frozenset(
        kind.__name__ for kind in type(error).__mro__ if kind.__module__.partition(".")[0] in _FAMILIES
    )


def _of_status(status: int) -> str | None:
    if status < 400:
        return None
    if status in (401, 403):
        return "auth"
    if status == 429:
        return "rate_limited"
    if status < 500:
        return "http_4xx"
    return "http_5xx" if status < 600 else "protocol"


def _of_error(error: BaseException) -> str:
    if isinstance(error, CircuitOpen):
        return "circuit_open"
    if is_given_up(error):
        return "timeout"
    if not is_transport_failure(error):
        return "protocol"
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "dns"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls"
    known = names(error)
    if "TimeoutException" in known or isinstance(error, TimeoutError):
        return "timeout"
    if "ProtocolError" in known:
        return "connect" if str(error) == _BEFORE_THE_ANSWER else "protocol"
    return "protocol" if "UnsupportedProtocol" in known else "connect"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and what it was raised from. Not its context: that may be what the caller was handling.

    httpcore forgets the cause of an error on its way out, but keeps it as the error's argument.
    """
    current: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        yield current
        inner = current.args[0] if current.args else None
        current = current.__cause__ or (inner if isinstance(inner, BaseException) else None)
