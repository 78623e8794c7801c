"""What people and programs changed, beside what happened: restarts, rules, tools, maintenance. DataFrames.

Every function takes an open connection (`analytics.db.read_only`) and moments in UTC.
"""

from datetime import datetime

import duckdb
import pandas as pd

from analytics.frames import frame

#: A server whose tools change all day does not hide everything else.
_MOST_OF_A_KIND = 20


def changes(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> pd.DataFrame:
    """What was changed after `since` up to `until`, the newest first, at most 20 of a kind.

    Columns: changed_at, kind, subject, service_type, service_name, author. `kind` is `collector` (started, or
    another version; `subject` is the version), `rule` (settings of the alert rule `subject`, for one service
    or, without one, all, changed by `author`) or `tools` (of an MCP server; `subject` is a sentence).
    """
    return frame(connection, "changes", since=since, until=until, limit=_MOST_OF_A_KIND)


def maintenance_now(connection: duckdb.DuckDBPyConnection, now: datetime) -> pd.DataFrame:
    """The maintenance that is on at `now`, the one that ends last first.

    Columns: service_type, service_name, name, starts_at, ends_at.
    """
    return frame(connection, "maintenance_now", now=now)
