"""The raw body of a request from the ASGI messages it comes in: bounded in bytes and in time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyTooLarge(Exception):
    """The body is longer than allowed; what came of it was not kept."""


class BodyTimeout(Exception):
    """The body was not complete in time."""


class SenderGone(Exception):
    """The sender went away before the body was complete."""


class BodyBudget:
    """Bytes of bodies in memory over all requests: many large ones at once must not fill it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

    def take(self, size: int) -> bool:
        """Whether `size` bytes more fit; then they are taken."""
        if self.taken + size > self.limit:
            return False
        self.taken += size
        return True

    def give_back(self, size: int) -> None:
        """`size` bytes are no longer in memory."""
        self.taken -= size


class BudgetSpent(Exception):
    """Too many bytes of other requests are in memory."""


async def read_body(
    receive: Receive,
    headers: Iterable[tuple[bytes, bytes]],
    limit: int,
    seconds: float,
    budget: BodyBudget | None = None,
) -> bytes:
    """The body, byte for byte as it was sent.

    At most `limit` bytes within `seconds`. The bytes stay taken from `budget` when this returns. Raises
    `BodyTooLarge`, `BodyTimeout`, `SenderGone` or `BudgetSpent`; then nothing is taken.
    """
    if _declared(headers) > limit:
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    complete = False
    try:
        async with asyncio.timeout(seconds):
            while not complete:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise SenderGone
                part = message.get("body", b"")
                if size + len(part) > limit:
                    raise BodyTooLarge
                if budget is not None and not budget.take(len(part)):
                    raise BudgetSpent
                size += len(part)
                parts.append(part)
                complete = not message.get("more_body", False)
    except TimeoutError:
        raise BodyTimeout from None
    finally:
        if budget is not None and not complete:
            budget.give_back(size)
    return b"".join(parts)


def _declared(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """What Content-Length says; 0 when it says nothing, and the limit holds while reading."""
    for name, value in headers:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0
