"""The rows of one sender, and telling the sender what became of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.ids import uuid7_texts

Row = Mapping[str, Any]

#: So many senders are woken in one round of the event loop.
_AT_A_TIME = 8


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the rows of one sender: how many are new in the file, how many were there already."""

    stored: int
    duplicates: int


@dataclass(slots=True)
class Batch:
    """Rows of one sender for one table, each with an id of its own. `told` is None when nobody waits."""

    table: str
    rows: Sequence[Row]
    repeated: int = 0
    told: "asyncio.Future[Stored] | None" = None


Told = tuple["asyncio.Future[Stored]", Stored]


async def tell(told: Sequence[Told]) -> None:
    """Wake those who wait, a few at a time: each answers a request, and others want their turn between."""
    for number, (future, result) in enumerate(told):
        resolve(future, result)
        if number % _AT_A_TIME == _AT_A_TIME - 1:
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                for remaining in told[number + 1 :]:
                    resolve(*remaining)
                raise


def resolve(future: "asyncio.Future[Stored]", result: Stored) -> None:
    """Give `result` to who waits, if it still does."""
    if not future.done():
        future.set_result(result)


def batch_of(table: str, rows: Sequence[Row]) -> Batch:
    """`rows` with an id each, in lower case; of those that bear the same id, the first."""
    ids = [row.get("id") for row in rows]
    if len(set(ids)) == len(ids) and all(type(key) is str and key == key.lower() for key in ids):
        return Batch(table, rows)
    fresh = iter(uuid7_texts(sum(1 for row in rows if not row.get("id"))))
    named: dict[str, Row] = {}
    for row in rows:
        given = row.get("id")
        if given is None:
            key = next(fresh)
            named[key] = {**row, "id": key}
        else:
            key = str(given).lower()
            if key not in named:
                named[key] = row if key == given else {**row, "id": key}
    return Batch(table, list(named.values()), len(rows) - len(named))
