"""What single values of channel options must be. Each check gives the value back or raises ValueError.

A value with `${NAME}` is looked at again once it is filled. The sentences show no value: it may be a secret.
"""

import base64
import binascii
import re
from datetime import timedelta
from urllib.parse import urlsplit

from collector.notify.addresses import address_fault
from collector.probes.http_url import is_loopback
from collector.secrets import REFERENCE

_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[?[0-9A-Fa-f:]{2,45}\]?")
_WHSEC = "whsec_"
#: One attempt may take so long. The first failure must be known while it still matters.
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = timedelta(seconds=1), timedelta(minutes=1)
#: Bytes of a secret of Standard Webhooks (its specification, "Signature scheme").
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64


def holds_reference(value: str) -> bool:
    """Whether `value` names a variable."""
    return REFERENCE.search(value) is not None


def timeout(value: timedelta) -> timedelta:
    """How long one attempt may take."""
    if value > LONGEST_TIMEOUT:
        raise ValueError("is longer than a minute; write a shorter duration")
    if value < SHORTEST_TIMEOUT:
        raise ValueError("is shorter than a second; write a longer duration")
    return value


def routing_key(value: str) -> str:
    """An integration key of PagerDuty: 32 letters and digits."""
    if not holds_reference(value) and not _ROUTING_KEY.fullmatch(value):
        raise ValueError(
            "is no integration key of PagerDuty; write the 32 letters and digits of an Events API v2 one"
        )
    return value


def https_url(value: str) -> str:
    """An https URL; http to this machine alone."""
    if holds_reference(value):
        return value
    host, scheme = _host_and_scheme(value)
    if scheme == "https" or (scheme == "http" and is_loopback(host)):
        return value
    if scheme == "http" and host:
        raise ValueError("is not encrypted; write an https URL (http is for this machine alone)")
    raise ValueError("is no https URL; write it like https://hooks.slack.com/services/…")


def http_url(value: str) -> str:
    """An http or https URL."""
    if not holds_reference(value) and _host_and_scheme(value)[1] not in ("http", "https"):
        raise ValueError("is no http URL; write it like https://example.com/alerts")
    return value


def _host_and_scheme(value: str) -> tuple[str, str]:
    """Host and scheme of `value`, both "" when it is no URL with a host."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  raises for a port that cannot be
    except ValueError:
        return "", ""
    if not parts.hostname or any(ord(letter) <= 32 or ord(letter) == 127 for letter in value):
        return "", ""
    return parts.hostname, parts.scheme


def webhook_secret(value: str) -> str:
    """A secret of Standard Webhooks: whsec_ and base64."""
    if holds_reference(value):
        return value
    how = f"write {_WHSEC} and the base64 of {_SHORTEST_SECRET} to {_LONGEST_SECRET} random bytes"
    if not value.startswith(_WHSEC):
        raise ValueError(f"does not begin with {_WHSEC}; {how}")
    try:
        key = base64.b64decode(value.removeprefix(_WHSEC), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"is not base64 after {_WHSEC}; {how}") from None
    if not _SHORTEST_SECRET <= len(key) <= _LONGEST_SECRET:
        raise ValueError(f"stands for {len(key)} byte{'' if len(key) == 1 else 's'}; {how}")
    return value


def mail_address(value: str) -> str:
    """An address, with or without a name before it."""
    fault = None if holds_reference(value) else address_fault(value)
    if fault:
        raise ValueError(fault)
    return value


def host_name(value: str) -> str:
    """The name or address of a machine, without a port."""
    if not holds_reference(value) and not _HOST.fullmatch(value):
        raise ValueError('is no host; write its name alone, like "smtp.example.com"')
    return value


def login(value: str) -> str:
    """A user name or password on one line."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise ValueError("holds a line break or another control character; write it on one line")
    return value
