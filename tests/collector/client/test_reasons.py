import asyncio
import socket
import ssl

import httpcore
import httpx
import pytest

from analytics.model import Reason
from collector.client import CircuitOpen, call_reason

REQUEST = httpx.Request("GET", "https://shop.test/")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, None),
        (204, None),
        (301, None),
        (304, None),
        (399, None),
        (400, "http_4xx"),
        (401, "auth"),
        (403, "auth"),
        (407, "http_4xx"),
        (408, "http_4xx"),
        (429, "rate_limited"),
        (500, "http_5xx"),
        (599, "http_5xx"),
        (999, "protocol"),
        (None, "protocol"),
    ],
)
def test_statuses(status: int | None, reason: str | None) -> None:
    assert call_reason(status) == reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ConnectTimeout("x"), "timeout"),
        (httpx.PoolTimeout("x"), "timeout"),
        (httpcore.ReadTimeout("x"), "timeout"),
        (TimeoutError(), "timeout"),
        (asyncio.CancelledError(), "timeout"),
        (KeyboardInterrupt(), "timeout"),
        (httpx.ConnectError("x"), "connect"),
        (httpcore.ConnectError("x"), "connect"),
        (httpx.ReadError("x"), "connect"),
        (ConnectionRefusedError(), "connect"),
        (OSError(113, "No route to host"), "connect"),
        (httpx.ProxyError("x"), "connect"),
        (socket.gaierror(-2, "x"), "dns"),
        (caused(httpx.ConnectError("x"), socket.gaierror(-2, "x")), "dns"),
        (httpcore.ConnectError(socket.gaierror(-2, "x")), "dns"),
        (ssl.SSLError(1, "x"), "tls"),
        (
            caused(
                httpx.ConnectError("x"),
                caused(httpcore.ConnectError("x"), ssl.SSLCertVerificationError(1, "x")),
            ),
            "tls",
        ),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "connect"),
        (httpx.RemoteProtocolError("peer closed connection"), "protocol"),
        (httpcore.RemoteProtocolError("illegal status line"), "protocol"),
        (httpx.DecodingError("x"), "protocol"),
        (httpx.TooManyRedirects("x"), "protocol"),
        (httpx.UnsupportedProtocol("x"), "protocol"),
        (httpx.InvalidURL("x"), "protocol"),
        (CircuitOpen("x", 1.0), "circuit_open"),
        (httpx.HTTPStatusError("x", request=REQUEST, response=httpx.Response(503)), "http_5xx"),
        (httpx.HTTPStatusError("x", request=REQUEST, response=httpx.Response(302)), "protocol"),
        (ValueError("x"), "protocol"),
    ],
)
def test_errors(error: BaseException, reason: str) -> None:
    assert call_reason(None, error) == reason
    assert Reason(reason)


def test_what_the_caller_was_handling_is_not_the_cause() -> None:
    error = httpx.ConnectError("refused")
    error.__context__ = socket.gaierror(-2, "of another call")
    assert call_reason(None, error) == "connect"


def test_a_chain_of_causes_that_bites_its_tail_ends() -> None:
    error = httpx.ConnectError("x")
    error.__cause__ = error
    assert call_reason(None, error) == "connect"
