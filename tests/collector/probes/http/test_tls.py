"""Certificates: the days they have left, and why one is refused."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from analytics.model import Reason
from collector.probes.http import KIND
from collector.probes.http_transport import trusted_context
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.certificates import server_context, trusting
from tests.collector.probes.http.server import Connection, answers, listening, response, routes, serving

WEEK = timedelta(days=7, minutes=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Test authority")


async def test_the_days_left_of_a_short_lived_certificate(authority: trustme.CA) -> None:
    tls = server_context(authority, "localhost", "127.0.0.1", ends_in=WEEK)
    async with serving(answers(200), tls) as server:
        found = await attempt(KIND, {"url": server.url(host="localhost")}, tls=trusting(authority))
    details = found.finding.details
    assert found.finding.ok
    assert details["tls_days_left"] == 7
    ends = datetime.fromisoformat(details["tls_not_after"])
    assert abs(ends - datetime.now(UTC) - WEEK) < timedelta(minutes=1)
    assert details["tls_issuer"] == "Test authority"
    assert details["tls_version"] == "TLSv1.3"
    assert list(details["steps_ms"]) == ["dns", "connect", "tls", "first_byte", "transfer"]


async def test_an_expired_certificate_says_since_when(authority: trustme.CA) -> None:
    tls = server_context(authority, "localhost", ends_in=-timedelta(days=3, minutes=1))
    async with serving(answers(200), tls) as server:
        found = await attempt(KIND, {"url": server.url(host="localhost")}, tls=trusting(authority))
    ended = datetime.now(UTC) - timedelta(days=3, minutes=1)
    assert found.finding.reason is Reason.TLS
    assert found.finding.message.startswith(f"the certificate expired 3 days ago, on {ended:%Y-%m-%d} at ")
    assert found.finding.details["tls_days_left"] == -4
    assert server.requests == []


async def test_a_certificate_that_begins_later(authority: trustme.CA) -> None:
    begins = datetime.now(UTC) + timedelta(days=2)
    tls = server_context(authority, "localhost", ends_in=timedelta(days=3), lifetime=timedelta(days=1))
    async with serving(answers(200), tls) as server:
        found = await attempt(KIND, {"url": server.url(host="localhost")}, tls=trusting(authority))
    assert found.finding.reason is Reason.TLS
    assert found.finding.message.startswith(
        f"the certificate is not valid yet, only from {begins:%Y-%m-%d} at "
    )


async def test_a_certificate_for_another_host_says_for_which(authority: trustme.CA) -> None:
    tls = server_context(authority, "one.example", "two.example", ends_in=WEEK)
    async with serving(answers(200), tls) as server:
        by_name = await attempt(KIND, {"url": server.url(host="localhost")}, tls=trusting(authority))
        by_address = await attempt(KIND, {"url": server.url()}, tls=trusting(authority))
    assert by_name.finding.reason is Reason.TLS
    assert by_name.finding.message == (
        "the certificate is not valid for localhost, only for one.example, two.example"
    )
    assert by_address.finding.message.startswith("the certificate is not valid for 127.0.0.1, ")


async def test_a_self_signed_certificate() -> None:
    own = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with own.cert_pem.tempfile() as certificate, own.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    async with serving(answers(200), context) as server:
        finding = (await attempt(KIND, {"url": server.url(host="localhost")})).finding
    assert (finding.reason, finding.message) == (Reason.TLS, "the certificate is self-signed")


async def test_an_authority_nobody_trusts(authority: trustme.CA) -> None:
    tls = server_context(authority, "localhost", ends_in=WEEK)
    async with serving(answers(200), tls) as server:
        found = await attempt(KIND, {"url": server.url(host="localhost")}, tls=trusted_context())
    assert found.finding.reason is Reason.TLS
    assert found.finding.message == (
        "the issuer of the certificate is unknown here, or the server sends an incomplete chain"
    )


@pytest.mark.parametrize(
    "greeting", [response(400), b"SSH-2.0-OpenSSH_9.2\r\n"], ids=["plain HTTP", "another protocol"]
)
async def test_a_server_that_does_not_speak_tls(greeting: bytes) -> None:
    async def talk(connection: Connection) -> None:
        await connection.reader.read(1)
        await connection.send(greeting)
        await connection.stay_silent()

    async with listening(talk) as port:
        finding = (await attempt(KIND, {"url": f"https://127.0.0.1:{port}"})).finding
    assert (finding.reason, finding.message) == (
        Reason.TLS,
        "the server does not speak TLS on this port",
    )


@pytest.mark.parametrize("reset", [True, False])
async def test_a_connection_that_ends_in_the_handshake(reset: bool) -> None:
    async def leave(connection: Connection) -> None:
        await connection.reader.read(1)
        if reset:
            connection.reset()

    async with listening(leave) as port:
        finding = (await attempt(KIND, {"url": f"https://127.0.0.1:{port}"})).finding
    assert (finding.reason, finding.message) == (
        Reason.TLS,
        "the server closed the connection during the TLS handshake",
    )


async def test_tls_where_plain_http_is_expected(authority: trustme.CA) -> None:
    tls = server_context(authority, "localhost", ends_in=WEEK)
    async with serving(answers(200), tls) as server:
        finding = (await attempt(KIND, {"url": f"http://127.0.0.1:{server.port}"})).finding
    assert finding.reason in (Reason.PROTOCOL, Reason.CONNECT)


async def test_a_handshake_that_hangs_is_a_timeout() -> None:
    async with listening(Connection.stay_silent) as port:
        finding = (await attempt(KIND, {"url": f"https://127.0.0.1:{port}"}, timeout=0.3)).finding
    assert (finding.reason, finding.message) == (Reason.TIMEOUT, "no answer within 0.3 s (during tls)")


async def test_a_server_that_wants_a_client_certificate(authority: trustme.CA) -> None:
    context = server_context(authority, "localhost", ends_in=WEEK)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)

    async def demand(connection: Connection) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secured = context.wrap_bio(incoming, outgoing, server_side=True)
        refused = False
        while not refused:
            try:
                secured.do_handshake()
            except ssl.SSLWantReadError:
                await connection.send(outgoing.read())
                incoming.write(await connection.reader.read(65536))
            except ssl.SSLError:
                refused = True
        await connection.send(outgoing.read())
        await connection.stay_silent()

    async with listening(demand) as port:
        found = await attempt(KIND, {"url": f"https://localhost:{port}"}, tls=trusting(authority))
    assert (found.finding.reason, found.finding.message) == (
        Reason.TLS,
        "the server asks for a client certificate",
    )


async def test_of_two_certificates_on_the_way_the_one_that_ends_first_counts(authority: trustme.CA) -> None:
    soon = server_context(authority, "localhost", ends_in=timedelta(days=2, minutes=1))
    later = server_context(authority, "localhost", ends_in=WEEK)
    async with serving(answers(200), later) as end:
        table = {"/": response(302, location=end.url(host="localhost"))}
        async with serving(routes(table), soon) as start:
            url = start.url(host="localhost")
            found = await attempt(KIND, {"url": url}, tls=trusting(authority))
    assert found.finding.ok
    assert found.finding.details["tls_days_left"] == 2


def test_the_shared_context_checks_names_and_issuers() -> None:
    context = trusted_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.cert_store_stats()["x509_ca"] > 100
