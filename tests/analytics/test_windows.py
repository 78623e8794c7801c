"""Windows over traffic equal a count by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.ids import uuid7
from analytics.model import Reason, Rhythm, Window
from analytics.windows import call_windows, delivery_rhythms, delivery_windows, failure_reason
from collector.store import insert_rows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SCHEMA = "".join(path.read_text() for path in sorted(Path("analytics/sql/schema").glob("*.sql")))


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory."""
    with duckdb.connect() as made:
        made.execute("SET TimeZone='UTC'")
        made.execute(SCHEMA)
        yield made


calls = st.fixed_dictionaries(
    {
        "api_name": st.sampled_from(["shopify", "openai"]),
        "age": st.integers(0, 4000),
        "status_code": st.sampled_from([None, 200, 201, 204, 301, 304, 401, 404, 429, 500, 503]),
        "reason": st.sampled_from([None, None, "auth", "rate_limited", "timeout", "a word of the future"]),
        "origin": st.sampled_from([None, "probe", "shop"]),
        "response_time_ms": st.none() | st.integers(0, 10_000),
        "retries": st.none() | st.integers(0, 5),
    }
)


def row(call: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in call.items() if name != "age"}
    return {"id": uuid7(), "timestamp": NOW - timedelta(seconds=call["age"]), **kept}


def succeeded(call: dict[str, Any]) -> bool:
    status = call["status_code"]
    return call["reason"] is None and status is not None and 200 <= status <= 399


def ended(call: dict[str, Any]) -> datetime:
    return NOW - timedelta(seconds=call["age"]) + timedelta(milliseconds=call["response_time_ms"] or 0)


def counts(call: dict[str, Any]) -> bool:
    """A probe whose own credentials are refused says nothing of others."""
    refused = call["reason"] == "auth" or call["status_code"] in (401, 403)
    return call["age"] < 3600 and not (call["origin"] == "probe" and refused)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(calls, max_size=40, unique_by=lambda call: call["age"]))
def test_call_windows(connection: duckdb.DuckDBPyConnection, made: list[dict[str, Any]]) -> None:
    connection.execute("DELETE FROM api_metrics")
    insert_rows(connection, "api_metrics", [row(call) for call in made])
    windows = call_windows(connection, NOW)
    seen = [call for call in made if counts(call)]
    assert set(windows) == {call["api_name"] for call in seen}
    for name, window in windows.items():
        own = [call for call in seen if call["api_name"] == name]
        good = [ended(call) for call in own if succeeded(call)]
        assert window.total == len(own)
        assert window.failed == len(own) - len(good)
        assert window.consecutive_failures == sum(not good or ended(call) > max(good) for call in own)
        assert window.newest == max(map(ended, own))
        assert window.newest_success == max(good, default=None)
        assert window.retries == sum(call["retries"] or 0 for call in own)


def test_the_p95_is_that_of_the_calls_that_succeeded(connection: duckdb.DuckDBPyConnection) -> None:
    good = [{"age": n, "api_name": "a", "status_code": 200, "response_time_ms": n} for n in range(101)]
    bad = [{"age": 200 + n, "api_name": "a", "status_code": 500, "response_time_ms": 9999} for n in range(50)]
    insert_rows(connection, "api_metrics", [row({**call, "retries": 0}) for call in good + bad])
    assert call_windows(connection, NOW)["a"].p95_ms == 95


def test_the_newest_failure_gives_the_reason(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        {"age": 60, "api_name": "a", "status_code": 500, "error_message": "boom"},
        {"age": 30, "api_name": "a", "status_code": 429, "error_message": "slow down"},
        {"age": 10, "api_name": "a", "status_code": 200, "error_message": None},
    ]
    insert_rows(connection, "api_metrics", [row(call) for call in made])
    window = call_windows(connection, NOW)["a"]
    assert (window.reason, window.message) == (Reason.RATE_LIMITED, "slow down")


def test_delivery_windows(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        {"age": 60, "source": "shopify", "verified": True, "processing_time_ms": 10, "error_message": None},
        {
            "age": 50,
            "source": "shopify",
            "verified": False,
            "processing_time_ms": 20,
            "error_message": "bad hmac",
        },
        {
            "age": 40,
            "source": "shopify",
            "verified": None,
            "processing_time_ms": None,
            "error_message": "none",
        },
        {
            "age": 3600,
            "source": "shopify",
            "verified": False,
            "processing_time_ms": 1,
            "error_message": "old",
        },
    ]
    insert_rows(connection, "webhook_metrics", [row(delivery) for delivery in made])
    window = delivery_windows(connection, NOW, {})["shopify"]
    newest = NOW - timedelta(seconds=50)
    genuine = NOW - timedelta(seconds=60)
    assert window == Window(2, 1, window.p95_ms, 0, newest, Reason.AUTH, "bad hmac", newest_success=genuine)


def delivery(age: float, **columns: Any) -> dict[str, Any]:
    return {"id": uuid7(), "timestamp": NOW - timedelta(seconds=age), "source": "shopify", **columns}


def test_only_genuine_deliveries_count_as_handed_on(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        delivery(9, verified=True, processed=True),
        delivery(8, verified=True, processed=False, error_message="answered 500"),
        delivery(7, verified=True, processed=None),
        delivery(6, verified=False, processed=False, error_message="bad signature"),
    ]
    insert_rows(connection, "webhook_metrics", made)
    window = delivery_windows(connection, NOW, {})["shopify"]
    assert (window.total, window.failed, window.handed_on, window.unprocessed) == (4, 1, 2, 1)
    assert (window.message, window.unprocessed_message) == ("bad signature", "answered 500")


