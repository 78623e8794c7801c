"""Where the call of a span went: host, port, path, endpoint. No query string gets further than this file."""

import re
from collections.abc import Iterator, Mapping

from collector.client import endpoint_template
from collector.receiver.otlp_span import Scalar

_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?//([^/?#]*)([^?#]*)")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
_LONGEST_TEMPLATE = 200

Attributes = Mapping[str, Scalar]


def hosts_of(attributes: Attributes) -> Iterator[tuple[str, int | None]]:
    """The hosts the call may have gone to, the surest first, with the port where it is known."""
    named, numbered = _text(attributes, "server.address"), _port(attributes.get("server.port"))
    if named and numbered:
        yield named, numbered
    scheme, authority, _ = _split(_full_url(attributes))
    host, port = _split_authority(authority or _text(attributes, "http.host"))
    default = _DEFAULT_PORTS.get(
        scheme or _text(attributes, "url.scheme") or _text(attributes, "http.scheme")
    )
    if named and not numbered:
        yield named, port or default
    if host:
        yield host, port or default
    elif peer := _text(attributes, "net.peer.name"):
        yield peer, _port(attributes.get("net.peer.port")) or default


def path_of(attributes: Attributes) -> str:
    """The path alone: without query string, fragment, host and user."""
    url = _full_url(attributes)
    if url:
        return _split(url)[2] or "/"
    path = _text(attributes, "url.path") or _text(attributes, "http.target") or "/"
    return path.partition("#")[0].partition("?")[0] or "/"


def endpoint_of(attributes: Attributes, path: str) -> str:
    """The template the program itself names, or the one that is made of `path`."""
    template = _text(attributes, "url.template")
    if template:
        named = (_split(template)[2] if "//" in template else template).partition("#")[0].partition("?")[0]
        if named and len(named) <= _LONGEST_TEMPLATE and not _UNPRINTABLE.search(named):
            return named
    return endpoint_template(path)


def _full_url(attributes: Attributes) -> str:
    return _text(attributes, "url.full") or _text(attributes, "http.url")


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, authority and path of `url`; a text that is no URL with a host is a path alone."""
    found = _URL.match(url)
    if found is None:
        return "", "", url.partition("#")[0].partition("?")[0]
    return (found[1] or "").lower(), found[2], found[3]


def _split_authority(authority: str) -> tuple[str, int | None]:
    """Host and port of `user:password@host:port`, an IPv6 address without its brackets."""
    authority = authority.rpartition("@")[2]
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        return host, _port(rest.removeprefix(":"))
    host, _, port = authority.partition(":")
    return host, _port(port)


def _port(value: Scalar | None) -> int | None:
    if isinstance(value, str):
        value = int(value) if len(value) <= 5 and value.isascii() and value.isdigit() else None
    return value if type(value) is int and 0 < value < 65536 else None


def _text(attributes: Attributes, name: str) -> str:
    value = attributes.get(name)
    return value if isinstance(value, str) else ""
