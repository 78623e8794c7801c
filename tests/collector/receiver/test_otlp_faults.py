"""What each language's `error.type` means."""

import pytest

from collector.receiver.otlp_faults import ABORTED, fault_reason, fault_sentence


@pytest.mark.parametrize(
    ("error_type", "reason"),
    [
        # Node: undici and node:http
        ("ENOTFOUND", "dns"),
        ("EAI_AGAIN", "dns"),
        ("ECONNREFUSED", "connect"),
        ("ECONNRESET", "connect"),
        ("ECONNABORTED", "connect"),
        ("EHOSTUNREACH", "connect"),
        ("ENETUNREACH", "connect"),
        ("EPIPE", "connect"),
        ("UND_ERR_SOCKET", "connect"),
        ("ETIMEDOUT", "timeout"),
        ("ESOCKETTIMEDOUT", "timeout"),
        ("UND_ERR_CONNECT_TIMEOUT", "timeout"),
        ("UND_ERR_HEADERS_TIMEOUT", "timeout"),
        ("UND_ERR_BODY_TIMEOUT", "timeout"),
        ("TimeoutError", "timeout"),
        ("23", "timeout"),
        ("CERT_HAS_EXPIRED", "tls"),
        ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"),
        ("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "tls"),
        ("SELF_SIGNED_CERT_IN_CHAIN", "tls"),
        ("DEPTH_ZERO_SELF_SIGNED_CERT", "tls"),
        ("ERR_TLS_CERT_ALTNAME_INVALID", "tls"),
        ("ERR_SSL_WRONG_VERSION_NUMBER", "tls"),
        ("EPROTO", "tls"),
        ("HPE_INVALID_CONSTANT", "protocol"),
        ("AbortError", ABORTED),
        ("20", ABORTED),
        ("UND_ERR_ABORTED", ABORTED),
        # Java
        ("java.net.UnknownHostException", "dns"),
        ("java.nio.channels.UnresolvedAddressException", "dns"),
        ("java.net.ConnectException", "connect"),
        ("java.net.NoRouteToHostException", "connect"),
        ("java.net.SocketException", "connect"),
        ("org.apache.http.NoHttpResponseException", "connect"),
        ("java.io.EOFException", "connect"),
        ("java.net.SocketTimeoutException", "timeout"),
        ("java.net.http.HttpTimeoutException", "timeout"),
        ("java.net.http.HttpConnectTimeoutException", "timeout"),
        ("java.util.concurrent.TimeoutException", "timeout"),
        ("io.netty.handler.timeout.ReadTimeoutException", "timeout"),
        ("javax.net.ssl.SSLHandshakeException", "tls"),
        ("java.security.cert.CertificateExpiredException", "tls"),
        ("java.net.ProtocolException", "protocol"),
        ("java.util.concurrent.CancellationException", ABORTED),
        # Python
        ("gaierror", "dns"),
        ("urllib3.exceptions.NameResolutionError", "dns"),
        ("requests.exceptions.ConnectionError", "connect"),
        ("ConnectError", "connect"),
        ("httpx.RemoteProtocolError", "protocol"),
        ("ReadTimeout", "timeout"),
        ("asyncio.exceptions.TimeoutError", "timeout"),
        ("aiohttp.client_exceptions.ServerDisconnectedError", "connect"),
        ("aiohttp.client_exceptions.ClientConnectorCertificateError", "tls"),
        ("requests.exceptions.SSLError", "tls"),
        ("requests.exceptions.ChunkedEncodingError", "protocol"),
        ("asyncio.exceptions.CancelledError", ABORTED),
        # Go
        ("*net.DNSError", "dns"),
        ("*net.OpError", "connect"),
        ("context.deadlineExceededError", "timeout"),
        ("*tls.CertificateVerificationError", "tls"),
        ("x509.UnknownAuthorityError", "tls"),
        # .NET
        ("name_resolution_error", "dns"),
        ("connection_error", "connect"),
        ("secure_connection_error", "tls"),
        ("System.Threading.Tasks.TaskCanceledException", "timeout"),
    ],
)
def test_an_error_type_has_a_reason(error_type, reason) -> None:
    assert fault_reason((error_type,), "") == reason


@pytest.mark.parametrize(
    ("types", "message", "reason"),
    [
        (("Error", "ECONNRESET"), "socket hang up", "connect"),
        (("Error",), "connect ECONNREFUSED 127.0.0.1:1", "connect"),
        (("*errors.errorString",), "context canceled", ABORTED),
        (("*url.Error",), 'Get "https://a.example/timeout?dns=1": context canceled', ABORTED),
        (("*url.Error",), 'Get "https://x": dial tcp: lookup x on 10.0.0.1:53: no such host', "dns"),
        (("*errors.errorString",), "net/http: TLS handshake timeout", "timeout"),
        (("_OTHER",), "The operation was aborted due to timeout", "timeout"),
        (("*net.OpError",), "dial tcp: lookup tls.example: no such host", "dns"),
        (("*net.OpError",), "dial tcp 192.0.2.1:443: i/o timeout", "timeout"),
        (("*net.OpError",), "dial tcp: operation was canceled", ABORTED),
        (("*net.OpError",), "read tcp: malformed", "connect"),
        (
            ("requests.exceptions.ConnectionError",),
            "HTTPConnectionPool(host='tls.example', port=1): Max retries exceeded with url: /timeout?dns"
            " (Caused by NewConnectionError('[Errno 111] Connection refused'))",
            "connect",
        ),
        (
            ("requests.exceptions.ConnectionError",),
            "HTTPConnectionPool(host='x', port=1): Max retries exceeded with url: /"
            " (Caused by NameResolutionError('[Errno -2] Name or service not known'))",
            "dns",
        ),
        (("",), "", "connect"),
        (("Error", ""), "something nobody has seen", "connect"),
    ],
)
def test_where_the_type_says_nothing_the_exception_and_the_message_are_asked(types, message, reason) -> None:
    assert fault_reason(types, message) == reason


def test_what_nobody_can_tell_is_what_the_caller_says() -> None:
    assert fault_reason(("Error",), "", "protocol") == "protocol"


@pytest.mark.parametrize(
    "error_type",
    [
        "https://a.example/?token=sekrit",
        "a sekrit\nline",
        "x" * 81,
        "u:sekrit@h",
        "sekrit?",
        "",
        "Error",
        "_OTHER",
    ],
)
def test_an_error_type_that_is_no_name_or_says_nothing_is_not_shown(error_type) -> None:
    sentence = "there was no connection, or it broke off before the answer"
    assert fault_sentence("connect", (error_type,)) == sentence
    assert fault_sentence("connect", (error_type, "ECONNRESET")) == f"{sentence} (ECONNRESET)"


@pytest.mark.parametrize(
    ("error_type", "shown"),
    [
        ("UND_ERR_BODY_TIMEOUT", "UND_ERR_BODY_TIMEOUT"),
        ("*net.OpError", "*net.OpError"),
        ("23", "TimeoutError"),
    ],
)
def test_an_error_type_that_is_a_name_is_shown(error_type, shown) -> None:
    assert fault_sentence("timeout", (error_type, "other")) == f"there was no answer in time ({shown})"
