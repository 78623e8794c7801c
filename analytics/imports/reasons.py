"""Why a check of another monitor failed, in our words: only what its message says for certain."""

import re
from functools import lru_cache

from analytics.model import Reason

#: In this order: a message may hold several, and the first says most.
_SIGNS = (
    (Reason.DNS, re.compile(r"ENOTFOUND|EAI_AGAIN|getaddrinfo|no such host|NXDOMAIN|SERVFAIL", re.I)),
    (Reason.TLS, re.compile(r"certificate|\bSSL\b|\bTLS\b|CERT_|x509|EPROTO|self.signed", re.I)),
    (Reason.TIMEOUT, re.compile(r"time?d?[ -]?out|ETIMEDOUT|ESOCKETTIMEDOUT|deadline exceeded", re.I)),
    (
        Reason.CONNECT,
        re.compile(
            r"ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EPIPE|socket hang up|connection refused"
            r"|connection reset|no route to host|network is unreachable",
            re.I,
        ),
    ),
)
_CODE = re.compile(r"(?:^|status code |HTTP[ /\d.]*)\b([1-5]\d\d)\b")
_CREDENTIALS = re.compile(r"(\w+://)[^/\s@]*@")

#: Longer ones are cut: a message is one sentence for a person.
_LONGEST_MESSAGE = 500

#: A monitor says the same a million times.
_REMEMBERED = 4096


@lru_cache(_REMEMBERED)
def of_failure(message: str | None, code: int | None = None) -> Reason:
    """The reason of a failed check with this `message` and HTTP `code`; UNHEALTHY when neither says."""
    text = message or ""
    for reason, sign in _SIGNS:
        if sign.search(text):
            return reason
    found = _CODE.search(text)
    return of_code(code or (int(found[1]) if found else 0))


def of_code(code: int) -> Reason:
    """The reason of a failed check that got HTTP status `code`; UNHEALTHY for one that is no failure."""
    if code in (401, 403):
        return Reason.AUTH
    if code == 429:
        return Reason.RATE_LIMITED
    if 400 <= code < 500:
        return Reason.HTTP_4XX
    if 500 <= code < 600:
        return Reason.HTTP_5XX
    return Reason.UNHEALTHY


@lru_cache(_REMEMBERED)
def clean(message: str | None) -> str | None:
    """`message` as one line of readable length, without NUL and without the credentials of a URL."""
    if not message:
        return None
    line = " ".join(message.replace("\0", "").split())
    return _CREDENTIALS.sub(r"\1***@", line)[:_LONGEST_MESSAGE] or None
