"""How webhook sources deliver, against what is worked out by hand from the same deliveries."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.db import Location, read_only, transact
from analytics.webhook_queries import webhook_figures
from collector.store import insert_rows
from tests.analytics.checks_by_hand import at, roll_up_until, write
from tests.analytics.traffic_by_hand import HOOKS, SERVICES, SHOP, Request, delivery, fill, rows_of
from tests.empty_database import empty_database

KEYS = ["service_name", "event_type"]
#: The last two begin and end with the longest silence.
PERIODS = [
    (at(hours=3, minutes=17), at(hours=9, minutes=41)),
    (at(hours=-3), at(hours=6)),
    (at(hours=6), at(hours=14)),
]


@pytest.fixture(scope="module", params=[None, at(hours=9)], ids=["single rows", "rollups"])
def history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Location, list[Request]]:
    """Eleven hours of deliveries, and of other traffic."""
    location = empty_database(tmp_path_factory.mktemp("webhooks"))
    requests = fill(location, random.Random(11), 200)
    if request.param is not None:
        roll_up_until(location, request.param)
    return location, [one for one in requests if one.service == HOOKS]


def by_hand(own: Sequence[Request], since: datetime, until: datetime) -> dict[str, Any]:
    unverified = sum(one.unverified for one in own)
    unprocessed = sum(one.unprocessed for one in own)
    genuine = len(own) - unverified
    moments = sorted(one.at for one in own)
    silences = np.diff([since, *moments, until])
    return {
        "deliveries": len(own),
        "unverified": unverified,
        "unprocessed": unprocessed,
        "repeated": sum(one.reason == "repeated" for one in own),
        "verified_percent": 100 * genuine / len(own),
        "processed_percent": 100 * (genuine - unprocessed) / genuine if genuine else None,
        "newest": max(moments),
        "longest_silence_seconds": max(silences).total_seconds(),
        "p95_ms": np.quantile([one.latency_ms for one in own if one.latency_ms is not None], 0.95),
    }


@pytest.mark.parametrize("period", PERIODS)
def test_by_source_and_event_type(
    history: tuple[Location, list[Request]], period: tuple[datetime, datetime]
) -> None:
    location, deliveries = history
    groups: dict[tuple[str, str | None], list[Request]] = {}
    for one in deliveries:
        if period[0] <= one.at < period[1]:
            groups.setdefault((one.service.service_name, one.endpoint), []).append(one)
    with read_only(location) as connection:
        found = rows_of(webhook_figures(connection, *period), KEYS)
        assert webhook_figures(connection, *period, [SHOP]).empty
    assert found.keys() == groups.keys()
    for key, row in found.items():
        expected = by_hand(groups[key], *period)
        newest = expected.pop("newest")
        assert row.pop("newest") == newest
        assert row.pop("p95_ms") == pytest.approx(expected.pop("p95_ms"), rel=0.01)
        assert row == pytest.approx(expected)


def test_what_is_older_than_the_single_rows_is_told_of_by_hours(tmp_path: Path) -> None:
    location, random_ = empty_database(tmp_path), random.Random(2)
    write(location, SERVICES, [])
    rows = [delivery(random_) | {"event_type": "paid"} for _ in range(20)]
    rows = [row for row in rows if not at(hours=4) <= row["timestamp"] < at(hours=7)]

    def work(connection: Any) -> None:
        insert_rows(connection, "webhook_metrics", sorted(rows, key=lambda row: row["timestamp"]))

    transact(location, work)
    roll_up_until(location, at(hours=11))
    since, until = at(hours=1), at(hours=9)
    with read_only(location) as connection:
        longer = webhook_figures(connection, since - timedelta(days=1), until)

    def forget(connection: Any) -> None:
        connection.execute("DELETE FROM webhook_metrics")
        connection.execute("UPDATE rollup_state SET raw_since = $now", {"now": at(hours=11)})

    transact(location, forget)
    with read_only(location) as connection:
        found = webhook_figures(connection, since, until)
        longer_now = webhook_figures(connection, since - timedelta(days=1), until)
    moments = sorted(row["timestamp"] for row in rows if since <= row["timestamp"] < until)
    silences = np.diff([since, *moments, until])
    assert found["deliveries"].tolist() == [len(moments)]
    assert found["newest"].tolist() == [moments[-1]]
    assert found["longest_silence_seconds"].tolist() == [max(silences).total_seconds()]
    first = min(row["timestamp"] for row in rows)
    assert longer["longest_silence_seconds"].tolist() == [(first - since).total_seconds() + 24 * 3600]
    pd.testing.assert_frame_equal(longer_now, longer)


def test_nothing_delivered_has_no_rows_and_every_column(tmp_path: Path) -> None:
    with read_only(empty_database(tmp_path)) as connection:
        found = webhook_figures(connection, *PERIODS[0])
    assert found.empty
    assert {*KEYS, "deliveries", "repeated", "p95_ms", "newest"} <= set(found.columns)
