"""Whole hours from single rows: made anew, or added to what is there."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import duckdb

from analytics.coverage import hour_of
from analytics.model import ServiceKey
from analytics.named_sql import query

_BY_CHECKS = ("check_hours", "status_spans")
_BY_TRAFFIC = ("traffic_hours", "latency_hours", "quota_hours")
_SUMMED_UP = "service_latency_hours"


def roll_up(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """Make the rollups of the hours from `since` until just before `until` anew, from single rows.

    To do it again changes nothing. It is one set of statements for a month as for an hour. ValueError when
    one of the two is no full hour.
    """
    roll_up_checks(connection, since, until)
    roll_up_traffic(connection, since, until)


def roll_up_checks(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Collection[ServiceKey] | None = None,
) -> None:
    """The same of `check_hours` and `status_spans` alone, and of `services` alone; None is all."""
    clear(connection, since, until, _BY_CHECKS, services)
    _fill(connection, since, until, _BY_CHECKS, services)


def roll_up_traffic(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Collection[ServiceKey] | None = None,
) -> None:
    """The same of the tables of traffic, latency and quotas."""
    clear(connection, since, until, _BY_TRAFFIC, services)
    _fill(connection, since, until, _BY_TRAFFIC, services)
    _sum_up_endpoints(connection, since, until, services)


def add_up(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """Add what the single rows of these hours say to the rollups; done again it would count twice."""
    _fill(connection, since, until, (*_BY_CHECKS, *_BY_TRAFFIC))
    _sum_up_endpoints(connection, since, until)


def clear(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    tables: Collection[str] = (*_BY_CHECKS, *_BY_TRAFFIC, _SUMMED_UP),
    services: Collection[ServiceKey] | None = None,
) -> None:
    """Leave nothing of these hours in `tables`, of `services`; None is all."""
    for table in tables:
        connection.execute(query(f"clear_{table}"), _bound(services, since=since, until=until))


def _fill(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    tables: Collection[str],
    services: Collection[ServiceKey] | None = None,
) -> None:
    for moment in (since, until):
        if moment != hour_of(moment):
            raise ValueError(f"{moment} is no full hour; rollups are of whole hours")
    if since < until:
        period = _bound(services, since=since, body_since=until, body_until=until, until=until)
        for table in tables:
            connection.execute(query(f"fill_{table}"), period)


def _sum_up_endpoints(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    services: Collection[ServiceKey] | None = None,
) -> None:
    """`service_latency_hours` follows from `latency_hours` alone."""
    for name in (f"clear_{_SUMMED_UP}", f"fill_{_SUMMED_UP}"):
        connection.execute(query(name), _bound(services, since=since, until=until))


def _bound(services: Collection[ServiceKey] | None, **period: datetime) -> dict[str, Any]:
    return {"services": None if services is None else [str(key) for key in services], **period}
