"""Where to listen: `host:port` as people write it, and whether other machines can reach it."""

import ipaddress
import re

_NAMED = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):([0-9]{1,5})")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\]:([0-9]{1,5})")

HOW = 'write it like "127.0.0.1:8600"'


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of `text`: `127.0.0.1:8600`, `localhost:8600`, `[::1]:8600`; port 0 picks a free one.

    Raises ValueError with the rest of a sentence about `text`.
    """
    written = _NAMED.fullmatch(text) or _BRACKETED.fullmatch(text)
    if written is None:
        raise ValueError(f"is no host and port; {HOW}")
    host, port = written[1], int(written[2])
    if port > 65535:
        raise ValueError(f"has a port above 65535; {HOW}")
    if ":" in host or host.replace(".", "").isdigit():
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise ValueError(f"is no address of a machine; {HOW}") from None
    return host, port


def written_address(host: str, port: int) -> str:
    """`host:port`, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reachable_url(host: str, port: int) -> str:
    """The URL at which a program on this machine finds who listens on `host` and `port`."""
    if is_wildcard(host):
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://{written_address(host, port)}"


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address without port and brackets, is this machine and no other."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def is_wildcard(host: str) -> bool:
    """Whether `host` stands for all addresses of this machine: one can listen there, and not call it."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_unspecified
    except ValueError:
        return False
