from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.client import RetryPolicy
from collector.client.retry import Safety, may_repeat_status, retry_after_seconds, safety

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_pause_doubles_up_to_its_cap() -> None:
    policy = RetryPolicy(retries=7)
    pauses = [policy.pause(repeated, None, lambda: 1.0) for repeated in range(8)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, None]


def test_the_jitter_is_full() -> None:
    assert RetryPolicy().pause(1, None, lambda: 0.0) == 0.0
    assert RetryPolicy().pause(1, None, lambda: 0.25) == 0.25


@given(st.integers(0, 5000), st.floats(0, 100), st.floats(1, 100), st.floats(0, 1e6), st.floats(0, 1))
def test_no_pause_is_longer_than_the_cap(
    repeated: int, base: float, factor: float, cap: float, chance: float
) -> None:
    pause = RetryPolicy(10_000, base, factor, cap).pause(repeated, None, lambda: chance)
    assert pause is not None
    assert 0 <= pause <= cap


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retries", -1),
        ("base", -0.1),
        ("factor", 0.5),
        ("factor", 1000),
        ("cap", float("inf")),
        ("deadline", 0),
        ("deadline", float("nan")),
        ("base", float("nan")),
    ],
)
def test_an_impossible_policy_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"RetryPolicy: {name} is .* would be right"):
        RetryPolicy(**{name: value})


@pytest.mark.parametrize(
    ("method", "headers", "idempotent", "replayable", "expected"),
    [
        ("GET", {}, None, True, Safety.ANY),
        ("get", {}, None, True, Safety.ANY),
        ("TRACE", {}, None, True, Safety.ANY),
        ("POST", {}, None, True, Safety.UNPROCESSED),
        ("PATCH", {}, None, True, Safety.UNPROCESSED),
        ("POST", {"IDEMPOTENCY-KEY": "a"}, None, True, Safety.ANY),
        ("POST", {"idempotency-key": "a"}, False, True, Safety.UNPROCESSED),
        ("POST", {}, True, True, Safety.ANY),
        ("GET", {}, False, True, Safety.UNPROCESSED),
        ("GET", {}, True, False, Safety.NEVER),
    ],
)
def test_how_far_a_request_may_be_repeated(
    method: str, headers: dict[str, str], idempotent: bool | None, replayable: bool, expected: Safety
) -> None:
    assert safety(method, httpx.Headers(headers), idempotent, replayable) is expected


def test_429_says_that_nothing_was_processed() -> None:
    assert may_repeat_status(429, Safety.UNPROCESSED)
    assert not may_repeat_status(503, Safety.UNPROCESSED)
    assert not may_repeat_status(429, Safety.NEVER)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"retry-after-ms": "1500", "Retry-After": "2"}, 1.5),
        ({"Retry-After": "Tue, 24 Nov 2026 12:00:10 GMT"}, 10.0),
        ({"Retry-After": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tuesday, 24-Nov-26 12:00:10 GMT"}, 10.0),
        ({"Retry-After": "Tue Nov 24 12:00:10 2026"}, 10.0),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "1, 2"}, None),
    ],
)
def test_what_retry_after_asks_for(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after_seconds(httpx.Headers(headers), NOW) == expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_retry_after_never_raises(value: str, date: str) -> None:
    seconds = retry_after_seconds({"retry-after": value, "date": date}, NOW)
    assert seconds is None or 0 <= seconds < timedelta.max.total_seconds()
