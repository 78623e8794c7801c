"""One HTTP request, redirects included; every failure is a `ProbeFailure` with one of our reasons."""

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from analytics.model import Reason
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.http_faults import TRANSPORT_ERRORS, failure
from collector.probes.http_transport import TRACE, Trace
from collector.probes.http_url import shown_url

#: Bytes of a body that are read, after decompression; what follows is not looked at.
BODY_LIMIT = 1024 * 1024
MAX_REDIRECTS = 5

#: Headers that may follow a redirect to another origin; any other may hold a credential.
_HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "connection", "host", "user-agent"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `url` is the final one without query string, `details` holds address and TLS facts.

    `elapsed_ms` runs from the name lookup to the last byte read. `truncated` says that the body was longer
    than the limit and `body` is its beginning.
    """

    status: int
    headers: httpx.Headers
    body: bytes
    truncated: bool
    elapsed_ms: float
    url: str
    redirects: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The body as text, in the character set its header names, or UTF-8."""
        try:
            return self.body.decode(_charset(self.headers), "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises `ProbeFailure` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            kind = self.headers.get("content-type", "no content type").partition(";")[0][:60]
            message = f"the answer is not JSON but {kind}"
            raise ProbeFailure(Reason.PROTOCOL, message, self.details) from None


async def fetch(
    context: ProbeContext,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: str | bytes | None = None,
    follow_redirects: bool = False,
    body_limit: int = BODY_LIMIT,
) -> Fetched:
    """Send one request and read its answer.

    Phases are added to `context.steps` in milliseconds: `dns`, `connect`, `tls`, `first_byte`, `transfer`.
    With `follow_redirects` a GET or HEAD follows at most five; on the way to another origin every header
    that could be a credential is dropped. Cookies live as long as this call. Address, status and TLS facts
    go into `context.notes` as soon as they are known. Raises `ProbeFailure`.
    """
    trace = Trace(context.steps, context.notes)
    started = time.perf_counter()
    host = ""
    try:
        request = context.http.build_request(method, url, headers=headers, content=content)
        cookies, redirects = httpx.Cookies(), 0
        while True:
            host = request.url.host
            request.extensions = {**request.extensions, TRACE: trace}
            trace.details.pop("http_status", None)
            response = await context.http.send(request, stream=True, follow_redirects=False)
            trace.details["http_status"] = response.status_code
            try:
                follow = follow_redirects and method in ("GET", "HEAD") and response.next_request
                if not follow:
                    body, truncated = await _read(response, trace, body_limit)
                    elapsed_ms = 1000.0 * (time.perf_counter() - started)
                    break
            finally:
                await response.aclose()
            if redirects == MAX_REDIRECTS:
                raise ProbeFailure(Reason.PROTOCOL, f"more than {MAX_REDIRECTS} redirects", trace.details)
            redirects += 1
            cookies.extract_cookies(response)
            request = _redirected(request, follow, cookies)
    except TRANSPORT_ERRORS as error:
        raise failure(error, host, trace) from error
    final = shown_url(str(request.url))
    facts = dict(trace.details)
    return Fetched(
        response.status_code, response.headers, body, truncated, elapsed_ms, final, redirects, facts
    )


def _redirected(old: httpx.Request, new: httpx.Request, cookies: httpx.Cookies) -> httpx.Request:
    if new.url.scheme not in ("http", "https"):
        raise ProbeFailure(Reason.PROTOCOL, f"redirected to {new.url.scheme}:, which is not HTTP")
    if not _may_see_credentials(old.url, new.url):
        for name in [name for name in new.headers if name.lower() not in _HARMLESS]:
            del new.headers[name]
    new.headers.pop("cookie", None)
    cookies.set_cookie_header(new)
    return new


def _may_see_credentials(old: httpx.URL, new: httpx.URL) -> bool:
    """The same origin may, and the https side of the same host: the usual upgrade of a plain URL."""
    upgrade = (("http", 80), ("https", 443))
    before, after = (old.scheme, _port(old)), (new.scheme, _port(new))
    return old.host == new.host and (before == after or (before, after) == upgrade)


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


async def _read(response: httpx.Response, trace: Trace, limit: int) -> tuple[bytes, bool]:
    """The decoded body and whether it was cut at `limit` bytes.

    Read raw and decompressed here, piece by piece: a small gzip answer can hold gigabytes.
    """
    body = bytearray()
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    inflate = zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else None
    with trace.steps.step("transfer", follows=True):
        async for part in response.aiter_raw():
            try:
                body += inflate.decompress(part, limit + 1 - len(body)) if inflate else part
            except zlib.error:
                message = f"the body is not the {encoding} it says it is"
                raise ProbeFailure(Reason.PROTOCOL, message, trace.details) from None
            if len(body) > limit:
                return bytes(body[:limit]), True
    return bytes(body), False


def _charset(headers: httpx.Headers) -> str:
    for part in headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or "utf-8"
    return "utf-8"
