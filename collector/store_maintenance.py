"""Keeps what maintenance took place, so that uptime is known with and without it."""

from collections.abc import Mapping
from datetime import datetime

import duckdb

from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from analytics.rules.maintenance import Occurrence
from collector.store import insert_rows

_Known = dict[tuple[str, ServiceKey, datetime], datetime]

_KNOWN = """
    SELECT name, service_type, service_name, starts_at, ends_at
    FROM maintenance
    WHERE ends_at > $now OR starts_at >= $earliest
"""
_END = """
    UPDATE maintenance SET ends_at = $ends_at
    WHERE name = $name AND service_type = $service_type AND service_name = $service_name
        AND starts_at = $starts_at
"""


def record(
    connection: duckdb.DuckDBPyConnection, occurrences: Mapping[ServiceKey, Occurrence], now: datetime
) -> None:
    """Make `maintenance` say what is on at `now`: one row an occurrence and service.

    Says the same again without effect. When the end of a window was changed in the configuration its row
    follows; what was going to go on and is no longer configured ended now. `occurrences` is what
    `analytics.rules.maintenance.active` returns, also when that is nothing.
    """
    known = _known(connection, occurrences, now)
    on = {(one.name, service, one.starts_at): one.ends_at for service, one in occurrences.items()}
    fresh = [
        {"id": uuid7(), "ends_at": ends_at, **_values(key)} for key, ends_at in on.items() if key not in known
    ]
    insert_rows(connection, "maintenance", fresh)
    for key, ends_at in on.items():
        if known.get(key, ends_at) != ends_at:
            connection.execute(_END, {"ends_at": ends_at, **_values(key)})
    for key, ends_at in known.items():
        if key not in on and ends_at > max(now, key[2]):
            connection.execute(_END, {"ends_at": max(now, key[2]), **_values(key)})


def _known(
    connection: duckdb.DuckDBPyConnection, occurrences: Mapping[ServiceKey, Occurrence], now: datetime
) -> _Known:
    earliest = min((one.starts_at for one in occurrences.values()), default=now)
    rows = connection.execute(_KNOWN, {"now": now, "earliest": earliest}).fetchall()
    return {
        (name, ServiceKey(ServiceType(service_type), service_name), starts_at): ends_at
        for name, service_type, service_name, starts_at, ends_at in rows
    }


def _values(key: tuple[str, ServiceKey, datetime]) -> dict[str, object]:
    name, service, starts_at = key
    return {
        "name": name,
        "service_type": service.service_type.value,
        "service_name": service.service_name,
        "starts_at": starts_at,
    }
