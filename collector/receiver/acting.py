"""What the routes of people's actions stand on: how to read, how to act, and what to say when that fails."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from analytics.db import Connection, DatabaseError
from collector.receiver.action_body import WrongBody, wrong_body
from collector.receiver.answers import refusal

T = TypeVar("T")
_COME_AGAIN_SECONDS = 2.0


class Work(Protocol):
    """Runs a function on the database in one transaction and returns what it returns.

    To act, it runs where the recorder writes, commits, and wakes the delivery; to read, it changes nothing.
    Raises a `DatabaseError`, or what the function raises.
    """

    def __call__(self, work: Callable[[Connection], T], /) -> Awaitable[T]: ...


async def answered(
    handle: Callable[[Request], Awaitable[Response]], mask: Callable[[str], str], request: Request
) -> Response:
    """What `handle` answers to `request`; a wrong body is 422, a database that cannot be used 503."""
    try:
        return await handle(request)
    except WrongBody as error:
        return wrong_body(error)
    except DatabaseError as error:
        return refusal(503, f"the database cannot be used now: {mask(str(error))}", _COME_AGAIN_SECONDS)


def id_of(request: Request) -> UUID | None:
    """The id in the address; None when it is none."""
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        return None


def written_time(moment: datetime) -> str:
    """`moment` as JSON says it: UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """A value of a row as JSON says it."""
    return written_time(value) if isinstance(value, datetime) else value
