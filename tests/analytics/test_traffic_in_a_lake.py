"""Every query by traffic says the same of a DuckLake as of a file with the same rows."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from analytics import report_queries
from analytics.db import Connection, Location, close, read_only
from analytics.latency_queries import latency, latency_steps
from analytics.quota_queries import quota_headroom, quota_history
from analytics.traffic_queries import failures, rates, rates_steps
from analytics.trend_queries import rates_change
from analytics.webhook_queries import webhook_figures
from analytics.worst_queries import worst_services
from tests.analytics.checks_by_hand import at, roll_up_until
from tests.analytics.traffic_by_hand import fill
from tests.empty_database import empty_database
from tests.plugins.databases import migrated_lake
from tests.plugins.postgres_server import PostgresServer

PERIOD = (at(hours=3, minutes=17), at(hours=9, minutes=41))


def in_order(rows: Sequence[Any]) -> pd.DataFrame:
    """What the reports read, as a frame; some of it comes in no order."""
    found = pd.DataFrame(rows)
    return found.sort_values(list(found.columns[:4])).reset_index(drop=True)


Query = Callable[[Connection, datetime, datetime], pd.DataFrame]
QUERIES: dict[str, Query] = {
    "rates": lambda *where: rates(*where, "endpoint"),
    "rates_steps": lambda *where: rates_steps(*where, timedelta(minutes=30)),
    "latency": lambda *where: latency(*where, "endpoint"),
    "latency_steps": lambda *where: latency_steps(*where, timedelta(hours=2)),
    "latency_moments": lambda *where: latency_steps(*where, timedelta(minutes=30)),
    "failures": failures,
    "webhook_figures": webhook_figures,
    "worst_services": worst_services,
    "rates_change": lambda connection, _, until: rates_change(connection, at(hours=6, minutes=40), until),
    "report_calls": lambda *where: in_order(report_queries.calls(*where)),
    "report_checks": lambda *where: in_order(report_queries.checks(*where)),
    "report_spans": lambda *where: in_order(report_queries.status_spans(*where)),
    "report_latency": lambda *where: in_order(report_queries.latency(*where, timedelta(hours=2))),
    "report_moments": lambda *where: in_order(report_queries.latency(*where, timedelta(minutes=30))),
    "quota_headroom": lambda connection, since, until: quota_headroom(connection, until, since),
    "quota_history": lambda *where: quota_history(*where, timedelta(minutes=30)),
}


def answers(location: Location) -> dict[str, pd.DataFrame]:
    fill(location, random.Random(9), 40)
    roll_up_until(location, at(hours=9))
    with read_only(location) as connection:
        return {name: query(connection, *PERIOD) for name, query in QUERIES.items()}


def test_the_same(postgres_server: PostgresServer, lake_template: str, tmp_path: Path) -> None:
    in_file = answers(empty_database(tmp_path))
    lake = migrated_lake(postgres_server, lake_template, tmp_path)
    try:
        in_lake = answers(lake)
    finally:
        close(lake)
    for name, found in in_file.items():
        assert not found.empty, name
        pd.testing.assert_frame_equal(in_lake[name], found, obj=name, rtol=1e-9)
