"""Says once, in the log, that rows bear a name that no service has: most often a misspelling."""

import asyncio
import difflib
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Protocol

from collector.intake import Row, Stored
from collector.log import Logger

#: Names are chosen by senders; a sender that makes up new ones must not fill the log.
MOST_NAMES = 100

#: The column that says which service a row belongs to.
_COLUMNS = {"api_metrics": "api_name", "webhook_metrics": "source", "circuit_events": "api_name"}
#: As many are looked at in 0.2 ms; then the event loop has a turn.
_AT_ONCE = 5000


class Store(Protocol):
    """What is needed of an `Intake`."""

    async def store(self, table: str, rows: Sequence[Row], /) -> Stored: ...


class NamesNoted:
    """`store`, with a line in the log for each unknown name among the rows that it stored.

    `known` has the names that services of the configuration have, by table; a table that it leaves out is
    not looked at. Each name is told once, `MOST_NAMES` of them at most: then nothing more is said.
    """

    def __init__(self, store: Store, known: Mapping[str, Collection[str]], log: Logger) -> None:
        self._store = store
        self._known = {table: frozenset(names) for table, names in known.items()}
        self._log = log
        self._told: set[tuple[str, str]] = set()

    async def store(self, table: str, rows: Sequence[Row]) -> Stored:
        """Store `rows` and note their names; raises what the store raises, and then notes nothing."""
        stored = await self._store.store(table, rows)
        if table in self._known and len(self._told) < MOST_NAMES:
            await self._note(table, rows)
        return stored

    async def _note(self, table: str, rows: Sequence[Row]) -> None:
        name_of = itemgetter(_COLUMNS[table])
        for start in range(0, len(rows), _AT_ONCE):
            if start:
                await asyncio.sleep(0)
            for name in sorted(set(map(name_of, rows[start : start + _AT_ONCE])) - self._known[table]):
                self._tell(table, name)

    def _tell(self, table: str, name: str) -> None:
        if (table, name) in self._told or len(self._told) >= MOST_NAMES:
            return
        self._told.add((table, name))
        near = difflib.get_close_matches(name, self._known[table], n=1, cutoff=0.6)
        hint = {"did_you_mean": near[0]} if near else {}
        self._log.warning("unknown_name", table=table, name=name, **hint)
