"""Delivers what waits in the outbox, until the other side has it or has refused it for good.

Within one channel and dedup key strictly in order: nothing is sent before what came before it is settled.
Apart from that side by side, so that one channel that hangs keeps no other waiting. At least once: what was
accepted just before a crash is sent again, with the same key.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics.db import DatabaseError, DatabaseUnusable, Location
from collector.log import Logger
from collector.notify.base import Channel, Outcome, Receipt
from collector.notify.health import DeliveryHealth
from collector.notify.option_values import LONGEST_TIMEOUT
from collector.notify.outbox import Outbox
from collector.notify.outcome import settlement
from collector.notify.pace import Pace, pace_of
from collector.notify.round import Lane, Next, lanes_of, next_of
from collector.store_outbox import Settlement

#: So often the outbox is looked at though nobody said that there is something new.
_IDLE = timedelta(seconds=30)
_AGAIN = timedelta(seconds=1)
#: The gap between two messages of the slowest channel, and the first delay after a failure is more.
_MOMENT = timedelta(seconds=2)
#: What ends within so long is recorded in one transaction.
_GATHER_SECONDS = 0.03
#: A channel ends its attempt itself, after a minute at most; this is for one that does not.
_LONGEST_SEND_SECONDS = LONGEST_TIMEOUT.total_seconds() + 5.0
_FINISH_SECONDS = 3.0
#: Failures in a row of one message that are told in the log; then its end is.
_TOLD_FAILURES = 3


@dataclass
class Delivery:
    """The one that delivers; there must not be two over one database.

    `off` names the channels that are configured and cannot be opened now: what is for them waits.
    `now` is the clock, `random` gives 0 to 1, `sleep` waits for seconds of that clock. `outcomes` counts, by
    channel and since the start, messages by what became of them (delivered, refused, folded, expired), and
    attempts that failed (failed).
    """

    location: Location
    channels: Sequence[Channel]
    log: Logger
    now: Callable[[], datetime]
    random: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    off: frozenset[str] = frozenset()
    _failure: str | None = None
    _round_at: datetime | None = None
    _waiting: Counter[str] = field(default_factory=Counter)
    _oldest: datetime | None = None
    _begun: bool = False
    _under_way: dict[Lane, "asyncio.Task[None]"] = field(default_factory=dict)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    def __post_init__(self) -> None:
        self._outbox = Outbox(self.location, self.log)
        self._by_name = {channel.name: channel for channel in self.channels}
        self._paces: dict[str, Pace] = {channel.name: pace_of(channel.kind) for channel in self.channels}

    def wake(self) -> None:
        """There is something new in the outbox. From any thread, at any time."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody delivers any more
                self._loop.call_soon_threadsafe(self._more.set)

    async def run(self) -> None:
        """Deliver until cancelled; then what is being sent may end, and is recorded."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                self._more.clear()
                pause = await self._round_or_trouble()
                await self._rest(pause)
        finally:
            await self._finish()

    async def deliver_due(self, now: datetime | None = None) -> int:
        """One round at `now` (default: the clock), beside no `run`: send what is due, wait for it, record it.

        Returns how many messages were sent, accepted or not. Raises a `DatabaseError`.
        """
        moment = now or self.now()
        await self._round(lambda: moment)
        tasks = list(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks)
        await self._outbox.record()
        return len(tasks)

    async def drain(self) -> None:
        """Send what waits, for a collector that ends now: until the next attempt is more than a moment away.

        Raises a `DatabaseError`, also when what became of a message cannot be recorded.
        """
        while True:
            due_at = await self._round(self.now)
            sent = list(self._under_way.values())
            if sent:
                await asyncio.wait(sent)
            elif self._outbox.failure is not None:
                raise DatabaseUnusable(f"what was sent could not be recorded: {self._outbox.failure}")
            elif due_at is None or due_at - self.now() > _MOMENT:
                break
            else:
                await self.sleep(max((due_at - self.now()).total_seconds(), _GATHER_SECONDS))

    def health(self) -> DeliveryHealth:
        """How delivery goes, without a look at the database."""
        failing = {name: pace for name, pace in self._paces.items() if pace.failing_since is not None}
        return DeliveryHealth(
            waiting={name: self._waiting[name] for name in self._by_name},
            oldest_waiting_at=self._oldest,
            failing={name: pace.failing_since for name, pace in failing.items() if pace.failing_since},
            last_error=next((f"{name}: {pace.last_error}" for name, pace in failing.items()), ""),
            failure=self._failure or self._outbox.failure,
            unrecorded=len(self._outbox.unrecorded),
            round_at=self._round_at,
        )

    async def _round_or_trouble(self) -> timedelta:
        """One round; how long to wait for the next one when nothing happens before."""
        try:
            due_at = await self._round(self.now)
        except DatabaseError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001  nothing may end what tells people
            reason = f"{type(error).__name__}: {error}"
        else:
            self._failure, self._round_at = None, self.now()
            if self._outbox.failure:
                return _AGAIN
            return _IDLE if due_at is None else min(max(due_at - self.now(), timedelta(0)), _IDLE)
        if self._failure is None:
            self.log.error("delivery_round_failed", reason=reason)
        self._failure = reason
        return _AGAIN

    async def _round(self, clock: Callable[[], datetime]) -> datetime | None:
        """Record what is known, and send what may be sent; when the next one may be, None when none waits."""
        if not self._begun:
            await self._outbox.begin(list(self._by_name))
            self._begun = True
        await self._outbox.record()
        rows = await self._outbox.waiting()
        now = clock()
        self._waiting = Counter(row.channel for row in rows)
        self._oldest = min((row.created_at for row in rows), default=None)
        lanes = {lane: rows for lane, rows in lanes_of(rows).items() if lane not in self._under_way}
        for name, pace in self._paces.items():
            pace.look(row for row in rows if row.channel == name)
        later: list[datetime] = []
        for one in next_of(lanes, self._by_name, self._settle, self.off):
            pace = self._paces[one.channel.name]
            ready_at = pace.ready_at(one.row, now)
            if ready_at > now:
                later.append(ready_at)
            elif not pace.full:
                pace.started(one.row, now)
                self._under_way[one.lane] = asyncio.create_task(self._attempt(one, clock))
        if self._outbox.unrecorded:
            later.append(now)
        return min(later, default=None)

    async def _attempt(self, one: Next, clock: Callable[[], datetime]) -> None:
        pace = self._paces[one.channel.name]
        try:
            receipt = await _sent(one)
            now = clock()
            pace.answered(receipt, now)
            settled = settlement(one.row, one.message.action, one.channel, receipt, now, self.random)
            self._settle(settled)
            self._tell(one, settled)
        finally:
            pace.under_way -= 1
            self._under_way.pop(one.lane, None)
            self._more.set()

    def _settle(self, settled: Settlement) -> None:
        outcome = "failed" if settled.state == "pending" else settled.state
        self.outcomes[settled.channel, outcome] += 1
        self._outbox.settle(settled)

    def _tell(self, one: Next, settled: Settlement) -> None:
        about = {
            "channel": one.channel.name,
            "action": one.message.action.value,
            "dedup_key": one.row.dedup_key,
            "attempts": settled.attempts,
        }
        if settled.state == "delivered":
            self.log.info("message_delivered", **about, answer=settled.answer)
        elif settled.state != "pending":
            self.log.error(f"message_{settled.state}", **about, reason=settled.last_error)
        elif settled.attempts <= _TOLD_FAILURES:
            self.log.warning("message_not_delivered", **about, reason=settled.last_error)

    async def _rest(self, pause: timedelta) -> None:
        """Until there is something new, or `pause` is over; a moment longer, for what comes together."""
        new = asyncio.create_task(self._more.wait())
        over = asyncio.create_task(_slept(self.sleep, pause.total_seconds()))
        try:
            await asyncio.wait({new, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            new.cancel()
            over.cancel()
        await asyncio.sleep(_GATHER_SECONDS)

    async def _finish(self) -> None:
        tasks = list(self._under_way.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_FINISH_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._outbox.record()


async def _sent(one: Next) -> Receipt:
    """One attempt, whatever the channel does. Of an exception only the name is kept: it may hold a secret."""
    try:
        async with asyncio.timeout(_LONGEST_SEND_SECONDS):
            return await one.channel.send(one.message)
    except Exception as error:  # noqa: BLE001  a channel that breaks its word must not end delivery
        return Receipt(Outcome.FAILED, f"the attempt ended with {type(error).__name__}")


async def _slept(sleep: Callable[[float], Awaitable[object]], seconds: float) -> None:
    await sleep(seconds)
