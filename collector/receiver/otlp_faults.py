"""Why a call without an answer failed, from what OpenTelemetry calls `error.type`.

Every language puts something else there: error codes (Node), class names with and without their package
(Java, Python, .NET), types (Go, at times nothing but `*errors.errorString`). Where the type says nothing, the
exception the span recorded is asked, then its message. The message is searched and never kept: it may hold
URLs.
"""

import re
from collections.abc import Iterable

#: The program itself gave the call up; that says nothing about the service.
ABORTED = "aborted"

#: The first that is found wins, so what is more exact stands before what is less.
_WORDS = (
    (
        "dns",
        r"dns|enotfound|eai_|unknownhost|unresolved|gaierror|name[ _]?resolution|no such host",
    ),
    ("dns", r"getaddrinfo|name or service not known|nodename nor servname|name does not resolve"),
    ("timeout", r"time-?d?[ _-]?out|etimedout|deadline|^23$"),
    # .NET calls its own timeouts so; better a call too many that failed than an outage nobody sees.
    ("timeout", r"taskcanceled"),
    (ABORTED, r"cancel|abort_?err|und_err_abort|operation was aborted|^20$"),
    ("tls", r"\bcert_|_cert\b|_cert_|certificate|err_(?:tls|ssl)|tls|ssl(?!o)|x509|self.signed"),
    ("tls", r"unable_to_(?:verify|get_)|handshake|eproto\b|secure_connection"),
    ("connect", r"econn|ehost|enet|epipe|eaddr|socket|connect|noroute|unreachable|hang up|refused|reset"),
    ("connect", r"broken ?pipe|closed|eof|network|oserror|operror|noresponse|nohttpresponse|disconnected"),
    ("protocol", r"protocol|parse|hpe_|decod|malformed|badstatusline|chunked|invalid"),
)
_RULES = tuple((reason, re.compile(pattern)) for reason, pattern in _WORDS)
#: Names of hosts and paths, in which any word may stand.
_PLACES = re.compile(r"[a-z][a-z0-9+.-]*://\S*|url: \S+|host='[^']*'|lookup \S+")
_LONGEST = 500
_SHOWN = re.compile(r"[A-Za-z0-9_.$*]{1,80}")

_SAYING_NOTHING = frozenset({"Error", "Exception", "_OTHER", "*errors.errorString", "False", "True"})
#: What a browser's `DOMException` has for a code, which Node's fetch reports.
_NUMBERS = {"20": "AbortError", "23": "TimeoutError"}

_SENTENCES = {
    "dns": "the name of the host could not be looked up",
    "timeout": "there was no answer in time",
    "tls": "the TLS connection failed",
    "connect": "there was no connection, or it broke off before the answer",
    "protocol": "the answer was not valid, or broke off",
}


def fault_reason(types: Iterable[str], message: str, fallback: str = "connect") -> str:
    """The reason word, or `ABORTED`, that the first telling of `types` means, or else `message`."""
    found = next((reason for kind in types if (reason := _search(kind.lower()[:_LONGEST]))), None)
    if found not in (None, "connect"):
        return found
    # Go, Python and Java wrap failures of every kind in a type that says no more than that there was one.
    said = _search(_PLACES.sub(" ", message[:_LONGEST].lower()))
    return said if said and (found is None or said != "protocol") else found or fallback


def fault_sentence(reason: str, types: Iterable[str]) -> str:
    """One line for people, with the first of `types` that is a plain name and says something."""
    names = (_NUMBERS.get(kind, kind) for kind in types)
    name = next((name for name in names if name not in _SAYING_NOTHING and _SHOWN.fullmatch(name)), None)
    return f"{_SENTENCES[reason]} ({name})" if name else _SENTENCES[reason]


def _search(text: str) -> str | None:
    if not text:
        return None
    return next((reason for reason, pattern in _RULES if pattern.search(text)), None)
