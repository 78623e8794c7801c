"""Since when something is known: nothing can be compared with a time that was recorded in part.

A service that was added three days ago did not grow since last week. Every function takes an open connection
(`analytics.db.read_only`); moments are aware UTC.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import duckdb

from analytics.coverage import HOUR, read_state
from analytics.model import ServiceKey
from analytics.named_sql import query

#: What a figure is about: a type and a name of a service; without the name all of a type, without both all.
#: What is no text is missing: frames have NaN.
Series = tuple[object, object]

#: What was known long ago has nearly always something to tell of these hours before the moment, too.
_NEAR = 6 * HOUR

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def known_at(
    connection: duckdb.DuckDBPyConnection,
    of: Literal["checks", "traffic"],
    moment: datetime,
    series: Sequence[Series],
    services: Sequence[ServiceKey] | None = None,
) -> list[bool]:
    """Of each of `series` whether anything of it (of `services`, default all) was known at `moment` already.

    That is: whether there is a check, or a request, of that moment or before. Several services together are
    known when one of them is.
    """
    wanted = None if services is None else {(one.service_type.value, one.service_name) for one in services}
    rolled_until = read_state(connection).rolled_until
    found: set[tuple[str, str]] = set()
    for name, after in _readings(moment, rolled_until):
        rows = connection.execute(query(f"{of}_{name}"), {"from": after, "moment": moment}).fetchall()
        found |= {(kind, service) for kind, service in rows if wanted is None or (kind, service) in wanted}
        known = [_covered(one, found) for one in series]
        if all(known):
            break
    return known


def data_since(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the first of all that is known happened; None when nothing is."""
    for name in ("first_summed", "first_single"):
        row = connection.execute(query(name)).fetchone()
        if row is not None and row[0] is not None:
            since: datetime = row[0]
            return since.astimezone(UTC)
    return None


def single_since(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the first of all that is known row by row happened, which is what a replay reads; None when
    nothing is."""
    row = connection.execute(query("first_single")).fetchone()
    return None if row is None or row[0] is None else row[0].astimezone(UTC)


def services_since(
    connection: duckdb.DuckDBPyConnection, services: Sequence[ServiceKey]
) -> dict[ServiceKey, datetime]:
    """When the first of each of `services` that is known happened. One of which nothing is known is left
    out."""
    by_name = {str(service): service for service in services}
    rows = connection.execute(query("first_of_services"), {"services": list(by_name)}).fetchall()
    return {by_name[name]: since.astimezone(UTC) for name, since in rows}


def _readings(moment: datetime, rolled_until: datetime | None) -> list[tuple[str, datetime]]:
    """Which rows are read, and after which moment, the cheapest first."""
    if rolled_until is None:
        return [("single", _EVER)]
    single = [("single", rolled_until - timedelta(microseconds=1))] if moment >= rolled_until else []
    return [("summed", min(moment, rolled_until) - _NEAR), *single, ("summed", _EVER)]


def _covered(series: Series, found: Collection[tuple[str, str]]) -> bool:
    kind, name = series
    if not isinstance(kind, str):
        return bool(found)
    return (kind, name) in found if isinstance(name, str) else any(kind == one for one, _ in found)
