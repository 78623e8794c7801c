"""The reports that were made: each period once.

The functions take an open connection; nothing here commits.
"""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from analytics.alerting import Outgoing
from analytics.ids import uuid7
from collector.store_outbox import insert_outgoing

_NEWEST = "SELECT kind, max(period_end) FROM reports GROUP BY kind"
_INSERT = "INSERT INTO reports VALUES ($id::UUID, $kind, $period_start, $period_end, $made_at, $path)"


def newest_reports(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """The end of the newest period of each kind that has a report, in UTC."""
    return dict(connection.execute(_NEWEST).fetchall())


def insert_report(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    period: tuple[datetime, datetime],
    path: str,
    outgoing: Sequence[Outgoing],
    now: datetime,
) -> None:
    """Say that the report of `period` (start, end) exists at `path`, and hand `outgoing` to the outbox.

    In one transaction (the caller's): a report that is known as made is also sent, at least once.
    """
    connection.execute(
        _INSERT,
        {
            "id": str(uuid7(int(now.timestamp() * 1000))),
            "kind": kind,
            "period_start": period[0],
            "period_end": period[1],
            "made_at": now,
            "path": path,
        },
    )
    insert_outgoing(connection, outgoing, now)
