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
from analytics.model import Basis, Reason, Window
from analytics.windows import failure_reason, traffic_windows
from collector.store import insert_rows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SCHEMA = Path("analytics/sql/schema/0001_initial.sql").read_text()


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
        "status_code": st.sampled_from([None, 200, 201, 204, 301, 401, 404, 429, 500, 503]),
        "response_time_ms": st.none() | st.integers(0, 10_000),
        "retries": st.none() | st.integers(0, 5),
    }
)


def row(call: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in call.items() if name != "age"}
    return {"id": uuid7(), "timestamp": NOW - timedelta(seconds=call["age"]), **kept}


def succeeded(call: dict[str, Any]) -> bool:
    return call["status_code"] is not None and 200 <= call["status_code"] <= 299


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(calls, max_size=40, unique_by=lambda call: call["age"]))
def test_call_windows(connection: duckdb.DuckDBPyConnection, made: list[dict[str, Any]]) -> None:
    connection.execute("DELETE FROM api_metrics")
    insert_rows(connection, "api_metrics", [row(call) for call in made])
    windows = traffic_windows(connection, Basis.CALLS, NOW)
    seen = [call for call in made if call["age"] < 3600]
    assert set(windows) == {call["api_name"] for call in seen}
    for name, window in windows.items():
        own = sorted((call for call in seen if call["api_name"] == name), key=lambda call: call["age"])
        streak = next((number for number, call in enumerate(own) if succeeded(call)), len(own))
        assert window.total == len(own)
        assert window.failed == sum(not succeeded(call) for call in own)
        assert window.consecutive_failures == streak
        assert window.newest == NOW - timedelta(seconds=own[0]["age"])
        assert window.retries == sum(call["retries"] or 0 for call in own)


def test_the_p95_is_that_of_the_calls_that_succeeded(connection: duckdb.DuckDBPyConnection) -> None:
    good = [{"age": n, "api_name": "a", "status_code": 200, "response_time_ms": n} for n in range(101)]
    bad = [{"age": 200 + n, "api_name": "a", "status_code": 500, "response_time_ms": 9999} for n in range(50)]
    insert_rows(connection, "api_metrics", [row({**call, "retries": 0}) for call in good + bad])
    assert traffic_windows(connection, Basis.CALLS, NOW)["a"].p95_ms == 95


def test_the_newest_failure_gives_the_reason(connection: duckdb.DuckDBPyConnection) -> None:
    made = [
        {"age": 60, "api_name": "a", "status_code": 500, "error_message": "boom"},
        {"age": 30, "api_name": "a", "status_code": 429, "error_message": "slow down"},
        {"age": 10, "api_name": "a", "status_code": 200, "error_message": None},
    ]
    insert_rows(connection, "api_metrics", [row(call) for call in made])
    window = traffic_windows(connection, Basis.CALLS, NOW)["a"]
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
    window = traffic_windows(connection, Basis.DELIVERIES, NOW)["shopify"]
    newest = NOW - timedelta(seconds=40)
    assert window == Window(3, 2, window.p95_ms, 0, newest, Reason.AUTH, "none", False, 0)


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
