"""The one HTTP client of all probes, and what it does differently: every request is a measurement.

Each request opens a connection of its own, so name lookup, connect and TLS are measured every time, and
nothing is retried. The time of each phase goes into the steps of the attempt as `dns`, `connect`, `tls` and
`first_byte`. No cookies are kept, and no proxy or password file of the environment is used.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import Request

import anyio
import certifi
import httpcore
import httpx

from collector.probes.base import Steps
from collector.probes.http_certificate import EXPIRED, NOT_YET_VALID, WRONG_HOST, certificate_details
from collector.probes.http_connect import Found, Resolver, connect, is_address, system_lookup
from collector.probes.http_stream import TcpStream

#: Under this name a request's extensions carry its `Trace`.
TRACE = "trace_of_attempt"

#: Seconds the second look at a refused certificate may take.
_SECOND_LOOK_SECONDS = 2.0
#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL 3: accept certificates outside their dates.
_NO_CHECK_TIME = 0x200000
#: Refusals that the certificate itself can explain: since when, until when, or for which names.
_EXPLAINED_BY_CERTIFICATE = (EXPIRED, NOT_YET_VALID, *WRONG_HOST)


@dataclass
class Trace:
    """What one request leaves behind, also when it fails: phases, and facts for `details`.

    `refused` is the certificate that TLS refused, as `getpeercert()` returns it.
    """

    steps: Steps
    details: dict[str, Any] = field(default_factory=dict)
    refused: Mapping[str, Any] | None = None

    def note_certificate(self, certificate: Mapping[str, Any], now: float) -> None:
        """Keep the facts of `certificate`; of several, along redirects, those of the one that ends first."""
        facts = certificate_details(certificate, now)
        if facts["tls_days_left"] <= self.details.get("tls_days_left", facts["tls_days_left"]):
            self.details.update(facts)


def trusted_context() -> ssl.SSLContext:
    """Certificates are checked against the system's authorities (`SSL_CERT_FILE`) and Mozilla's list."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def probe_client(
    context: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.time,
    look_up: Callable[[str, int], Found] = system_lookup,
) -> httpx.AsyncClient:
    """The client every probe of a process shares; use it as an async context manager.

    `context` checks certificates, `trusted_context()` unless given. `clock` is the wall clock in seconds
    since 1970 that the days left of a certificate are counted from. `look_up` finds the addresses of a name.
    There are no timeouts: the runner keeps the deadline of an attempt.
    """
    transport = MeasuringTransport(context or trusted_context(), clock, Resolver(look_up))
    headers = {
        "User-Agent": "integration-health-dashboard",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        timeout=httpx.Timeout(None),
        cookies=_NoCookies(),
        headers=headers,
    )


class MeasuringTransport(httpx.AsyncBaseTransport):
    """Sends each request over a fresh connection and measures its phases.

    A pool would search its list of connections at every request; with a thousand under way that search is
    the slowest part. Network failures leave it as `OSError`, broken HTTP as `httpcore.ProtocolError`.
    """

    def __init__(self, context: ssl.SSLContext, clock: Callable[[], float], resolver: Resolver) -> None:
        self._context = context
        self._clock = clock
        self._resolver = resolver
        self._lenient: ssl.SSLContext | None = None

    async def __aenter__(self) -> "MeasuringTransport":
        anyio.CancelScope()  # anyio loads its asyncio half at first use: 50 ms the first answer would wait
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trace: Trace = request.extensions.get(TRACE) or Trace(Steps())
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        stream = await self._open(url, trace)
        connection = httpcore.AsyncHTTP11Connection(url.origin, stream)
        message = httpcore.Request(request.method, url, headers=request.headers.raw, content=request.stream)
        try:
            with trace.steps.step("first_byte"):
                response = await connection.handle_async_request(message)
        except BaseException:
            await connection.aclose()
            raise
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response, connection),
            extensions=response.extensions,
        )

    async def _open(self, url: httpcore.URL, trace: Trace) -> TcpStream:
        origin = url.origin
        host, port = origin.host.decode("ascii"), origin.port
        addresses = [host]
        if not is_address(host):
            with trace.steps.step("dns"):
                addresses = await self._resolver.addresses(host, port)
        with trace.steps.step("connect"):
            stream = await connect(addresses, port)
        trace.details["address"] = stream.address
        if origin.scheme == b"https":
            try:
                await self._secure(stream, host, port, trace)
            except BaseException:
                await stream.aclose()
                raise
        return stream

    async def _secure(self, stream: TcpStream, host: str, port: int, trace: Trace) -> None:
        try:
            with trace.steps.step("tls"):
                await stream.start_tls(self._context, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            if error.verify_code in _EXPLAINED_BY_CERTIFICATE:
                trace.refused = await self._refused_certificate(stream.address, host, port)
            if trace.refused:
                trace.note_certificate(trace.refused, self._clock())
            raise
        secured: ssl.SSLObject = stream.get_extra_info("ssl_object")
        trace.details["tls_version"] = secured.version()
        certificate = secured.getpeercert()
        if certificate:
            trace.note_certificate(certificate, self._clock())

    async def _refused_certificate(self, address: str, host: str, port: int) -> Mapping[str, Any] | None:
        """The certificate that was just refused, read over a connection that carries nothing.

        Python shows a certificate only after a handshake that succeeded. This one checks the issuer but not
        the dates and the name; None when it fails too.
        """
        if self._lenient is None:
            self._lenient = _without_dates_and_names(self._context)
        with suppress(OSError):
            async with asyncio.timeout(_SECOND_LOOK_SECONDS):
                stream = await TcpStream.connect(address, port)
                try:
                    await stream.start_tls(self._lenient, server_hostname=host)
                    certificate: Mapping[str, Any] = stream.get_extra_info("ssl_object").getpeercert()
                    return certificate
                finally:
                    await stream.aclose()
        return None


def _without_dates_and_names(context: ssl.SSLContext) -> ssl.SSLContext:
    lenient = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    lenient.load_verify_locations(cadata=b"".join(context.get_ca_certs(binary_form=True)))
    lenient.check_hostname = False
    lenient.verify_flags |= _NO_CHECK_TIME
    return lenient


class _NoCookies(CookieJar):
    """Takes no cookie, and does not even look for one: that look is a tenth of the work of a check."""

    def extract_cookies(self, response: HTTPResponse, request: Request) -> None:
        """Leave the cookies of `response` where they are."""


class _Body(httpx.AsyncByteStream):
    """The body of an answer; closing it closes the connection."""

    def __init__(self, response: httpcore.Response, connection: httpcore.AsyncHTTP11Connection) -> None:
        self._response = response
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            yield part

    async def aclose(self) -> None:
        try:
            await self._response.aclose()
        finally:  # a deadline that strikes while httpcore waits for its lock would leave the connection open
            await self._connection.aclose()
