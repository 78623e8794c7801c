"""What a TLS certificate says, and why one was refused, in words. Pure functions."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_DAY_SECONDS = 86400

# Codes of X509_STORE_CTX_get_error, https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
NOT_YET_VALID = 9
EXPIRED = 10
_SELF_SIGNED = 18
_SELF_SIGNED_IN_CHAIN = 19
_NO_ISSUER = (2, 20, 21)
WRONG_HOST = (62, 64)


def certificate_details(certificate: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The facts kept of a server's certificate.

    `certificate` is what `getpeercert()` returns, `now` is in seconds since 1970. `tls_days_left` counts
    whole days and is negative once the certificate has expired.
    """
    not_after = ssl.cert_time_to_seconds(certificate["notAfter"])
    return {
        "tls_days_left": int((not_after - now) // _DAY_SECONDS),
        "tls_not_after": datetime.fromtimestamp(not_after, UTC).isoformat(),
        "tls_subject": _name(certificate.get("subject", ())),
        "tls_issuer": _name(certificate.get("issuer", ())),
    }


def refusal(
    error: ssl.SSLCertVerificationError, host: str, certificate: Mapping[str, Any] | None, now: float
) -> str:
    """One sentence that says why the certificate of `host` was refused.

    `certificate` is the refused one as `getpeercert()` returns it, None when it could not be read.
    """
    code = error.verify_code
    if code in WRONG_HOST:
        return f"the certificate is not valid for {host}{_valid_for(certificate)}"
    if code == EXPIRED:
        return _expired(certificate, now)
    if code == NOT_YET_VALID:
        return f"the certificate is not valid yet{_starts(certificate)}"
    if code == _SELF_SIGNED:
        return "the certificate is self-signed"
    if code == _SELF_SIGNED_IN_CHAIN:
        return "the certificate was issued by an authority that is not trusted here"
    if code in _NO_ISSUER:
        return "the issuer of the certificate is unknown here, or the server sends an incomplete chain"
    return f"the certificate was refused: {error.verify_message}"


def _expired(certificate: Mapping[str, Any] | None, now: float) -> str:
    if certificate is None:
        return "the certificate has expired"
    not_after = ssl.cert_time_to_seconds(certificate["notAfter"])
    if not_after > now:
        return "a certificate in the server's chain has expired"
    days = int((now - not_after) // _DAY_SECONDS)
    ago = "today" if days == 0 else f"{days} day{'s' if days > 1 else ''} ago"
    moment = datetime.fromtimestamp(not_after, UTC)
    return f"the certificate expired {ago}, on {moment:%Y-%m-%d at %H:%M} UTC"


def _starts(certificate: Mapping[str, Any] | None) -> str:
    if certificate is None:
        return ""
    moment = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notBefore"]), UTC)
    return f", only from {moment:%Y-%m-%d at %H:%M} UTC"


def _valid_for(certificate: Mapping[str, Any] | None) -> str:
    names = [value for _, value in (certificate or {}).get("subjectAltName", ())]
    if not names:
        return ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f", only for {', '.join(names[:3])}{more}"


def _name(name: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """The common name, or the organisation where there is none, of a subject or an issuer."""
    parts = {key: value for group in name for key, value in group}
    return parts.get("commonName") or parts.get("organizationName") or ""
