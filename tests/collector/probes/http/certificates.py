"""TLS contexts of test servers, and of clients that trust their authority or do not."""

import ssl
from datetime import UTC, datetime, timedelta

import trustme


def server_context(
    authority: trustme.CA, *names: str, ends_in: timedelta, lifetime: timedelta = timedelta(days=30)
) -> ssl.SSLContext:
    """A server's context with a certificate for `names` that ends `ends_in` from now."""
    not_after = datetime.now(UTC) + ends_in
    certificate = authority.issue_cert(*names, not_before=not_after - lifetime, not_after=not_after)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that trusts `authority` and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context
