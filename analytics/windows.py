"""Windows over recorded traffic: what the status rules judge an API or a webhook source by."""

from datetime import datetime, timedelta

import duckdb

from analytics.model import Basis, Reason, Window
from analytics.named_sql import query

#: The window of the status rules.
SPAN = timedelta(hours=1)

_QUERIES = {Basis.CALLS: "call_windows", Basis.DELIVERIES: "delivery_windows"}


def traffic_windows(connection: duckdb.DuckDBPyConnection, basis: Basis, now: datetime) -> dict[str, Window]:
    """The last hour of every API (by `api_name`) or webhook source (by `source`) as of `now`."""
    bounds = {"since": now - SPAN, "until": now}
    rows = connection.execute(query(_QUERIES[basis]), bounds).fetchall()
    return {row[0]: _window(basis, *row[1:]) for row in rows}


def _window(
    basis: Basis,
    total: int,
    failed: int,
    p95_ms: float | None,
    consecutive_failures: int,
    newest: datetime,
    retries: int,
    failure: dict[str, int | str | None] | None,
) -> Window:
    reason, message = Reason.OK, ""
    if failure is not None:
        status = failure["status"]
        reason = failure_reason(status if isinstance(status, int) else None)
        message = str(failure["message"] or (f"HTTP {status}" if status else ""))
    if basis is Basis.DELIVERIES and failure is not None:
        reason = Reason.AUTH
    return Window(
        total=total,
        failed=failed,
        p95_ms=p95_ms,
        consecutive_failures=consecutive_failures,
        newest=newest,
        reason=reason,
        message=message,
        retries=int(retries),
    )


def failure_reason(status_code: int | None) -> Reason:
    """The reason a failed call is given by its final HTTP status; None means that no answer came."""
    if status_code is None:
        return Reason.CONNECT
    if status_code in (401, 403):
        return Reason.AUTH
    if status_code == 429:
        return Reason.RATE_LIMITED
    if status_code >= 500:
        return Reason.HTTP_5XX
    return Reason.HTTP_4XX if status_code >= 400 else Reason.PROTOCOL
