"""A hosted server: its certificate, and what is wrong with one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from analytics.model import Reason
from tests.collector.probes.mcp.checking import Checker
from tests.servers.http_loopback import ScriptedMcp, serve


@contextmanager
def secure(folder: Path, name: str, valid_days: float = 30) -> Iterator[tuple[str, Path]]:
    """A server over TLS with a certificate for `name`; gives its address and the authority's file."""
    authority = trustme.CA()
    expires = datetime.now(UTC) + timedelta(days=valid_days)
    certificate = authority.issue_cert(name, not_before=expires - timedelta(days=90), not_after=expires)
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    with serve(ScriptedMcp().app, folder / "server.pem") as address:
        yield address, folder / "authority.pem"


async def test_the_days_left_of_the_certificate(
    mcp: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with secure(tmp_path, "127.0.0.1", valid_days=12.5) as (address, authority):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.ok, finding
    assert finding.details["tls_days_left"] == 12


@pytest.mark.parametrize(
    ("name", "valid_days", "message"),
    [
        ("127.0.0.1", -2, "the certificate has expired"),
        ("example.com", 30, "the certificate is not valid for 127.0.0.1"),
    ],
)
async def test_a_certificate_that_is_refused(
    mcp: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, valid_days: float, message: str
) -> None:
    with secure(tmp_path, name, valid_days) as (address, authority):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert (finding.reason, finding.message) == (Reason.TLS, message)


async def test_an_authority_nobody_knows(mcp: Checker, tmp_path: Path) -> None:
    with secure(tmp_path, "127.0.0.1") as (address, _):
        finding = (await mcp.check(url=f"{address}/mcp")).finding
    assert finding.reason is Reason.TLS
    assert "issuer" in finding.message or "not trusted" in finding.message


async def test_a_server_without_tls_on_an_https_address(mcp: Checker) -> None:
    with serve(ScriptedMcp().app) as address:
        finding = (await mcp.check(url=address.replace("http:", "https:") + "/mcp")).finding
    assert finding.reason is Reason.TLS
    assert finding.message == "the server does not speak TLS on this port"
