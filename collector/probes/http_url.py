"""What of a URL may be shown, and which network host it depends on. Pure functions."""

import ipaddress
from urllib.parse import urlsplit

from collector.secrets import REFERENCE


def shown_url(url: str) -> str:
    """`url` without user, password, query string and fragment: those carry keys. May hold `${NAME}`."""
    rest = url.partition("#")[0].partition("?")[0]
    scheme, separator, rest = rest.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"


def network_host(url: str) -> str | None:
    """The host of `url`; None for this machine itself, and while the host is still a `${NAME}`."""
    if REFERENCE.search(url):
        url = shown_url(url)
        if REFERENCE.search(url.partition("://")[2].partition("/")[0]):
            return None
    host = urlsplit(url).hostname
    return None if host is None or is_loopback(host) else host


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, is this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
