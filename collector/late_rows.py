"""Says which rows came for hours that are over: what is kept of those is made anew."""

from collections.abc import Iterable
from datetime import datetime

import duckdb

from analytics.model import CheckResult
from analytics.rollups import mark_late


def mark_late_rows(
    connection: duckdb.DuckDBPyConnection,
    traffic: Iterable[datetime],
    now: datetime | None,
    checks: Iterable[CheckResult] = (),
) -> None:
    """Put the hours of rows just written on the list of what is to be made anew, if they are finished.

    `traffic` are the times of calls or deliveries. `now` is the time of the write; without it hours that are
    being finished at this moment are missed. In the transaction that wrote the rows.
    """
    mark_late(connection, traffic, now, ((check.service, check.timestamp) for check in checks))
