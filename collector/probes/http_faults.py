"""The one place where failures of the network, of TLS and of HTTP become reasons and sentences."""

import socket
import ssl
import time
from collections.abc import Callable

import httpcore
import httpx

from analytics.model import Reason
from collector.probes.base import ProbeFailure
from collector.probes.http_certificate import refusal
from collector.probes.http_transport import Trace
from collector.probes.network_faults import explain_lookup

#: What a request can end with instead of an answer.
TRANSPORT_ERRORS = (OSError, httpcore.ProtocolError, httpx.HTTPError, httpx.InvalidURL)

_BEFORE_THE_ANSWER = "Server disconnected without sending a response."


def failure(
    error: Exception, host: str, trace: Trace, clock: Callable[[], float] = time.time
) -> ProbeFailure:
    """What `error`, one of `TRANSPORT_ERRORS`, says about `host`. `clock` gives seconds since 1970."""
    step = trace.steps.unfinished
    reason, message = _explain(error, host, step, trace, clock)
    return ProbeFailure(reason, message, trace.details)


def _explain(
    error: Exception, host: str, step: str | None, trace: Trace, clock: Callable[[], float]
) -> tuple[Reason, str]:
    if isinstance(error, socket.gaierror):
        return Reason.DNS, explain_lookup(error, host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Reason.TLS, refusal(error, host, trace.refused, clock())
    if isinstance(error, ssl.SSLError):
        return Reason.TLS, _tls(error, step)
    if isinstance(error, OSError):
        return _network(error, host, step)
    return _protocol(error)


def _tls(error: ssl.SSLError, step: str | None) -> str:
    said = (error.reason or "").lower().replace("_", " ")
    if said in ("wrong version number", "record layer failure", "packet length too long", "http request"):
        return "the server does not speak TLS on this port"
    if "certificate required" in said:
        return "the server asks for a client certificate"
    if isinstance(error, ssl.SSLEOFError) or said == "unexpected eof while reading":
        return "the server closed the connection during the TLS handshake"
    when = "the TLS handshake failed" if step == "tls" else "TLS broke off"
    return f"{when}: {said or error.strerror or 'no reason given'}"


def _network(error: OSError, host: str, step: str | None) -> tuple[Reason, str]:
    if step == "tls":
        return Reason.TLS, "the server closed the connection during the TLS handshake"
    if isinstance(error, ConnectionRefusedError):
        return Reason.CONNECT, f"{host} refused the connection"
    if isinstance(error, TimeoutError):
        return Reason.TIMEOUT, f"{host} did not answer the attempt to connect"
    if isinstance(error, ConnectionError):
        when = "while the answer was read" if step == "transfer" else "before it answered"
        return Reason.CONNECT, f"{host} reset the connection {when}"
    return Reason.CONNECT, f"{host} could not be reached: {error.strerror or type(error).__name__}"


def _protocol(error: Exception) -> tuple[Reason, str]:
    said = str(error)
    if said == _BEFORE_THE_ANSWER:
        return Reason.CONNECT, "the server closed the connection without an answer"
    if isinstance(error, httpx.InvalidURL) or said.startswith("Invalid URL in location header"):
        return Reason.PROTOCOL, "the server redirected to an address that is no URL"
    if said.startswith("peer closed connection"):
        return Reason.PROTOCOL, "the server closed the connection in the middle of its answer"
    return Reason.PROTOCOL, f"the answer is not valid HTTP: {said or type(error).__name__}"
