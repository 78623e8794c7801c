"""The beginning of an answer's body, seen before the caller reads it, who then reads all of it.

A streamed answer is handed on unread; what a refusal says (OpenAI's `insufficient_quota`) stands in its body.
"""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import cast

import httpx

#: A refusal whose body is longer, as it travels or unpacked, says nothing.
MAX_BYTES = 65_536


def is_unread_refusal(response: httpx.Response) -> bool:
    """Whether `response` is a 429 whose body nobody has read: it may be a bill, which no repetition pays."""
    return response.status_code == 429 and not response.is_closed


def shown(response: httpx.Response) -> httpx.Response | None:
    """A copy of the streamed `response` with its whole body; None when it is longer than `MAX_BYTES`.

    `response` stays as unread as it was. Raises what reading raises.
    """
    rest = iter(cast(httpx.SyncByteStream, response.stream))
    parts: list[bytes] = []
    try:
        with _of(response):
            complete = all(_kept(parts, part) for part in rest)
    except BaseException:
        response.close()
        raise
    response.stream = _Whole(parts, rest, response.stream)
    return _copy(response, parts) if complete else None


async def shown_async(response: httpx.Response) -> httpx.Response | None:
    """`shown` for a response of `httpx.AsyncClient`."""
    rest = aiter(cast(httpx.AsyncByteStream, response.stream))
    parts: list[bytes] = []
    complete = True
    try:
        with _of(response):
            async for part in rest:
                complete = _kept(parts, part)
                if not complete:
                    break
    except BaseException:
        await response.aclose()
        raise
    response.stream = _WholeAsync(parts, rest, response.stream)
    return _copy(response, parts) if complete else None


def _kept(parts: list[bytes], part: bytes) -> bool:
    """Keep `part`; False when it is now enough."""
    parts.append(part)
    return sum(map(len, parts)) <= MAX_BYTES


def _copy(response: httpx.Response, parts: Sequence[bytes]) -> httpx.Response | None:
    try:
        copy = httpx.Response(
            response.status_code,
            headers=response.headers,
            content=b"".join(parts),
            request=response.request,
            default_encoding=response.default_encoding,
        )
    except httpx.DecodingError:
        return None
    return copy if len(copy.content) <= MAX_BYTES else None


@contextlib.contextmanager
def _of(response: httpx.Response) -> Iterator[None]:
    """Errors know their request, as httpx has it where it reads a body itself."""
    try:
        yield
    except httpx.RequestError as error:
        error.request = response.request
        raise


class _Whole(httpx.SyncByteStream):
    def __init__(self, parts: Sequence[bytes], rest: Iterator[bytes], source: object) -> None:
        self._parts = parts
        self._rest = rest
        self._source = cast(httpx.SyncByteStream, source)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        yield from self._rest

    def close(self) -> None:
        self._source.close()


class _WholeAsync(httpx.AsyncByteStream):
    def __init__(self, parts: Sequence[bytes], rest: AsyncIterator[bytes], source: object) -> None:
        self._parts = parts
        self._rest = rest
        self._source = cast(httpx.AsyncByteStream, source)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part
        async for part in self._rest:
            yield part

    async def aclose(self) -> None:
        await self._source.aclose()
