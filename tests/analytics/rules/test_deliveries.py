"""A webhook source: verified, processed, and not gone quiet."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.model import Basis, Policy, Reason, Rhythm, Status, Window
from analytics.rules.silence import silent_after
from analytics.rules.status import decide

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy(Basis.DELIVERIES, 1000, 3000, sure_after=3, stale_after=HOUR)


def rhythm(pauses: int = 500, usual: float = 30, longest: float = 200) -> Rhythm:
    return Rhythm(pauses, timedelta(seconds=usual), timedelta(seconds=longest), NOW)


def deliveries(failed: int = 0, handed_on: int = 0, unprocessed: int = 0, age: float = 10) -> Window:
    return Window(
        total=1000,
        failed=failed,
        newest=NOW - timedelta(seconds=age),
        reason=Reason.AUTH if failed else Reason.OK,
        message="signature does not match" if failed else "",
        handed_on=handed_on,
        unprocessed=unprocessed,
        unprocessed_message="answered 500" if unprocessed else "",
        rhythm=rhythm(),
    )


@pytest.mark.parametrize(
    ("window", "status", "reason", "said"),
    [
        (deliveries(), Status.HEALTHY, Reason.OK, "1000 of 1000 deliveries verified (100 %)"),
        (deliveries(failed=49), Status.HEALTHY, Reason.OK, "951 of 1000"),
        (deliveries(failed=50), Status.DEGRADED, Reason.ERROR_RATE, "signature does not match"),
        (deliveries(failed=100), Status.DEGRADED, Reason.ERROR_RATE, "900 of 1000"),
        (deliveries(failed=101), Status.DOWN, Reason.ERROR_RATE, "899 of 1000"),
        (deliveries(handed_on=100, unprocessed=4), Status.HEALTHY, Reason.OK, "96 of 100 processed"),
        (deliveries(handed_on=100, unprocessed=5), Status.DEGRADED, Reason.PROCESSING_FAILED, "answered 500"),
        (deliveries(handed_on=100, unprocessed=10), Status.DEGRADED, Reason.PROCESSING_FAILED, "90 of 100"),
        (deliveries(handed_on=100, unprocessed=11), Status.DOWN, Reason.PROCESSING_FAILED, "89 of 100"),
        (
            deliveries(failed=60, handed_on=100, unprocessed=50),
            Status.DOWN,
            Reason.PROCESSING_FAILED,
            "50 of",
        ),
        (deliveries(failed=500, handed_on=9, unprocessed=9), Status.DOWN, Reason.PROCESSING_FAILED, "0 of 9"),
        (
            deliveries(failed=500, handed_on=9, unprocessed=9),
            Status.DOWN,
            Reason.PROCESSING_FAILED,
            "500 of 1000",
        ),
        (deliveries(failed=500, handed_on=9, unprocessed=1), Status.DOWN, Reason.ERROR_RATE, "8 of 9"),
    ],
)
def test_deliveries(window: Window, status: Status, reason: Reason, said: str) -> None:
    verdict = decide(window, POLICY, NOW)
    assert (verdict.status, verdict.reason) == (status, reason)
    assert said in verdict.message


def test_processing_that_nobody_asked_for_is_not_judged() -> None:
    assert decide(deliveries(handed_on=0), POLICY, NOW).message == "1000 of 1000 deliveries verified (100 %)"


@pytest.mark.parametrize(
    ("known", "limit"),
    [
        (None, HOUR),
        (rhythm(pauses=19), HOUR),
        (rhythm(pauses=20), timedelta(seconds=600)),
        (rhythm(longest=1), timedelta(minutes=5)),
        (rhythm(longest=100), timedelta(minutes=5)),
        (rhythm(longest=1199), timedelta(seconds=3597)),
        (rhythm(longest=1201), HOUR),
        (rhythm(longest=80_000), HOUR),
    ],
)
def test_what_is_too_quiet_is_learned_from_the_source(known: Rhythm | None, limit: timedelta) -> None:
    assert silent_after(known, HOUR) == limit


def test_a_source_that_normally_speaks_and_is_quiet_is_not_healthy() -> None:
    quiet = decide(deliveries(age=601), POLICY, NOW)
    assert (quiet.status, quiet.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert quiet.message == "no deliveries for 10 min; usually one every 30 s"
    assert decide(deliveries(age=599), POLICY, NOW).status is Status.HEALTHY


def test_a_source_that_rarely_speaks_is_unknown_after_an_hour_and_says_how_rarely() -> None:
    window = Window(newest=NOW - 2 * HOUR, rhythm=rhythm(usual=3 * 3600, longest=9 * 3600))
    assert decide(window, POLICY, NOW).message == "no deliveries for 2 h; usually one every 3 h"


@given(
    pauses=st.integers(0, 10**6),
    longest=st.floats(0, 10**7, allow_nan=False),
    age=st.floats(0, 10**6, allow_nan=False),
)
def test_silence_for_an_hour_is_never_healthy(pauses: int, longest: float, age: float) -> None:
    known = Rhythm(pauses, timedelta(seconds=longest / 2), timedelta(seconds=longest), NOW)
    window = Window(total=10, newest=NOW - timedelta(seconds=age), rhythm=known)
    verdict = decide(window, POLICY, NOW)
    if age > 3600:
        assert verdict.status is Status.UNKNOWN
    if age < 300:
        assert verdict.status is Status.HEALTHY


@pytest.mark.parametrize(("failed", "status"), [(1, Status.DEGRADED), (5, Status.DEGRADED), (6, Status.DOWN)])
def test_a_few_forged_deliveries_are_no_outage(failed: int, status: Status) -> None:
    window = Window(total=failed + 2, failed=failed, newest=NOW, newest_success=NOW, message="forged")
    assert decide(window, POLICY, NOW).status is status


def test_what_strangers_post_does_not_hide_the_silence_of_a_source() -> None:
    quiet = Window(
        total=1210, failed=10, newest=NOW, newest_success=NOW - timedelta(minutes=40), rhythm=rhythm()
    )
    verdict = decide(quiet, POLICY, NOW)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert verdict.message == "no deliveries for 40 min; usually one every 30 s"


def test_a_wrong_secret_is_no_silence() -> None:
    window = Window(
        total=1000, failed=700, newest=NOW, newest_success=NOW - timedelta(minutes=40), rhythm=rhythm()
    )
    assert decide(window, POLICY, NOW).status is Status.DOWN
