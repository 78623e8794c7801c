"""Passing a genuine delivery on to the user's own program, and what that made of it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import httpx

from collector.webhooks.reasons import DeliveryReason

#: An upstream that did not answer in time may finish within this, so that the sender's next attempt is
#: recognised instead of being processed a second time.
FINISH_SECONDS = 60.0
#: Deliveries of one source that its upstream has in hand at once; others wait for their turn.
AT_ONCE = 32
#: Bytes of an answer that are passed on; senders look at the status.
ANSWER_LIMIT = 64 * 1024
_ANSWER_SECONDS = 2.0

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"content-length",
        b"expect",
        b"host",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"accept-encoding",
    }
)
_PASSED_BACK = ("content-type", "content-encoding", "retry-after")

RawHeaders = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery, and the answer its sender gets. `processed` None: nobody was asked."""

    status: int
    processed: bool | None
    reason: str | None = None
    message: str | None = None
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


def failed(status: int, reason: DeliveryReason, message: str) -> Outcome:
    """A delivery that has to come again; the sender is told the same as the row."""
    return Outcome(status, False, reason.value, message)


class Upstream:
    """One URL that takes deliveries."""

    def __init__(self, http: httpx.AsyncClient, url: str, at_once: int = AT_ONCE) -> None:
        self._http = http
        self._url = url
        self._turn = asyncio.Semaphore(at_once)

    async def process(self, headers: RawHeaders, body: bytes, start_within: float) -> Outcome:
        """Post the delivery; it begins within `start_within` seconds or not at all. Never raises."""
        try:
            async with asyncio.timeout(start_within):
                await self._turn.acquire()
        except TimeoutError:
            message = "the upstream has too many deliveries in hand"
            return failed(504, DeliveryReason.UPSTREAM_TIMEOUT, message)
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                return await self._post(headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol):
            message = "the upstream cannot be reached"
            return failed(502, DeliveryReason.UPSTREAM_UNREACHABLE, message)
        except (TimeoutError, httpx.TimeoutException):
            return failed(504, DeliveryReason.UPSTREAM_TIMEOUT, "the upstream did not answer in time")
        except Exception as error:  # noqa: BLE001  whatever happens there, the sender gets an answer
            message = f"the upstream broke off without an answer ({type(error).__name__})"
            return failed(502, DeliveryReason.UPSTREAM_UNREACHABLE, message)
        finally:
            self._turn.release()

    async def _post(self, headers: RawHeaders, body: bytes) -> Outcome:
        timeout = httpx.Timeout(FINISH_SECONDS).as_dict()
        # Built without the client, whose default headers and cookies are not the sender's.
        request = httpx.Request(
            "POST", self._url, headers=list(headers), content=body, extensions={"timeout": timeout}
        )
        response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            return _outcome(response, await _answer(response))
        finally:
            await response.aclose()


def _outcome(response: httpx.Response, answer: bytes | None) -> Outcome:
    status = response.status_code
    if not 200 <= status < 600 or 300 <= status < 400:
        message = f"the upstream answered {status}, which is no answer to a delivery"
        if 300 <= status < 400:
            message = f"the upstream redirects ({status}); configure the URL it redirects to"
        return failed(502, DeliveryReason.PROCESSING_FAILED, message)
    headers = tuple(
        (name, value)
        for name in _PASSED_BACK
        if (value := response.headers.get(name)) is not None
        and value.isascii()
        and value.isprintable()
        and (answer is not None or not name.startswith("content-"))
    )
    if status < 300:
        return Outcome(status, True, None, None, answer, headers)
    reason = DeliveryReason.PROCESSING_FAILED.value
    return Outcome(status, False, reason, f"the upstream answered {status}", answer, headers)


async def _answer(response: httpx.Response) -> bytes | None:
    """The body as it is, None if it is longer than anyone needs or does not come: the status has said it."""
    answer = bytearray()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for part in response.aiter_raw():
                answer += part
                if len(answer) > ANSWER_LIMIT:
                    return None
    except (TimeoutError, httpx.HTTPError):
        return None
    return bytes(answer)


def forwarded_headers(
    headers: Iterable[tuple[bytes, bytes]], peer: str | None, scheme: str, host: str
) -> list[tuple[bytes, bytes]]:
    """The sender's headers for the upstream: without those of the connection, with who sent it.

    `peer` is the address the delivery came from, `scheme` and `host` what it was sent to. What a proxy before
    us said stays; its list of addresses is added to.
    """
    received = [(name.lower(), value) for name, value in headers]
    listed = b",".join(value for name, value in received if name == b"connection").lower()
    dropped = _HOP_BY_HOP | {name.strip() for name in listed.split(b",")}
    passed = [(name, value) for name, value in received if name not in dropped]
    known = {name for name, _ in passed}
    before = [value for name, value in passed if name == b"x-forwarded-for"]
    if peer is not None:
        passed = [(name, value) for name, value in passed if name != b"x-forwarded-for"]
        passed.append((b"x-forwarded-for", b", ".join([*before, peer.encode("ascii", "replace")])))
    if b"x-forwarded-proto" not in known:
        passed.append((b"x-forwarded-proto", scheme.encode("ascii", "replace")))
    if b"x-forwarded-host" not in known and host:
        passed.append((b"x-forwarded-host", host.encode("latin-1", "replace")))
    passed.append((b"accept-encoding", b"identity"))
    return passed
