"""A service account's key file: what is in it, and assertions signed with it.

The file: https://cloud.google.com/iam/docs/keys-create-delete. The assertion, which a token endpoint takes
for an access token: https://developers.google.com/identity/protocols/oauth2/service-account#httprest.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analytics.model import Reason
from collector.probes.base import ProbeFailure

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
#: Seconds an assertion is good for, the longest that Google takes.
_ASSERTION_SECONDS = 3600

#: A key file has about 2,400 bytes.
_LARGEST_FILE = 64 * 1024
_NEEDED = ("client_email", "private_key", "token_uri")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A key file that was read. `digest` tells one content from another and may be kept; `info` is secret."""

    token_uri: str
    digest: str
    info: dict[str, Any] = field(repr=False)


def read_key_file(path: str) -> ServiceAccount:
    """The service account in the file. Raises `ProbeFailure` with `bad_configuration`, naming the file.

    Blocks for a moment; call it in a thread.
    """
    content = _content(path)
    try:
        info = json.loads(content)
    except (ValueError, RecursionError):
        raise _wrong(path, "is not JSON; it must be the key file of a service account") from None
    if not isinstance(info, dict):
        raise _wrong(path, "holds no JSON object; it must be the key file of a service account")
    kind = info.get("type")
    if kind != "service_account":
        told = f'is a "{kind[:40]}" file' if isinstance(kind, str) else "does not say what it is"
        raise _wrong(
            path, f'{told}; it must be the key file of a service account ("type": "service_account")'
        )
    missing = [name for name in _NEEDED if not isinstance(info.get(name), str) or not info[name]]
    if missing:
        raise _wrong(path, f"lacks {' and '.join(missing)}; make a new key and download it again")
    return ServiceAccount(_endpoint(path, info["token_uri"]), hashlib.sha256(content).hexdigest(), info)


def signed_assertion(path: str, account: ServiceAccount, now: float) -> str:
    """What the token endpoint takes for a token, signed at `now` (seconds since 1970).

    Raises `ProbeFailure` with `bad_configuration` when the private key is none. Checking that key takes
    about 40 ms of a processor; call it in a thread.
    """
    # google-auth takes a tenth of a second to load, which no collector without this probe has to wait for.
    from google.auth import jwt
    from google.oauth2 import service_account

    credentials: Any = service_account.Credentials
    encode: Any = jwt.encode
    try:
        signer = credentials.from_service_account_info(account.info, scopes=[SCOPE]).signer
    except ValueError:
        raise _wrong(path, "holds a private key that cannot be read; download the key again") from None
    claims = {
        "iss": account.info["client_email"],
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": int(now),
        "exp": int(now) + _ASSERTION_SECONDS,
    }
    assertion: bytes = encode(signer, claims)
    return assertion.decode("ascii")


def _content(path: str) -> bytes:
    file = Path(path)
    try:
        if not file.exists():
            raise _wrong(path, "is not there")
        if not file.is_file():
            raise _wrong(path, "is no file")
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        raise _wrong(path, f"cannot be read: {why}") from None
    if len(content) > _LARGEST_FILE:
        raise _wrong(path, "is far too large for a key file")
    return content


def _endpoint(path: str, uri: str) -> str:
    try:
        parts = urlsplit(uri)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        known = False
    if not known:
        raise _wrong(path, "has a token_uri that is no http URL; download the key again")
    return uri


def _wrong(path: str, what: str) -> ProbeFailure:
    return ProbeFailure(Reason.BAD_CONFIGURATION, f"credentials_file: {path[:200]} {what}")
