"""How much of a period services were there, from rollups and single checks alike.

Every function takes an open connection (`analytics.db.read_only`) and a period in UTC: `since` belongs to it,
`until` does not. What a check is, and how long it holds, is said in docs/data.md. Where the single rows of
the first or the last hour are gone, the figures are of that whole hour (`analytics.coverage`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import duckdb
import pandas as pd

from analytics.beginnings import known_at
from analytics.coverage import HOUR, coverage
from analytics.frames import frame, names
from analytics.model import ServiceKey

#: What a row is about: one service, all of a type, or all there are.
By = Literal["service", "type", "all"]

_PERCENTAGES = ("uptime_percent", "uptime_percent_without_maintenance")


def availability(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """Every monitored service (of `services`, default all), in configured order; also one without a check.

    Columns: service_type, service_name (None in a row about several services); monitored (False, and at the
    end, for a service that was checked in the period and no longer is), services (how many the row is
    about); as counts of checks (of several attempts the last one) checks, healthy, degraded, down, unknown,
    in_maintenance; uptime_percent and uptime_percent_without_maintenance, the share of known checks that
    were not down, 0 to 100, NaN when nothing is known; and up_seconds (degraded included), degraded_seconds,
    down_seconds, unknown_seconds, gap_seconds (nobody looked); up, down, unknown and gap add up to the
    period.

    ValueError when `by` is none of service, type and all.
    """
    if by not in ("service", "type", "all"):
        raise ValueError(f"availability by {by!r}: it is by service, type or all")
    return frame(
        connection,
        "availability",
        by=by,
        services=names(services),
        **coverage(connection, since, until).bound(),
    )


def availability_change(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    by: By = "service",
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """`availability` of [since, until) beside that of the period of the same length before it.

    Columns: those of `availability`; for the period before checks_before, uptime_percent_before,
    uptime_percent_without_maintenance_before; and uptime_change, uptime_change_without_maintenance in
    percentage points, positive when it became better. Both and the percentages before are NaN when nothing
    is known, or when that period began before the first check: of a part of it nothing can be said.
    """
    keys = ["service_type", "service_name"]
    earlier = since - (until - since)
    before = availability(connection, earlier, since, by, services)
    series = list(before[keys].itertuples(index=False, name=None))
    known = known_at(connection, "checks", earlier, series, services)
    before[list(_PERCENTAGES)] = before[list(_PERCENTAGES)].where(pd.Series(known, dtype=bool), axis=0)
    found = availability(connection, since, until, by, services).merge(
        before[[*keys, "checks", *_PERCENTAGES]], on=keys, how="left", suffixes=("", "_before")
    )
    found["checks_before"] = found["checks_before"].fillna(0).astype("int64")
    for name in _PERCENTAGES:
        found[name.replace("percent", "change", 1)] = found[name] - found[f"{name}_before"]
    return found


def availability_steps(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    step: timedelta,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """The checks of each service in each step of time: what charts read, in the order of time.

    Steps are counted from the first moment of 1970 in UTC; the first and the last one may lie partly outside
    the period. One in which no check was made and none held has no row. Columns: step_start, service_type,
    service_name; as counts of checks checks, up (healthy and degraded), down; degraded_seconds, down_seconds.
    ValueError when `step` is not whole hours.
    """
    if step < HOUR or step % HOUR:
        raise ValueError(f"step of {step}: it is whole hours")
    return frame(
        connection,
        "availability_steps",
        services=names(services),
        step=step // timedelta(microseconds=1),
        **coverage(connection, since, until).bound(),
    )


def reasons(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """Why each service was as it was: a row a status and reason, in configured order, the longest first.

    Columns: service_type, service_name, status, reason, checks (a count), seconds (how long it held).
    """
    return frame(
        connection, "reasons", services=names(services), **coverage(connection, since, until).bound()
    )
