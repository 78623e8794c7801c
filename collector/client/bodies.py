"""Bodies with a limit: a broken or hostile server must not fill the memory."""

import httpx

#: Headers that describe the bytes on the wire, which a body that was read here no longer is.
_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")


class BodyTooLong(httpx.RequestError):
    """The body of an answer is longer than the client's `body_limit`."""


class Body:
    """Collects the decompressed pieces of one answer's body, up to `limit` bytes."""

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self._response = response
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        """Take one piece. Raises `BodyTooLong`."""
        self._size += len(part)
        if self._size > self._limit:
            message = f"the body is longer than {self._limit} bytes"
            raise BodyTooLong(message, request=self._response.request)
        self._parts.append(part)

    def response(self) -> httpx.Response:
        """The answer with the whole body read."""
        given = self._response
        headers = [
            (name, value) for name, value in given.headers.raw if name.lower().decode() not in _OF_THE_WIRE
        ]
        whole = httpx.Response(
            given.status_code,
            headers=headers,
            content=b"".join(self._parts),
            request=given.request,
            extensions=given.extensions,
            history=given.history,
            default_encoding=given.default_encoding,
        )
        whole.next_request = given.next_request
        whole.elapsed = given.elapsed
        return whole
