"""The circuit breaker, by itself with a clock of the test's own, and inside both faces of the client."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.client import CircuitBreaker, CircuitOpen
from collector.client.breaker import Permit
from tests.collector.client.breaking import NOW, Clock, opened
from tests.collector.probes.http.server import answers

FINE, FAILING = answers(200), answers(503)


def test_five_failures_in_a_row_open_it() -> None:
    breaker = CircuitBreaker()
    changes = [breaker.leave(breaker.enter("shop", NOW), failed=True) for _ in range(5)]
    assert changes[:4] == [None] * 4
    assert changes[4] is not None
    assert (changes[4].old_state, changes[4].new_state) == ("closed", "open")
    assert changes[4].message == "5 calls failed in a row"
    assert breaker.state == "open"


def test_a_success_between_starts_the_count_anew() -> None:
    breaker = CircuitBreaker()
    for failed in (True, True, True, True, False, True, True, True, True):
        breaker.leave(breaker.enter("shop", NOW), failed)
    assert breaker.state == "closed"


def test_a_call_that_was_given_up_counts_as_nothing() -> None:
    breaker = CircuitBreaker(failures=2)
    for failed in (True, None, True):
        breaker.leave(breaker.enter("shop", NOW), failed)
    assert breaker.state == "open"


def test_an_open_one_says_until_when() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 10
    with pytest.raises(CircuitOpen) as caught:
        breaker.enter("shop", NOW)
    assert str(caught.value) == "the circuit of shop is open until 2026-11-24T12:00:20Z, for 20.0 s; not sent"
    assert caught.value.retry_after == 20
    assert isinstance(caught.value, httpx.TransportError)


def test_after_its_time_exactly_one_call_may_try() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 30
    trial = breaker.enter("shop", NOW)
    assert trial.trial
    assert trial.transition is not None
    assert trial.transition.new_state == "half_open"
    with pytest.raises(CircuitOpen, match="half open"):
        breaker.enter("shop", NOW)
    closed = breaker.leave(trial, failed=False)
    assert closed is not None
    assert (closed.old_state, closed.new_state) == ("half_open", "closed")
    assert not breaker.enter("shop", NOW).trial


def test_a_trial_that_fails_opens_it_for_another_while() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 30
    change = breaker.leave(breaker.enter("shop", NOW), failed=True)
    assert change is not None
    assert (change.old_state, change.new_state) == ("half_open", "open")
    clock.now += 29
    with pytest.raises(CircuitOpen):
        breaker.enter("shop", NOW)
    clock.now += 1
    assert breaker.enter("shop", NOW).trial


def test_a_trial_that_is_given_up_leaves_the_trial_to_the_next_call() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 30
    assert breaker.leave(breaker.enter("shop", NOW), failed=None) is None
    assert breaker.enter("shop", NOW).trial


def test_a_trial_without_a_result_is_replaced_after_the_open_time() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 30
    lost = breaker.enter("shop", NOW)
    clock.now += 29
    with pytest.raises(CircuitOpen, match="half open"):
        breaker.enter("shop", NOW)
    clock.now += 1
    second = breaker.enter("shop", NOW)
    assert second.trial
    assert breaker.leave(lost, failed=True) is None
    with pytest.raises(CircuitOpen, match="half open"):
        breaker.enter("shop", NOW)
    breaker.leave(second, failed=False)
    assert breaker.state == "closed"


def test_a_late_answer_from_before_says_nothing_about_now() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock=clock)
    early = breaker.enter("shop", NOW)
    for _ in range(5):
        breaker.leave(breaker.enter("shop", NOW), failed=True)
    assert breaker.leave(early, failed=False) is None
    assert breaker.state == "open"


def test_threads_at_once_get_one_trial_between_them() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 30
    start = threading.Barrier(16)

    def enter() -> Permit | None:
        start.wait()
        try:
            return breaker.enter("shop", NOW)
        except CircuitOpen:
            return None

    with ThreadPoolExecutor(16) as pool:
        permits = [permit for permit in pool.map(lambda _: enter(), range(16)) if permit is not None]
    assert [permit.trial for permit in permits] == [True]


@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.floats(0, 40)), max_size=60))
def test_whatever_happens_an_open_one_lets_nobody_through_and_never_stays_stuck(
    history: list[tuple[bool | None, float]],
) -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=2, clock=clock)
    opened_at = None
    for failed, passed in history:
        clock.now += passed
        try:
            permit = breaker.enter("shop", NOW)
        except CircuitOpen:
            assert opened_at is not None
            assert clock.now - opened_at < 30
            continue
        change = breaker.leave(permit, failed)
        if change is not None and change.new_state == "open":
            opened_at = clock.now
    clock.now += 30
    breaker.leave(breaker.enter("shop", NOW), failed=False)
    assert breaker.state == "closed"


@pytest.mark.parametrize("settings", [{"failures": 0}, {"open_seconds": 0}, {"open_seconds": float("inf")}])
def test_an_impossible_breaker_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="would be right"):
        CircuitBreaker(**settings)
