"""A PostgreSQL DSN: what may stand in it, and where it leads. Pure functions."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

_HOW = "write it like postgresql://user:password@host:5432/database"
_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
_FILES = {"sslrootcert", "sslcert", "sslkey", "sslcrl"}
_KNOWN = {"sslmode", "host", "port", "user", "password", "dbname", "application_name", "options", *_FILES}


@dataclass(frozen=True)
class Dsn:
    """Where a DSN leads. `host` is a name, an address, or the path of a socket's folder."""

    text: str = field(repr=False)
    host: str
    port: int
    database: str
    sslmode: str

    @property
    def is_socket(self) -> bool:
        return self.host.startswith("/")


def read_dsn(text: str) -> Dsn:
    """The parts of `text`. Raises ValueError with a sentence that never repeats the DSN."""
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError(f"is no DSN; {_hint(text)}") from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"is no DSN; {_HOW}")
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(given.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"has the parameter {json.dumps(unknown[0])}, which is not known here; take it out")
    host = unquote(host or given.get("host", ""))
    if not host or "," in parts.netloc + given.get("host", ""):
        raise ValueError(f"must name one host; {_hint(text)}")
    sslmode = given.get("sslmode", "prefer")
    if sslmode not in _MODES:
        raise ValueError(f"has a wrong sslmode; write {', '.join(_MODES[:-1])} or {_MODES[-1]}")
    return Dsn(text, host, port or _port(given), unquote(parts.path[1:]) or given.get("dbname", ""), sslmode)


def _port(given: dict[str, str]) -> int:
    if not given.get("port", "5432").isdecimal():
        raise ValueError("has a port that is no number; leave it out for 5432")
    return int(given.get("port", "5432"))


def _hint(text: str) -> str:
    """A password with `/`, `#` or `?` cuts a URL in two; that is the usual reason for one without a host."""
    cut = "@" in text.partition("://")[2].partition("/")[2]
    return _HOW + (", with /, # and ? of the password as %2F, %23 and %3F" if cut else "")
