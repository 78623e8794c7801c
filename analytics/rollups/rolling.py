"""Whole hours from single rows: made anew, or added to what is there."""

from datetime import datetime

import duckdb

from analytics.coverage import hour_of
from analytics.named_sql import query

_BY_CHECKS = ("check_hours", "status_spans")
_BY_TRAFFIC = ("traffic_hours", "latency_hours", "quota_hours")


def roll_up(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """Make the rollups of the hours from `since` until just before `until` anew, from single rows.

    To do it again changes nothing. It is one set of statements for a month as for an hour. ValueError when
    one of the two is no full hour.
    """
    roll_up_checks(connection, since, until)
    roll_up_traffic(connection, since, until)


def roll_up_checks(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """The same of `check_hours` and `status_spans` alone."""
    _make(connection, _BY_CHECKS, since, until)


def roll_up_traffic(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """The same of the tables of traffic, latency and quotas alone."""
    _make(connection, _BY_TRAFFIC, since, until)
    _sum_up_endpoints(connection, since, until)


def add_up(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """Add what the single rows of these hours say to the rollups; done again it would count twice."""
    _fill(connection, (*_BY_CHECKS, *_BY_TRAFFIC), since, until)
    _sum_up_endpoints(connection, since, until)


def _make(
    connection: duckdb.DuckDBPyConnection, tables: tuple[str, ...], since: datetime, until: datetime
) -> None:
    for table in tables:
        connection.execute(query(f"clear_{table}"), {"since": since, "until": until})
    _fill(connection, tables, since, until)


def _fill(
    connection: duckdb.DuckDBPyConnection, tables: tuple[str, ...], since: datetime, until: datetime
) -> None:
    for moment in (since, until):
        if moment != hour_of(moment):
            raise ValueError(f"{moment} is no full hour; rollups are of whole hours")
    if since < until:
        period = {"since": since, "body_since": until, "body_until": until, "until": until}
        for table in tables:
            connection.execute(query(f"fill_{table}"), period)


def _sum_up_endpoints(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> None:
    """`service_latency_hours` follows from `latency_hours` alone."""
    for name in ("clear_service_latency_hours", "fill_service_latency_hours"):
        connection.execute(query(name), {"since": since, "until": until})
