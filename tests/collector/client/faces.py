"""Both faces of the client behind one interface, so that every scenario runs through each of them."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from collector.client import ApiClient, RetryPolicy, SyncApiClient
from tests.collector.probes.http.server import Behaviour, Connection, Request

#: Made once: httpx would read all authorities again for each client, which takes longer than most tests.
_TRUST = ssl.create_default_context()


@dataclass
class Rows:
    """A recorder that keeps what it is given."""

    calls: list[Mapping[str, Any]] = field(default_factory=list)
    events: list[Mapping[str, Any]] = field(default_factory=list)

    def record_call(self, row: Mapping[str, Any]) -> None:
        self.calls.append(row)

    def record_circuit_event(self, row: Mapping[str, Any]) -> None:
        self.events.append(row)

    @property
    def call(self) -> Mapping[str, Any]:
        """The only one."""
        (row,) = self.calls
        return row

    @property
    def changes(self) -> list[tuple[str, str]]:
        return [(row["old_state"], row["new_state"]) for row in self.events]


@dataclass
class Pauses:
    """Waits for nothing and remembers how long it should have been."""

    seconds: list[float] = field(default_factory=list)

    async def wait(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def block(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def in_thread(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """`function` in a thread; its exception comes back as the same object, which asyncio does not promise."""

    def run() -> tuple[Any, BaseException | None]:
        try:
            return function(*arguments, **named), None
        except Exception as error:  # noqa: BLE001  it is raised again outside
            return None, error

    result, error = await asyncio.to_thread(run)
    if error is not None:
        raise error
    return result


@dataclass
class Speaking:
    """One client of either face; `client` is the real one."""

    client: ApiClient | SyncApiClient

    async def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        if isinstance(self.client, ApiClient):
            return await self.client.request(method, url, **arguments)
        return await in_thread(self.client.request, method, url, **arguments)

    async def get(self, url: str, **arguments: Any) -> httpx.Response:
        if isinstance(self.client, ApiClient):
            return await self.client.get(url, **arguments)
        return await in_thread(self.client.get, url, **arguments)


@dataclass
class Making:
    """Makes clients of one face, by default with a recorder in `rows` and pauses that take no time."""

    synchronous: bool
    rows: Rows = field(default_factory=Rows)
    pauses: Pauses = field(default_factory=Pauses)

    @contextlib.asynccontextmanager
    async def client(self, api: str = "shop", **settings: Any) -> AsyncIterator[Speaking]:
        chosen: dict[str, Any] = {"recorder": self.rows, "random": lambda: 1.0, "timeout": 5.0} | settings
        if "http" not in chosen:
            chosen.setdefault("verify", _TRUST)
        chosen.setdefault("sleep", self.pauses.block if self.synchronous else self.pauses.wait)
        if self.synchronous:
            with SyncApiClient(api, **chosen) as plain:
                yield Speaking(plain)
        else:
            async with ApiClient(api, **chosen) as client:
                yield Speaking(client)


NEVER = RetryPolicy(retries=0)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour a request; the last one for all further requests."""
    left = list(behaviours)

    async def behave(connection: Connection, request: Request) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(connection, request)

    return behave
