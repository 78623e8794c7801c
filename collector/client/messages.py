"""What a failed call says about itself in one line, with nothing in it that should stay secret."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from urllib.parse import unquote, unquote_plus

import httpx

#: The longest message, in characters.
MAX_MESSAGE = 300

MASK = "***"
_LONGEST_RAW = 4000
#: Shorter values would mask ordinary words wherever they appear.
_SHORTEST_SECRET = 4

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}://)(?:[^\s/?#'\"<>]*@)?([^\s/?#'\"<>]*)[^\s'\"<>]*")
_QUERY = re.compile(r"\?[^\s'\"<>]+")
_CREDENTIAL = re.compile(r"(?i)\b(bearer|basic|digest)\s+[A-Za-z0-9+/=._~-]{6,}")
_PAIR = re.compile(
    r"(?i)(password|passwd|pwd|secret|token|signature|api[_-]?key|access[_-]?key|authorization|cookie)"
    r"(['\"]?\s*[=:]\s*)['\"]?[^\s&;,'\"]+"
)
_SECRET_HEADER = re.compile(r"(?i)auth|token|key|secret|cookie|signature|password|session")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]+")


def status_message(status: int) -> str:
    """The message of an answer that is a failure: `answered 503 Service Unavailable`."""
    try:
        return f"answered {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"answered {status}"


def error_message(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """The class of `error` and what it says, as `clean` leaves it."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  an exception whose text cannot be made is still one that was raised
        said = ""
    return clean(f"{type(error).__name__}: {said}" if said else type(error).__name__, secrets)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` on one line of at most `MAX_MESSAGE` characters.

    URLs keep scheme and host alone: their paths, query strings and users are where keys are. `secrets` and
    what looks like a credential are masked.
    """
    text = text[:_LONGEST_RAW]
    for secret in sorted(
        {value for value in secrets if len(value) >= _SHORTEST_SECRET}, key=len, reverse=True
    ):
        text = text.replace(secret, MASK)
    text = _URL.sub(lambda found: f"{found[1]}{found[2]}", text)
    text = _QUERY.sub("?" + MASK, text)
    text = _CREDENTIAL.sub(lambda found: f"{found[1]} {MASK}", text)
    text = _PAIR.sub(lambda found: f"{found[1]}{found[2]}{MASK}", text)
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def sentence(text: str, secrets: Iterable[str] = ()) -> str:
    """What the collector says, on one line of at most `MAX_MESSAGE` characters, with `secrets` masked.

    Unlike `clean` it leaves alone what only looks like a credential: these are sentences about tokens.
    """
    text = text[:_LONGEST_RAW]
    for secret in secrets:
        text = text.replace(secret, MASK)
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def secrets_of(request: httpx.Request) -> set[str]:
    """The values in `request` that may be secret: of telling headers, of the query string, of the user."""
    return {value for value in _values(request.url, request.headers) if len(value) >= _SHORTEST_SECRET}


def _values(url: httpx.URL, headers: Mapping[str, str]) -> Iterable[str]:
    for name, value in headers.items():
        if _SECRET_HEADER.search(name):
            yield value
            yield from value.split()
    query = url.query.decode("ascii", "replace")
    yield query
    for pair in query.split("&"):
        value = pair.partition("=")[2]
        yield value
        yield unquote_plus(value)
    for part in url.userinfo.decode("ascii", "replace").split(":"):
        yield part
        yield unquote(part)
