"""Rows that come for an hour that is finished already, or is being finished at this moment.

In a DuckLake two may write at once, and neither sees what the other one does. So an hour that is over counts
as late before it is finished; whoever finishes it forgets that only of the rows it saw, with which it has
worked. What it did not see stands here afterwards, and the hour is made anew.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb

from analytics.coverage import hour_of
from analytics.named_sql import query


def mark_late(
    connection: duckdb.DuckDBPyConnection, hours: Iterable[datetime], now: datetime | None = None
) -> None:
    """Remember those of `hours` that are finished, so that `next_step` has them made anew.

    Those that are over at `now` are remembered as well, for they may be finished at this moment; without
    `now` one that is being finished in another transaction is missed. `hours` may be the times of the rows
    themselves. Belongs into the transaction that brings the rows.
    """
    wanted = sorted({hour_of(hour.astimezone(UTC)) for hour in hours})
    if wanted:
        over = None if now is None else hour_of(now.astimezone(UTC))
        connection.execute(query("mark_late_hours"), {"hours": wanted, "over": over})


def late_hours(connection: duckdb.DuckDBPyConnection) -> list[datetime]:
    """The finished hours that are to be made anew, oldest first."""
    return [hour.astimezone(UTC) for (hour,) in connection.execute(query("waiting_late_hours")).fetchall()]
