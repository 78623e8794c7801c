"""Who may act, decided from what is known of a visitor. Pure; whatever is not known counts against it.

A visitor who is signed in may act when the list says so. Where nobody can sign in, only who sits at this
machine may: the connection comes from here, no proxy handed it on, and the browser was told to come here. A
forged X-Forwarded-For makes nobody local, since whatever bears one is refused, and a name that only leads to
this machine (DNS rebinding) shows in Host or Origin.
"""

import ipaddress
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

#: Who acts on this machine without giving a name.
NOBODY_IN_PARTICULAR = "dashboard"

#: The collector's own limit.
LONGEST_NAME = 100

_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")

_READ_ONLY = (
    "Read-only: set HEALTH_TOKEN for this dashboard to the token of the collector, and start it again."
)
_ELSEWHERE = "sign-in by OIDC allows it from elsewhere."


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a visitor may act, as whom, and in one line why not, and what would allow it."""

    allowed: bool
    author: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the server knows of who looks at a page.

    `peer` is the address of the other end, None for this machine; `headers` those of the connection, in
    lower case. `sign_in` says whether one can sign in, `claims` what is known of who did, None for who did
    not. `name` is what the person wants to be called where nobody signs in.
    """

    peer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    sign_in: bool = False
    claims: Mapping[str, object] | None = None
    name: str = ""


def permission(visitor: Visitor, has_token: bool, actors: str) -> Permission:
    """What `visitor` may do. `actors` is HEALTH_ACTORS: addresses, and `*@example.com` for a whole domain."""
    if not has_token:
        return Permission(False, why=_READ_ONLY)
    if visitor.sign_in:
        return _signed_in(visitor.claims, actors)
    fault = _fault_of_place(visitor)
    if fault:
        return Permission(False, why=f"Read-only: {fault}; {_ELSEWHERE}")
    return Permission(True, one_line(visitor.name) or NOBODY_IN_PARTICULAR)


def one_line(text: str) -> str:
    """A name as the collector takes it: one line, no control characters, not too long, not its own name."""
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    name = " ".join(kept.split())[:LONGEST_NAME].strip()
    return "" if name.lower() == "collector" else name


def may(address: str, actors: str) -> bool:
    """Whether the e-mail `address` is on the list `actors`, in upper or lower case."""
    name, _, domain = address.strip().lower().rpartition("@")
    return bool(name and domain) and any(
        entry in (f"{name}@{domain}", f"*@{domain}") for entry in _entries(actors)
    )


def _signed_in(claims: Mapping[str, object] | None, actors: str) -> Permission:
    if claims is None:
        return Permission(False, why="Read-only: sign in to act.")
    address = str(claims.get("email") or "").strip()
    if not address or one_line(address) != address:
        return Permission(
            False, why="Read-only: the sign-in told no usable e-mail address; give it the scope email."
        )
    if str(claims.get("email_verified", "true")).lower() == "false":
        return Permission(False, why=f"Read-only: the sign-in has not verified the address {address}.")
    if may(address, actors):
        return Permission(True, address)
    wrong = [entry for entry in _entries(actors) if not _is_entry(entry)]
    hint = f' "{wrong[0][:60]}" in it is neither an address nor *@domain.' if wrong else ""
    listed = "is not in HEALTH_ACTORS" if _entries(actors) else "cannot be: HEALTH_ACTORS names nobody"
    return Permission(False, why=f"Read-only: {address} {listed}, the list of who may act.{hint}")


def _entries(actors: str) -> Sequence[str]:
    return [entry for entry in (part.strip().lower() for part in actors.split(",")) if entry]


def _is_entry(entry: str) -> bool:
    name, _, domain = entry.rpartition("@")
    return bool(name and domain) and "*" not in domain and (name == "*" or "*" not in name)


def _fault_of_place(visitor: Visitor) -> str:
    """What speaks against a visitor sitting at this machine; empty when nothing does."""
    headers = visitor.headers
    if visitor.peer is not None and not is_loopback(visitor.peer):
        return (
            f"you come from {visitor.peer[:60]}, and without sign-in only a browser on this machine may act"
        )
    if any(name in headers for name in _PROXY_HEADERS):
        return "you come through a proxy, and only a browser on this machine may act"
    host = _host_of(f"//{headers.get('host', '')}")
    if not is_loopback(host):
        return "one may act only under http://localhost or http://127.0.0.1"
    if not is_loopback(_host_of(headers.get("origin", ""))):
        return "this page was not opened under http://localhost or http://127.0.0.1"
    return ""


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, is this machine and no other; IPv4 written as IPv6 too."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
