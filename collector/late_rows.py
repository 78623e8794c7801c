"""Says which rows came for hours that are over: what is kept of those is made anew."""

from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb

from analytics.coverage import hour_of
from analytics.rollups import mark_late


def mark_late_rows(
    connection: duckdb.DuckDBPyConnection, times: Iterable[datetime], now: datetime | None
) -> None:
    """Put the hours of `times`, those of rows just written, on the list of what is to be made anew.

    `now` is the time of the write: rows of the hour it lies in cannot be late, and if there are no others the
    database is not asked. None asks it in any case, and misses hours that are being finished at this moment.
    In the transaction that wrote the rows.
    """
    current = None if now is None else hour_of(now.astimezone(UTC))
    hours = {hour_of(time.astimezone(UTC)) for time in times if current is None or time < current}
    if hours:
        mark_late(connection, hours, now)
