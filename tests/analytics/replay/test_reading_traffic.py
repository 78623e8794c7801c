"""Millions of calls come in batches and not always in order: what is kept of them is what the table holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pytest

from analytics.db import locate, migrate, read_only, transact
from analytics.replay import reading_traffic
from analytics.replay.reading_traffic import read_calls, read_quotas
from analytics.replay.recording import to_microseconds

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(seconds=5_000)
BOUND = {"since": SINCE - timedelta(seconds=1), "until": UNTIL}
NAMES = ["chatwoot", "shopify", "unheard-of"]

#: Every seventh call came 50 seconds late into the table, every fifth failed, each in a way of its own.
_FILL = """
INSERT INTO api_metrics BY NAME
SELECT uuid() AS id, $since + to_seconds(CAST(i AS DOUBLE)) AS timestamp,
    ['shopify', 'chatwoot'][1 + i % 2] AS api_name, '/' AS endpoint, 'GET' AS method,
    CASE WHEN i % 5 = 0 THEN 500 ELSE 200 END AS status_code, i AS response_time_ms,
    CASE WHEN i % 5 = 0 THEN 'failure ' || i END AS error_message, i % 3 AS retries,
    'shop' AS origin, 'requests' AS quota_name, i AS quota_used, 10000 AS quota_limit
FROM range(5000) AS _(i)
ORDER BY i + CASE WHEN i % 7 = 0 THEN 50 ELSE 0 END
"""


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    location = locate(str(tmp_path_factory.mktemp("calls") / "health.duckdb"))
    migrate(location)
    transact(location, lambda connection: connection.execute(_FILL, {"since": SINCE}))
    with read_only(location) as opened:
        yield opened


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_traffic, "_BATCH", 700)


def test_each_call_stands_at_its_time_with_its_failure(connection: duckdb.DuckDBPyConnection) -> None:
    found = read_calls(connection, BOUND, NAMES)
    assert list(found) == ["chatwoot", "shopify"]
    for name, first in (("shopify", 0), ("chatwoot", 1)):
        calls, numbers = found[name], range(first, 5000, 2)
        begin = to_microseconds(SINCE)
        assert calls.time.tolist() == [begin + 1_000_000 * number for number in numbers]
        assert calls.response_ms.tolist() == list(numbers)
        assert calls.retries.tolist() == [number % 3 for number in numbers]
        failed = [number for number in numbers if number % 5 == 0]
        assert [failure.message for failure in calls.failures] == [f"failure {number}" for number in failed]
        assert calls.failed_before[-1] == len(failed) == np.count_nonzero(~calls.succeeded)


def test_of_a_quota_the_newest_word_before_each_look_is_kept(connection: duckdb.DuckDBPyConnection) -> None:
    looks = np.array([to_microseconds(SINCE + timedelta(seconds=at)) for at in (10, 11.5, 11.9, 3000.5)])
    chatwoot, shopify = read_quotas(connection, BOUND, NAMES, looks)
    for series, used in ((shopify, [10, 3000]), (chatwoot, [9, 11, 2999])):
        places = np.searchsorted(series.time, looks, side="right") - 1
        assert sorted(set(series.used[places].tolist())) == used
        assert len(series.time) <= len(looks) + 1
    assert (shopify.name, shopify.client, shopify.quota) == ("shopify", "shop", "requests")
