"""Each column of each table at its bounds."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from analytics.ids import uuid7
from analytics.model import MONITOR_REASONS
from collector.receiver.row_shapes import SHAPES
from collector.receiver.row_slices import Slice
from collector.receiver.rows import RowChecker
from tests.collector.receiver.checking import checked, checker
from tests.collector.receiver.receiving import NOW

LEAST: dict[str, dict[str, Any]] = {
    "api_metrics": {"api_name": "a"},
    "webhook_metrics": {"source": "a"},
    "circuit_events": {"api_name": "a", "old_state": "open", "new_state": "half_open"},
}


def kept(table: str = "api_metrics", **columns: Any) -> dict[str, Any]:
    found = checked(LEAST[table] | columns, table)
    assert found.faults == []
    return found.rows[0]


def fault(table: str = "api_metrics", **columns: Any) -> str:
    found = checked(LEAST[table] | columns, table)
    assert (found.rows, found.refused, len(found.faults)) == ([], 1, 1)
    return f"{found.faults[0].field}: {found.faults[0].reason}"


@pytest.mark.parametrize("table", list(SHAPES))
def test_what_is_required_is_enough(table: str) -> None:
    assert UUID(kept(table)["id"]).version == 7
    derived = {"reason": "connect"} if table == "api_metrics" else {}
    assert kept(table) | {"id": None} == {**LEAST[table], "id": None, "timestamp": NOW, **derived}


@pytest.mark.parametrize("table", list(SHAPES))
def test_every_other_column_may_be_null(table: str) -> None:
    nothing = dict.fromkeys(set(SHAPES[table].columns) - set(LEAST[table]))
    assert kept(table, **nothing)["timestamp"] == NOW


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("api_name", "a" * 100),
        ("api_name", "0._-"),
        ("status_code", 100),
        ("status_code", 599),
        ("retries", 0),
        ("retries", 1000),
        ("response_time_ms", 0),
        ("response_time_ms", 2**31 - 1),
        ("reason", "http_5xx"),
        ("origin", "Größe 1"),
        ("quota_used", -1.5),
        ("quota_limit", 1e300),
        ("quota_name", "x" * 100),
    ],
)
def test_within_its_bounds_a_value_stays_as_it_is(column: str, value: Any) -> None:
    assert kept(**{column: value})[column] == value


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("api_name", "", "is no name; use a-z"),
        ("api_name", "a" * 101, "is no name; use a-z"),
        ("api_name", "Shopify", "is no name; use a-z"),
        ("api_name", "a\n", "is no name; use a-z"),
        ("api_name", None, "is no text"),
        ("api_name", 5, "is no text"),
        ("id", "5", "is no UUID; write 36 characters like 0198c0de"),
        ("id", "0198c0de7abc7def8123456789abcdef", "is no UUID"),
        ("status_code", 99, "is out of range; it must be 100 or more"),
        ("status_code", 600, "is out of range; it must be 599 or less"),
        ("status_code", "200", "is no whole number"),
        ("status_code", 200.5, "is no whole number"),
        ("status_code", True, "is no whole number"),
        ("status_code", 10**30, "is out of range; it must be 599 or less"),
        ("retries", 1001, "is out of range; it must be 1000 or less"),
        ("retries", -1, "is out of range; it must be 0 or more"),
        ("response_time_ms", -0.1, "is out of range; it must be 0 or more"),
        ("response_time_ms", 2**31, "is out of range; it must be 2147483647 or less"),
        ("response_time_ms", "12", "is no number"),
        ("method", "GET it", "is no HTTP method"),
        ("method", "x" * 17, "is no HTTP method"),
        ("endpoint", "/a\u0000b", "holds control characters"),
        ("endpoint", "/" * 2001, "is longer than 2000 characters"),
        ("error_message", "a\u0000b", "holds control characters"),
        ("error_message", "x" * 2001, "is longer than 2000 characters"),
        ("origin", "a\nb", "holds control characters"),
        ("origin", "x" * 101, "is longer than 100 characters"),
        ("reason", "Not A Word", "is no word of 1 to 50 characters"),
        ("reason", "", "is no word of 1 to 50 characters"),
        ("timestamp", "2026-11-24T12:00:00", "is no time of RFC 3339 with zone"),
        ("timestamp", "1764000000", "is no time of RFC 3339 with zone"),
        ("timestamp", 1764000000, "is no text"),
        ("timestamp", "2026-02-30T12:00:00Z", "is no time of the calendar"),
        ("timestamp", "0001-01-01T00:00:00+23:59", "is no time of the calendar"),
        ("timestamp", "2026-11-24T12:05:01Z", "is more than 5 minutes ahead"),
        ("timestamp", "2026-10-25T11:59:59Z", "is older than 30 days; such rows are not kept"),
        ("quota_reset_at", "soon", "is no time of RFC 3339 with zone"),
        ("shop", "x", "unknown column; known are api_name, endpoint"),
        ("retry", 1, 'unknown column; did you mean "retries"? known are'),
        ("odd\nname", 1, "unknown column"),
    ],
)
def test_beyond_its_bounds_a_value_is_told(column: str, value: Any, words: str) -> None:
    name = column.replace("\n", "?")
    assert fault(**{column: value}).startswith(f"{name}: {words}")


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("verified", "yes", "is neither true, false nor null"),
        ("processed", 1, "is neither true, false nor null"),
        ("webhook_id", "x" * 201, "is longer than 200 characters"),
        ("event_type", "a\tb", "holds control characters"),
        ("processing_time_ms", -1, "is out of range; it must be 0 or more"),
    ],
)
def test_deliveries_have_bounds_too(column: str, value: Any, words: str) -> None:
    assert fault("webhook_metrics", **{column: value}).startswith(f"{column}: {words}")


def test_states_of_circuits_are_three_words() -> None:
    told = fault("circuit_events", new_state="broken")
    assert told == "new_state: is no state of a circuit breaker; write closed, open or half_open"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T11:00:00Z", datetime(2026, 11, 24, 11, tzinfo=UTC)),
        ("2026-11-24t11:00:00z", datetime(2026, 11, 24, 11, tzinfo=UTC)),
        ("2026-11-24 11:00:00.5+00:00", datetime(2026, 11, 24, 11, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-24T12:00:00.123456789+01:00", datetime(2026, 11, 24, 11, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-10-25T12:00:00Z", NOW - timedelta(days=30)),
    ],
)
def test_times_are_read_and_kept_in_utc(text: str, moment: datetime) -> None:
    found = kept(timestamp=text, quota_reset_at=text)
    assert (found["timestamp"], found["quota_reset_at"]) == (moment, moment)
    assert found["timestamp"].tzinfo is UTC


@pytest.mark.parametrize(
    ("hours", "expected"), [(-2.0, -2.0), (0.05, 0.0), (1.0, 0.0), (-24.0 * 31, 0.0), (24.0 * 3e6, 0.0)]
)
def test_the_time_within_an_id_counts_when_it_can_be(hours: float, expected: float) -> None:
    milliseconds = int((NOW.timestamp() + 3600 * hours) * 1000)
    found = kept(id=str(uuid7(milliseconds)).upper())
    assert found["timestamp"] == NOW + timedelta(hours=expected)
    assert found["id"] == found["id"].lower()


def test_the_time_within_an_id_of_another_version_is_none() -> None:
    assert kept(id="0198c0de-7abc-4def-8123-456789abcdef")["timestamp"] == NOW


def test_now_may_have_any_zone() -> None:
    zone = RowChecker("api_metrics", str, NOW.astimezone(timezone(timedelta(hours=5))))
    found = zone.check(Slice([0], [b'{"api_name":"a","timestamp":"2026-11-24T11:56:00Z"}']))
    assert found.rows[0]["timestamp"] == NOW - timedelta(minutes=4)


def test_what_can_be_put_right_is_put_right() -> None:
    found = kept(method="get", response_time_ms=12.5, endpoint="https://u:p@shop.example/orders/4242?key=x#y")
    assert (found["method"], found["response_time_ms"], found["endpoint"]) == ("GET", 12, "/orders/{id}")
    assert kept(error_message=" \n ")["error_message"] is None


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"status_code": 200}, None),
        ({"status_code": 304}, None),
        ({"status_code": 401}, "auth"),
        ({"status_code": 404}, "http_4xx"),
        ({"status_code": 429, "reason": None}, "rate_limited"),
        ({"status_code": 503}, "http_5xx"),
        ({}, "connect"),
        ({"status_code": None}, "connect"),
        ({"status_code": None, "reason": "dns"}, "dns"),
        ({"status_code": 403, "reason": "quota_exhausted"}, "quota_exhausted"),
    ],
)
def test_a_failed_call_without_a_reason_gets_the_one_of_its_status(
    columns: dict[str, Any], reason: str | None
) -> None:
    assert kept(**columns).get("reason") == reason


def test_a_message_is_masked_before_it_is_cut() -> None:
    secret = "hunter2" * 4
    masking = checker(mask=lambda text: text.replace(secret, "***"))
    text = json.dumps({"api_name": "a", "error_message": "x" * 290 + secret}).encode()
    assert "hunter2" not in masking.check(Slice([0], [text])).rows[0]["error_message"]


def test_a_thousand_unknown_columns_are_told_of_in_short() -> None:
    found = checked({"api_name": "a"} | {f"column_{number}": 1 for number in range(1000)})
    assert (found.refused, len(found.faults)) == (1, 20)


@pytest.mark.parametrize("table", list(SHAPES))
def test_a_row_ahead_of_our_clock_is_kept_with_the_time_of_its_arrival(table: str) -> None:
    assert kept(table, timestamp="2026-11-24T12:04:59Z")["timestamp"] == NOW
    assert (
        kept(table, id=str(uuid7(int((NOW + timedelta(minutes=4)).timestamp() * 1000))))["timestamp"] == NOW
    )
    assert kept(table, timestamp="2026-11-24T11:59:59Z")["timestamp"] == NOW - timedelta(seconds=1)


@pytest.mark.parametrize("table", list(SHAPES))
def test_no_program_reports_as_the_collectors_own_checks(table: str) -> None:
    assert kept(table, origin="probe")["origin"] == "probe (reported)"
    assert kept(table, origin="probes")["origin"] == "probes"


@pytest.mark.parametrize("table", ["api_metrics", "webhook_metrics"])
@pytest.mark.parametrize("reason", sorted(MONITOR_REASONS))
def test_what_only_the_collector_can_say_about_itself_is_no_reason_of_a_row(table: str, reason: str) -> None:
    told = fault(table, reason=reason)
    assert told.startswith("reason: is for the collector to say about itself; say why the other side failed")
