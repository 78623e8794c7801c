"""What is left of the quotas of APIs, as DataFrames.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC; what it reads holds
`since` and not the end. `services` are the only ones looked at.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analytics.coverage import HOUR
from analytics.frames import frame
from analytics.grouping import bound, possible_step
from analytics.model import ServiceKey
from analytics.rules.quota_pace import PACE_SPAN, Reading, exhausted_at


def quota_headroom(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    since: datetime | None = None,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """The newest reading of each quota after `since` (default: a day before `now`), the fullest first.

    Columns: service_name (of an API), client (the program that was told), quota, used, limit (in what the
    API counts), used_percent, at (when it was told), resets_at, exhausted_at (when the limit is reached at
    the pace of the last hour; NaT when that is not before it resets, or cannot be told).
    """
    start = now - timedelta(days=1) if since is None else since
    values = bound(connection, start, now, "service", services)
    del values["by"], values["step"]
    found = frame(connection, "quota_newest", pace_since=now - PACE_SPAN, **values)
    found["exhausted_at"] = pd.to_datetime(
        pd.Series([_exhausted(row) for _, row in found.iterrows()], index=found.index, dtype="object"),
        utc=True,
    )
    return found.rename(columns={"quota_limit": "limit"}).drop(columns=["first_at", "first_used"])


def quota_history(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    step: timedelta,
    services: Sequence[ServiceKey] | None = None,
) -> pd.DataFrame:
    """How full each quota was at most in each step, in the order of time. A step without a reading has no
    row.

    Columns: step_start (counted from midnight UTC), service_name, client, quota, used_percent. `step` is at
    most an hour, or whole hours, else ValueError; where it is finer than the single rows that are kept, it is
    an hour.
    """
    step = possible_step(connection, since, step)
    values = bound(connection, since, until, "service", services, step)
    del values["by"]
    if step >= HOUR:
        return frame(connection, "quota_steps", **values)
    del values["body_since"], values["body_until"]
    return frame(connection, "quota_steps_of_moments", **values)


def _exhausted(row: pd.Series) -> datetime | None:
    if pd.isna(row["first_at"]):
        return None
    return exhausted_at(
        Reading(row["first_at"].to_pydatetime(), row["first_used"]),
        Reading(row["at"].to_pydatetime(), row["used"]),
        row["quota_limit"],
        None if pd.isna(row["resets_at"]) else row["resets_at"].to_pydatetime(),
    )
