"""Every boundary of the status table, and what must hold for any window."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.model import Basis, Policy, Reason, Status, Window
from analytics.rules.status import decide

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALLS = Policy(Basis.CALLS, 1000, 3000, sure_after=6, stale_after=timedelta(minutes=5))
DELIVERIES = Policy(Basis.DELIVERIES, 1000, 3000, sure_after=6, stale_after=timedelta(hours=1))
PRESENT = Policy(Basis.PRESENT, 1000, 3000, sure_after=3, stale_after=timedelta(minutes=5))


def calls(failed: int = 0, total: int = 1000, p95: float | None = 500, streak: int = 0) -> Window:
    return Window(total, failed, p95, streak, NOW - timedelta(seconds=10))


def attempt(streak: int = 0, ms: float = 50, reason: Reason = Reason.OK, retried: bool = False) -> Window:
    return Window(1, 1 if streak else 0, ms, streak, NOW, reason, "", retried)


@pytest.mark.parametrize(
    ("window", "status", "reason"),
    [
        # success rate: > 95 % healthy, 90 to 95 % degraded with both ends in, < 90 % down
        (calls(failed=0), Status.HEALTHY, Reason.OK),
        (calls(failed=49), Status.HEALTHY, Reason.OK),
        (calls(failed=50), Status.DEGRADED, Reason.ERROR_RATE),
        (calls(failed=51), Status.DEGRADED, Reason.ERROR_RATE),
        (calls(failed=99), Status.DEGRADED, Reason.ERROR_RATE),
        (calls(failed=100), Status.DEGRADED, Reason.ERROR_RATE),
        (calls(failed=101), Status.DOWN, Reason.ERROR_RATE),
        (calls(failed=1000, p95=None), Status.DOWN, Reason.ERROR_RATE),
        # P95: < 1000 healthy, 1000 to 3000 degraded with both ends in, > 3000 down
        (calls(p95=999.9), Status.HEALTHY, Reason.OK),
        (calls(p95=1000), Status.DEGRADED, Reason.SLOW),
        (calls(p95=3000), Status.DEGRADED, Reason.SLOW),
        (calls(p95=3000.1), Status.DOWN, Reason.SLOW),
        (calls(p95=None), Status.HEALTHY, Reason.OK),
        # failures in a row: more than 5 is down
        (calls(failed=5, streak=5), Status.HEALTHY, Reason.OK),
        (calls(failed=6, streak=6), Status.DOWN, Reason.CONSECUTIVE_FAILURES),
        # the worst row wins
        (calls(failed=60, p95=3001), Status.DOWN, Reason.SLOW),
        (calls(failed=200, p95=1500), Status.DOWN, Reason.ERROR_RATE),
        (calls(failed=60, p95=1500), Status.DEGRADED, Reason.ERROR_RATE),
    ],
)
def test_calls(window: Window, status: Status, reason: Reason) -> None:
    verdict = decide(window, CALLS, NOW)
    assert (verdict.status, verdict.reason) == (status, reason)
    assert verdict.message


@pytest.mark.parametrize(
    ("policy", "age", "known"),
    [
        (CALLS, timedelta(minutes=5), True),
        (CALLS, timedelta(minutes=5, microseconds=1), False),
        (DELIVERIES, timedelta(hours=1), True),
        (DELIVERIES, timedelta(hours=1, microseconds=1), False),
        (PRESENT, timedelta(minutes=5), True),
        (PRESENT, timedelta(minutes=5, microseconds=1), False),
    ],
)
def test_old_data_is_unknown(policy: Policy, age: timedelta, known: bool) -> None:
    verdict = decide(Window(10, 0, 20, 0, NOW - age), policy, NOW)
    assert verdict.status is (Status.HEALTHY if known else Status.UNKNOWN)
    assert known or verdict.reason is Reason.NO_DATA


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (CALLS, "no calls recorded in the last 5 min"),
        (DELIVERIES, "no deliveries recorded in the last 1 h"),
        (PRESENT, "no check in the last 5 min"),
    ],
)
def test_no_data_is_unknown_and_says_so(policy: Policy, message: str) -> None:
    verdict = decide(Window(), policy, NOW)
    assert (verdict.status, verdict.reason, verdict.message) == (Status.UNKNOWN, Reason.NO_DATA, message)
    assert verdict.success_rate is None


def test_silence_tells_its_length() -> None:
    verdict = decide(Window(3, 0, 20, 0, NOW - timedelta(hours=2)), DELIVERIES, NOW)
    assert verdict.message == "no deliveries for 2 h"


@pytest.mark.parametrize(
    ("window", "status", "reason", "sure"),
    [
        (attempt(ms=999.9), Status.HEALTHY, Reason.OK, True),
        (attempt(ms=1000), Status.DEGRADED, Reason.SLOW, True),
        (attempt(ms=60_000), Status.DEGRADED, Reason.SLOW, True),
        (attempt(streak=1, reason=Reason.CONNECT), Status.DEGRADED, Reason.CONNECT, False),
        (attempt(streak=2, reason=Reason.CONNECT), Status.DEGRADED, Reason.CONNECT, False),
        (attempt(streak=3, reason=Reason.CONNECT), Status.DOWN, Reason.CONNECT, True),
        (attempt(streak=4, reason=Reason.TIMEOUT), Status.DOWN, Reason.TIMEOUT, True),
        (attempt(retried=True), Status.DEGRADED, Reason.PASSED_ON_RETRY, True),
        (attempt(streak=9, reason=Reason.AUTH), Status.DEGRADED, Reason.AUTH, True),
        (attempt(streak=9, reason=Reason.RATE_LIMITED), Status.DEGRADED, Reason.RATE_LIMITED, True),
        (attempt(streak=1, reason=Reason.SCHEMA_CHANGED), Status.DEGRADED, Reason.SCHEMA_CHANGED, True),
        (attempt(reason=Reason.MISSING_CREDENTIALS), Status.UNKNOWN, Reason.MISSING_CREDENTIALS, True),
        (attempt(reason=Reason.COMMAND_MISSING), Status.UNKNOWN, Reason.COMMAND_MISSING, True),
        (attempt(reason=Reason.COLLECTOR_ERROR), Status.UNKNOWN, Reason.COLLECTOR_ERROR, True),
        (attempt(reason=Reason.COLLECTOR_OFFLINE), Status.UNKNOWN, Reason.COLLECTOR_OFFLINE, True),
    ],
)
def test_present(window: Window, status: Status, reason: Reason, sure: bool) -> None:
    verdict = decide(window, PRESENT, NOW)
    assert (verdict.status, verdict.reason, verdict.sure) == (status, reason, sure)


def test_percentages_are_never_rounded_up() -> None:
    verdict = decide(calls(failed=10_001, total=200_000), CALLS, NOW)
    assert verdict.status is Status.DEGRADED
    assert "(94.99 %)" in verdict.message


def test_a_healthy_verdict_names_its_figures() -> None:
    assert decide(calls(failed=2), CALLS, NOW).message == "998 of 1000 calls succeeded (99.8 %), P95 500 ms"


def test_deliveries_are_not_judged_by_latency() -> None:
    assert decide(calls(p95=99_999), DELIVERIES, NOW).status is Status.HEALTHY


windows = st.builds(
    Window,
    total=st.integers(1, 10_000),
    failed=st.integers(0, 10_000),
    p95_ms=st.none() | st.floats(0, 100_000),
    consecutive_failures=st.integers(0, 50),
    newest=st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda at: min(at, NOW)),
    reason=st.sampled_from(list(Reason)),
    passed_on_retry=st.booleans(),
).filter(
    # Whoever failed in a row failed for a reason.
    lambda window: (
        window.failed <= window.total and not (window.consecutive_failures and window.reason is Reason.OK)
    )
)


@given(windows, st.sampled_from([CALLS, DELIVERIES, PRESENT]))
def test_any_window_gets_a_verdict(window: Window, policy: Policy) -> None:
    verdict = decide(window, policy, NOW)
    unseen = window.newest is None or NOW - window.newest > policy.stale_after
    if unseen:
        assert verdict.status is Status.UNKNOWN
    if verdict.status in (Status.DOWN, Status.DEGRADED):
        assert verdict.reason is not Reason.OK
    if not verdict.sure:
        assert verdict.status is Status.DEGRADED


@given(st.integers(1, 5000), st.data())
def test_more_failures_never_look_better(total: int, data: st.DataObject) -> None:
    order = [Status.HEALTHY, Status.DEGRADED, Status.DOWN]
    fewer = data.draw(st.integers(0, total))
    more = data.draw(st.integers(fewer, total))
    before = decide(calls(failed=fewer, total=total), CALLS, NOW).status
    after = decide(calls(failed=more, total=total), CALLS, NOW).status
    assert order.index(after) >= order.index(before)


def test_one_failed_call_of_one_is_no_outage_and_says_what_happened() -> None:
    window = Window(1, 1, None, 1, NOW, Reason.DNS, "the name does not exist")
    verdict = decide(window, CALLS, NOW)
    assert (verdict.status, verdict.reason) == (Status.DEGRADED, Reason.ERROR_RATE)
    assert verdict.message == "0 of 1 calls succeeded (0 %); the newest failure: the name does not exist"


@pytest.mark.parametrize(
    ("failed", "status"), [(5, Status.DEGRADED), (6, Status.DOWN)], ids=["five", "more than five"]
)
def test_a_share_of_few_calls_says_little(failed: int, status: Status) -> None:
    assert decide(calls(failed=failed, total=10), CALLS, NOW).status is status


@pytest.mark.parametrize(("seconds", "status"), [(9, Status.HEALTHY), (10, Status.DOWN)])
def test_failures_are_in_a_row_when_no_success_can_still_be_on_its_way(seconds: int, status: Status) -> None:
    newest_success = NOW - timedelta(seconds=seconds)
    window = replace(calls(failed=12, streak=12), newest_success=newest_success)
    assert decide(window, CALLS, NOW).status is status


def test_a_reported_word_of_the_monitor_makes_no_api_unknown() -> None:
    window = replace(calls(failed=1), reason=Reason.COLLECTOR_ERROR)
    assert decide(window, CALLS, NOW).status is Status.HEALTHY
