"""Two witnesses of an API: everybody's calls, which decide, and our probe, which can only cast doubt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.model import (
    MONITOR_REASONS,
    Attempt,
    Basis,
    Finding,
    Policy,
    Reason,
    ServiceKey,
    ServiceType,
    Status,
    Verdict,
    Window,
)
from analytics.rules.probed_calls import patient, with_calls, with_probe

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
POLICY = Policy(Basis.CALLS, 1000, 3000, sure_after=6, stale_after=timedelta(minutes=5))
GOOD = Verdict(Status.HEALTHY, Reason.OK, "99 of 100 calls succeeded (99 %)", True, 99.0, 250)
BAD = Verdict(Status.DOWN, Reason.ERROR_RATE, "50 of 100 calls succeeded (50 %)", True, 50.0, 250)
SLOW = Verdict(Status.DEGRADED, Reason.SLOW, "P95 1.2 s, limit 1.0 s", True, 99.0, 1200)
NOTHING = Verdict(Status.UNKNOWN, Reason.NO_DATA, "no calls recorded in the last 5 min")

PASSED = Finding(True, Reason.OK, "20 models")
TIMED_OUT = Finding(False, Reason.TIMEOUT, "no answer within 10 s")
REFUSED = Finding(False, Reason.AUTH, "the key is not valid")
UNSET = Finding(False, Reason.MISSING_CREDENTIALS, "OPENAI_API_KEY is not set")


@pytest.mark.parametrize(
    ("by_calls", "finding", "streak", "retried", "status", "reason", "sure"),
    [
        (GOOD, PASSED, 0, False, Status.HEALTHY, Reason.OK, True),
        (BAD, PASSED, 0, False, Status.DOWN, Reason.ERROR_RATE, True),
        (GOOD, PASSED, 0, True, Status.DEGRADED, Reason.PASSED_ON_RETRY, True),
        (SLOW, PASSED, 0, True, Status.DEGRADED, Reason.SLOW, True),
        (GOOD, TIMED_OUT, 1, False, Status.DEGRADED, Reason.TIMEOUT, False),
        (GOOD, TIMED_OUT, 5, False, Status.DEGRADED, Reason.TIMEOUT, False),
        (GOOD, TIMED_OUT, 6, False, Status.DEGRADED, Reason.TIMEOUT, True),
        (BAD, TIMED_OUT, 6, False, Status.DOWN, Reason.ERROR_RATE, True),
        (GOOD, REFUSED, 1, False, Status.DEGRADED, Reason.AUTH, True),
        (NOTHING, REFUSED, 1, False, Status.DEGRADED, Reason.AUTH, True),
        (GOOD, UNSET, 0, False, Status.HEALTHY, Reason.OK, True),
        (NOTHING, UNSET, 0, False, Status.UNKNOWN, Reason.MISSING_CREDENTIALS, True),
    ],
)
def test_with_probe(
    by_calls: Verdict,
    finding: Finding,
    streak: int,
    retried: bool,
    status: Status,
    reason: Reason,
    sure: bool,
) -> None:
    verdict = with_probe(by_calls, finding, streak, POLICY, retried)
    assert (verdict.status, verdict.reason, verdict.sure) == (status, reason, sure)


def test_the_sentence_has_both_witnesses() -> None:
    assert with_probe(GOOD, TIMED_OUT, 6, POLICY, False).message == (
        "no answer within 10 s; but 99 of 100 calls succeeded (99 %)"
    )
    assert with_probe(GOOD, UNSET, 0, POLICY, False).message == (
        "99 of 100 calls succeeded (99 %), not probed: OPENAI_API_KEY is not set"
    )
    assert with_probe(NOTHING, UNSET, 0, POLICY, False).message == "OPENAI_API_KEY is not set"


_verdicts = st.builds(
    Verdict, st.sampled_from(list(Status)), st.sampled_from(list(Reason)), st.text(max_size=5)
)
_findings = st.builds(Finding, st.booleans(), st.sampled_from(list(Reason)), st.text(max_size=5))


@given(_verdicts, _findings, st.integers(0, 50), st.booleans())
def test_a_probe_alone_never_makes_an_api_down(
    by_calls: Verdict, finding: Finding, streak: int, retried: bool
) -> None:
    verdict = with_probe(by_calls, finding, streak, POLICY, retried)
    if by_calls.status is not Status.DOWN:
        assert verdict.status is not Status.DOWN
    if finding.reason in MONITOR_REASONS and not finding.ok:
        assert verdict.status is by_calls.status


def test_a_pause_that_the_probe_asked_for_is_no_silence() -> None:
    pausing = Finding(False, Reason.HTTP_5XX, "answered 500", ask_again_after=timedelta(minutes=16))
    assert patient(POLICY, pausing).stale_after == timedelta(minutes=40)
    short = Finding(False, Reason.HTTP_5XX, "answered 500", ask_again_after=timedelta(minutes=1))
    assert patient(POLICY, short).stale_after == timedelta(minutes=5)
    assert patient(POLICY, TIMED_OUT) is POLICY
    assert patient(POLICY, None) is POLICY


def attempt(finding: Finding, calls: int = 1) -> Attempt:
    rows = tuple({"status_code": 200} for _ in range(calls))
    return Attempt(ServiceKey(ServiceType.API, "openai"), NOW, 120.0, 1, finding, "api.openai.com", rows)


def test_an_explained_call_counts_as_it_would_if_it_were_recorded() -> None:
    window = Window(total=10, failed=2, p95_ms=80, consecutive_failures=2, newest=NOW - timedelta(minutes=1))
    passed = with_calls(window, attempt(PASSED))
    assert (passed.total, passed.failed, passed.consecutive_failures, passed.newest) == (11, 2, 0, NOW)
    failed = with_calls(window, attempt(TIMED_OUT))
    assert (failed.total, failed.failed, failed.consecutive_failures) == (11, 3, 3)
    assert (failed.reason, failed.message) == (Reason.TIMEOUT, "no answer within 10 s")
    assert with_calls(window, attempt(REFUSED)) is window
    assert with_calls(window, attempt(UNSET, calls=0)) is window
    assert with_calls(Window(), attempt(PASSED)).p95_ms == 120.0
