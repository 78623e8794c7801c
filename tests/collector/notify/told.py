"""Messages, a channel that follows a script, and an outbox to look into, for tests of delivery."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.alerting import Action, Message, Outgoing
from analytics.db import FileLocation, Location, read_only, transact
from analytics.model import Severity
from collector.log import configure
from collector.notify.base import Outcome, Receipt
from collector.notify.deliver import Delivery
from collector.secrets import Redactor
from collector.store_outbox import insert_outgoing

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OK = Receipt(Outcome.ACCEPTED, "202 accepted")
BUSY = Receipt(Outcome.FAILED, "500 internal error")
WRONG = Receipt(Outcome.REFUSED, "400 invalid routing key")
INCIDENT = UUID("019cb000-0000-7000-8000-000000000001")


def message(action: Action | str = "trigger", key: str = "k", **values: Any) -> Message:
    """A message with `action` about `key`."""
    given = {"service": "api/shopify", "severity": Severity.CRITICAL, "title": "Shopify down", "text": "503"}
    return Message(
        **{"action": Action(action), "dedup_key": key, "at": NOW, "began_at": NOW, **given, **values}
    )


@dataclass
class Channel:
    """Answers with `script`, one after the other, then with `last`; keeps what it was told."""

    name: str = "oncall"
    kind: str = "pagerduty"
    for_machines: bool = True
    script: list[Receipt | Exception] = field(default_factory=list)
    last: Receipt = OK
    not_taken: tuple[str, ...] = ()
    told: list[Message] = field(default_factory=list)
    accepted: list[Message] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    most_at_once: int = 0
    _at_once: int = 0

    def __post_init__(self) -> None:
        self.opened.set()

    def takes(self, message: Message) -> bool:
        return message.action not in self.not_taken

    def rendered(self, message: Message) -> Mapping[str, Any] | str:
        return message.title

    async def send(self, message: Message) -> Receipt:
        self.told.append(message)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self.opened.wait()
        finally:
            self._at_once -= 1
        answer = self.script.pop(0) if self.script else self.last
        if isinstance(answer, Exception):
            raise answer
        if answer.outcome is Outcome.ACCEPTED:
            self.accepted.append(message)
        return answer

    @property
    def actions(self) -> list[str]:
        return [one.action.value for one in self.told]


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def put(
    location: Location,
    *messages: Message,
    channels: Sequence[str] = ("oncall",),
    incident: UUID | None = None,
    now: datetime = NOW,
) -> None:
    """Put each of `messages` into the outbox, for each of `channels`."""
    outgoing = [Outgoing(name, one, incident) for one in messages for name in channels]
    transact(location, lambda connection: insert_outgoing(connection, outgoing, now))


def delivery(location: Location, *channels: Any, clock: Clock | None = None, **given: Any) -> Delivery:
    """A delivery over `channels`, with no chance in it."""
    values = {"random": lambda: 1.0, **given}
    return Delivery(location, channels, configure(Redactor()), clock or Clock(), **values)


def fetch(location: Location, sql: str) -> list[tuple[Any, ...]]:
    with read_only(location) as connection:
        return connection.execute(sql).fetchall()


def states(location: Location) -> list[str]:
    """What became of each message, in the order of creation."""
    return [row[0] for row in fetch(location, "SELECT state FROM notifications ORDER BY id")]


def payloads(location: Location) -> list[dict[str, Any]]:
    return [json.loads(row[0]) for row in fetch(location, "SELECT payload FROM notifications ORDER BY id")]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(over: Delivery) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(over.run())
    try:
        yield task
    finally:
        if not task.cancelling():
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def all_due(over: Delivery, clock: Clock, **step: float) -> None:
    """Rounds until nothing is due any more at this moment, or `step` apart."""
    while await over.deliver_due():
        clock.move(**step)


def events(location: Location) -> list[tuple[str, str]]:
    return fetch(location, "SELECT kind, message FROM incident_events ORDER BY timestamp, id")


async def short(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.01))


@contextlib.contextmanager
def unwritable(location: FileLocation) -> Iterator[None]:
    """Nothing may be written in the block: the lock file of writers cannot be opened."""
    lock = Path(f"{location.path}.writing")
    lock.unlink(missing_ok=True)
    lock.mkdir()
    try:
        yield
    finally:
        lock.rmdir()