def test_a_delivery_nobody_could_judge_says_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    insert_rows(connection, "webhook_metrics", [delivery(9, verified=None, reason="missing_credentials")])
    assert delivery_windows(connection, NOW, {})["shopify"].newest is None


def test_a_rhythm_is_that_of_the_genuine_deliveries_of_a_week(connection: duckdb.DuckDBPyConnection) -> None:
    week = [delivery(7200 + 30 * number, verified=True) for number in range(101)]
    odd = [delivery(100, verified=False), delivery(15 * 86400, verified=True)]
    insert_rows(connection, "webhook_metrics", [*week, *odd])
    rhythms = delivery_rhythms(connection, NOW)
    half_a_minute = timedelta(seconds=30)
    newest = NOW - timedelta(hours=2)
    assert rhythms == {"shopify": Rhythm(100, half_a_minute, half_a_minute, newest)}
    window = delivery_windows(connection, NOW, rhythms)["shopify"]
    assert window.newest == NOW - timedelta(seconds=100), "even a bad one shows that somebody speaks"
    assert window.newest_success is None
    later = delivery_windows(connection, NOW + timedelta(hours=2), rhythms)["shopify"]
    assert later == Window(newest=newest, rhythm=rhythms["shopify"])


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (None, Reason.CONNECT),
        (301, Reason.PROTOCOL),
        (401, Reason.AUTH),
        (403, Reason.AUTH),
        (404, Reason.HTTP_4XX),
        (429, Reason.RATE_LIMITED),
        (500, Reason.HTTP_5XX),
        (503, Reason.HTTP_5XX),
    ],
)
def test_failure_reason(status: int | None, reason: Reason) -> None:
    assert failure_reason(status) is reason
    assert failure_reason(status, "a word of the future") is reason
    assert failure_reason(status, "quota_exhausted") is Reason.QUOTA_EXHAUSTED


def test_a_quick_failure_is_not_newer_than_the_slow_success_under_way(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    slow = [
        {"age": 10 - n * 0.01, "api_name": "a", "status_code": 200, "response_time_ms": 9_990}
        for n in range(9)
    ]
    quick = [
        {"age": 5 - n * 0.1, "api_name": "a", "status_code": 429, "response_time_ms": 5} for n in range(9)
    ]
    insert_rows(connection, "api_metrics", [row({**call, "retries": 0}) for call in slow + quick])
    assert call_windows(connection, NOW)["a"].consecutive_failures == 0


def speaking(now: datetime, days: float, hours: range, weekdays: range = range(7)) -> list[dict[str, Any]]:
    """A delivery every ten minutes of the last `days`, in those hours of those days of the week."""
    moments = (now - timedelta(minutes=10 * number) for number in range(int(days * 144)))
    return [
        {"id": uuid7(), "timestamp": moment, "source": "shopify", "verified": True}
        for moment in moments
        if moment.hour in hours and moment.weekday() in weekdays
    ]


@pytest.mark.parametrize(
    ("days", "hours", "extreme"),
    [
        (7, range(24), timedelta(minutes=10)),
        (7, range(8, 22), timedelta(hours=10, minutes=10)),
        (2.1, range(8, 22), timedelta(hours=10, minutes=10)),
        (1.9, range(8, 22), None),
        (0.1, range(24), None),
    ],
)
def test_the_longest_pause_is_that_of_the_nights_once_they_are_known(
    connection: duckdb.DuckDBPyConnection, days: float, hours: range, extreme: timedelta | None
) -> None:
    insert_rows(connection, "webhook_metrics", speaking(NOW, days, hours))
    [rhythm] = delivery_rhythms(connection, NOW).values()
    assert rhythm.extreme == extreme


def test_the_end_of_a_silent_weekend_remembers_the_one_before(connection: duckdb.DuckDBPyConnection) -> None:
    monday = NOW.replace(hour=7, minute=59)
    insert_rows(connection, "webhook_metrics", speaking(monday, 21, range(8, 18), weekdays=range(5)))
    [rhythm] = delivery_rhythms(connection, monday).values()
    weekend = timedelta(days=2, hours=14, minutes=10)
    assert monday - rhythm.newest == timedelta(days=2, hours=14)
    assert rhythm.extreme == weekend


def test_of_a_source_that_speaks_a_lot_the_newest_are_enough(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        INSERT INTO webhook_metrics BY NAME
        SELECT uuid() AS id, 'shopify' AS source, true AS verified,
               TIMESTAMPTZ '2026-11-23 12:00:00Z' - to_milliseconds(i * 3000) AS timestamp
        FROM range(200000) AS numbers(i)
        """
    )
    connection.execute(
        "DELETE FROM webhook_metrics WHERE hour(timestamp AT TIME ZONE 'UTC') < 6 AND timestamp < $before",
        {"before": NOW - timedelta(days=2)},
    )
    [rhythm] = delivery_rhythms(connection, NOW).values()
    assert rhythm.usual == timedelta(seconds=3)
    assert rhythm.extreme == timedelta(hours=6, seconds=3), "a night that is not among the newest"
    assert 15_000 < rhythm.pauses < 25_000
