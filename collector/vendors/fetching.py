"""One conditional GET of a status feed: bounded in time, in size, and in where it may lead."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from collector import __version__
from collector.client.retry import retry_after_seconds

BODY_LIMIT = 2 * 1024 * 1024
TIMEOUT_SECONDS = 10.0
_MOST_REDIRECTS = 3

_REDIRECTS = (301, 302, 303, 307, 308)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"integration-health-dashboard/{__version__}",
}
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a request ended: with a body, with `fault`, one sentence without the URL, or "as before" (neither).

    `validators` are the headers that make the next request conditional. `retry_after` is in seconds.
    """

    body: bytes | None = None
    fault: str = ""
    validators: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None


async def fetch_feed(
    http: httpx.AsyncClient,
    url: str,
    validators: Mapping[str, str],
    now: datetime,
    timeout: float = TIMEOUT_SECONDS,
) -> Fetched:
    """Ask `url` for what changed since `validators` were given. Raises nothing but cancellation."""
    try:
        async with asyncio.timeout(timeout):
            return await _following(http, httpx.URL(url), {**_HEADERS, **validators}, now)
    except TimeoutError:
        return Fetched(fault=f"no complete answer within {timeout:g} s")
    except httpx.InvalidURL:
        return Fetched(fault="the feed's address is no URL")
    except httpx.HTTPError as error:
        return Fetched(fault=f"the feed cannot be reached ({type(error).__name__})")
    except OSError as error:
        return Fetched(fault=f"the feed cannot be reached ({error.strerror or type(error).__name__})")


async def _following(
    http: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str], now: datetime
) -> Fetched:
    at_home = url.host in _LOOPBACK
    for _ in range(_MOST_REDIRECTS + 1):
        async with _asking(http, url, headers) as answer:
            if answer.status_code not in _REDIRECTS:
                return await _read(answer, now)
            target = url.join(answer.headers.get("location", ""))
        # A page out there must not send us to addresses in here.
        if target.scheme != "https" and not (
            at_home and target.scheme == "http" and target.host in _LOOPBACK
        ):
            return Fetched(fault="the feed redirects to an address that is not https")
        url = target
    return Fetched(fault=f"the feed redirects more than {_MOST_REDIRECTS} times")


@asynccontextmanager
async def _asking(
    http: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str]
) -> AsyncIterator[httpx.Response]:
    request = http.build_request("GET", url, headers=headers, timeout=None)
    # The client may be shared, and a status page needs to know nobody again.
    request.headers.pop("cookie", None)
    answer = await http.send(request, stream=True, follow_redirects=False)
    try:
        yield answer
    finally:
        await answer.aclose()


async def _read(answer: httpx.Response, now: datetime) -> Fetched:
    retry_after = retry_after_seconds(answer.headers, now)
    if answer.status_code == 304:
        return Fetched()
    if answer.status_code != 200:
        return Fetched(fault=f"the feed answers HTTP {answer.status_code}", retry_after=retry_after)
    body = await _body(answer)
    if isinstance(body, str):
        return Fetched(fault=body)
    return Fetched(body, validators=_validators(answer.headers))


async def _body(answer: httpx.Response) -> bytes | str:
    """The body unpacked, or what is wrong with it; never more than `BODY_LIMIT` is held."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", ""):
        return "the answer is packed in a way nobody asked for"
    raw = bytearray()
    async for piece in answer.aiter_raw():
        raw += piece
        if len(raw) > BODY_LIMIT:
            return f"the answer is larger than {BODY_LIMIT // 1024 // 1024} MB"
    if coding != "gzip":
        return bytes(raw)
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = unpacker.decompress(bytes(raw), BODY_LIMIT + 1)
    except zlib.error:
        return "the answer is damaged gzip"
    if len(body) > BODY_LIMIT:
        return f"the answer is larger than {BODY_LIMIT // 1024 // 1024} MB"
    return body if unpacker.eof else "the answer is damaged gzip"


def _validators(headers: httpx.Headers) -> dict[str, str]:
    found = {"If-None-Match": headers.get("etag"), "If-Modified-Since": headers.get("last-modified")}
    return {name: value for name, value in found.items() if value and len(value) <= 200 and value.isascii()}
