"""Services that were asked for and have no figure: since when there are any."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from analytics.beginnings import services_since
from analytics.model import ServiceKey


def absent(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Mapping[str, Any]],
    services: Sequence[ServiceKey] | None,
) -> list[str]:
    """A sentence for each of `services` that `rows` of `trends` say nothing of. One row of several services
    together is about all of them."""
    known = [row for row in rows if row["requests"] is not None or row["uptime_percent"] is not None]
    names = {f"{row['service_type']}/{row['service_name']}" for row in known}
    together = any(row["service_name"] is None for row in known)
    missing = [] if together else [one for one in services or () if str(one) not in names]
    since = services_since(connection, missing) if missing else {}
    return [
        f"{one}: nothing is known of this time, data begin at {since[one]:%Y-%m-%d %H:%M} UTC"
        if one in since
        else f"{one}: nothing was ever asked of it, and it was never checked"
        for one in missing
    ]
