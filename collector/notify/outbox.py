"""The outbox as delivery sees it: what waits, and outcomes on their way into the database.

An outcome stays in memory until it is recorded, however long the database cannot be written: nothing that was
accepted is sent again by this process. After a crash it is, with the same key: that is the promise.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from analytics.db import DatabaseError, Location, read_only, transact
from collector.log import Logger
from collector.notify.folding import REFUSED_BEFORE
from collector.store_outbox import Settlement, WaitingRow, revive_refused, settle, waiting

#: So many keys of one channel are looked at in a round, and so many messages of a key; what lies behind waits
#: for its turn.
_MOST_KEYS, _MOST_A_KEY = 500, 50

T = TypeVar("T")


@dataclass
class Outbox:
    """`failure` says why outcomes wait to be recorded, None when all are."""

    location: Location
    log: Logger
    failure: str | None = None
    unrecorded: dict[UUID, Settlement] = field(default_factory=dict)
    #: Of its own, so that no name lookup of others keeps an outcome waiting.
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "delivery"))

    def settle(self, settlement: Settlement) -> None:
        """Keep what became of a message until `record` has it in the database."""
        self.unrecorded[settlement.id] = settlement

    async def begin(self, channels: Sequence[str]) -> None:
        """At the start: what was refused of incidents and notices that are not over is tried once more.

        The reason may have been mended. Raises a `DatabaseError`.
        """
        revived = await self._in_thread(
            lambda: transact(
                self.location, lambda connection: revive_refused(connection, channels, REFUSED_BEFORE)
            )
        )
        if revived:
            self.log.info("refused_alerts_tried_again", alerts=revived)

    async def waiting(self) -> list[WaitingRow]:
        """The messages that are not settled, oldest first, as far as what this process knows is recorded.

        Of a key with an outcome that is not recorded yet there is none. Raises a `DatabaseError`.
        """

        def read() -> list[WaitingRow]:
            with read_only(self.location) as connection:
                return waiting(connection, _MOST_KEYS, _MOST_A_KEY)

        rows = await self._in_thread(read)
        settled = {one.id for one in self.unrecorded.values() if one.state != "pending"}
        closed = {(row.channel, row.dedup_key) for row in rows if row.id in settled}
        return [self._as_known(row) for row in rows if (row.channel, row.dedup_key) not in closed]

    def _as_known(self, row: WaitingRow) -> WaitingRow:
        known = self.unrecorded.get(row.id)
        if known is None:
            return row
        return replace(
            row,
            attempts=known.attempts,
            next_attempt_at=known.next_attempt_at,
            first_attempt_at=known.first_attempt_at,
        )

    async def record(self) -> None:
        """Put every outcome at hand into the database, in one transaction; what cannot be put there stays."""
        outcomes = list(self.unrecorded.values())
        if not outcomes:
            return
        try:
            await self._record(outcomes)
        except DatabaseError as error:
            self._trouble(str(error))
            return
        except Exception as error:  # noqa: BLE001  one outcome that is refused must not keep all others out
            await self._record_one_by_one(outcomes, error)
            return
        self.failure = None

    async def _record(self, outcomes: Sequence[Settlement]) -> None:
        committed = False

        def write() -> None:
            nonlocal committed
            transact(self.location, lambda connection: settle(connection, outcomes))
            committed = True

        try:
            await self._in_thread(write)
        finally:
            for one in outcomes if committed else ():
                if self.unrecorded.get(one.id) is one:
                    del self.unrecorded[one.id]

    async def _record_one_by_one(self, outcomes: Sequence[Settlement], error: Exception) -> None:
        """What the database refuses stays in memory, so that at least it is not sent again."""
        self._trouble(f"the database refused an outcome: {type(error).__name__}: {error}")
        for one in outcomes if len(outcomes) > 1 else ():
            try:
                await self._record([one])
            except DatabaseError:
                return
            except Exception:  # noqa: BLE001, S112  it is told already
                continue

    def _trouble(self, reason: str) -> None:
        if self.failure is None:
            self.log.error("outcomes_not_recorded", outcomes=len(self.unrecorded), reason=reason)
        self.failure = reason

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """`work` to its end, also when this task is cancelled meanwhile: it may have begun to write."""
        task = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
