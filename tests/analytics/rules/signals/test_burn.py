"""How fast an error budget is spent, and when that is told."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alerting import AlertRule, RuleSettings, Signal
from analytics.model import Reason, Status
from analytics.rules.signals import Evidence, Looks, evidence_signals
from analytics.rules.slo import FAST, SLOW, Share, burn_rate, burning
from tests.analytics.rules.signals.samples import LIMITS, NOW, POLICY, REDIS, WARNING


def shares(
    slow_long: Share, fast_long: Share, slow_short: Share, fast_short: Share
) -> dict[timedelta, Share]:
    return {SLOW.long: slow_long, FAST.long: fast_long, SLOW.short: slow_short, FAST.short: fast_short}


NONE = Share()
GOOD = Share(0, 1000)


@pytest.mark.parametrize(
    ("share", "objective", "rate"),
    [
        (Share(0, 0), 99.9, 0),
        (Share(0, 100), 99.9, 0),
        (Share(1, 1000), 99.9, 1),
        (Share(144, 10_000), 99.9, 14.4),
        (Share(1, 1), 99.9, 1000),
        (Share(1, 10), 90, 1),
        (Share(1, 10), 100, math.inf),
        (Share(0, 10), 100, 0),
    ],
)
def test_burn_rate(share: Share, objective: float, rate: float) -> None:
    assert burn_rate(share, objective) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("counts", "fewest", "pace"),
    [
        # both windows of a pace must reach its rate: 1.44 % over one hour and five minutes
        ((GOOD, Share(144, 10_000), GOOD, Share(144, 10_000)), 3, FAST),
        ((GOOD, Share(143, 10_000), GOOD, Share(144, 10_000)), 3, None),
        ((GOOD, Share(144, 10_000), GOOD, Share(143, 10_000)), 3, None),
        # 0.6 % over six hours and thirty minutes
        ((Share(6, 1000), GOOD, Share(6, 1000), GOOD), 3, SLOW),
        ((Share(5, 1000), GOOD, Share(6, 1000), GOOD), 3, None),
        ((Share(6, 1000), GOOD, Share(5, 1000), GOOD), 3, None),
        # the newest minutes are good again
        ((Share(60, 360), Share(30, 60), Share(0, 30), Share(0, 5)), 3, None),
        # one of few says little
        ((GOOD, Share(3, 60), GOOD, Share(3, 5)), 3, FAST),
        ((GOOD, Share(3, 60), GOOD, Share(2, 5)), 3, None),
        ((GOOD, Share(3, 60), GOOD, Share(1, 5)), 0, FAST),
        ((NONE, NONE, NONE, NONE), 0, None),
    ],
)
def test_paces(counts: tuple[Share, Share, Share, Share], fewest: int, pace: object) -> None:
    assert burning(shares(*counts), 99.9, fewest) is pace


def test_without_counts_nothing_burns() -> None:
    assert burning({}, 99.9, 0) is None


counted = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: Share(min(pair), max(pair)))


@given(counted, counted, counted, counted, st.floats(50, 100), st.integers(0, 5))
def test_it_never_burns_without_enough_bad_checks_just_now(
    slow_long: Share, fast_long: Share, slow_short: Share, fast_short: Share, objective: float, fewest: int
) -> None:
    found = shares(slow_long, fast_long, slow_short, fast_short)
    pace = burning(found, objective, fewest)
    if pace is not None:
        assert found[pace.short].bad >= max(1, fewest)
        assert found[pace.long].bad >= 1


def signal_of(counts: tuple[Share, Share, Share, Share] | None) -> Signal:
    looks = {} if counts is None else {REDIS: Looks(NOW, Status.DOWN, Reason.CONNECT, shares=shares(*counts))}
    made = evidence_signals(Evidence(NOW, looks=looks), {REDIS: LIMITS[REDIS]}, POLICY, NOW)
    [signal] = [signal for signal in made if signal.rule is AlertRule.SLO_BURN]
    return signal


@pytest.mark.parametrize(
    ("counts", "bad"),
    [
        (None, None),
        ((NONE, NONE, NONE, NONE), None),
        # all of the last half hour unknown: six hours of trouble say nothing of now
        ((Share(100, 300), Share(10, 30), NONE, NONE), None),
        ((GOOD, GOOD, GOOD, NONE), False),
        ((GOOD, Share(3, 60), GOOD, Share(3, 5)), True),
    ],
)
def test_signal(counts: tuple[Share, Share, Share, Share] | None, bad: bool | None) -> None:
    signal = signal_of(counts)
    assert (signal.bad, signal.severity) == (bad, WARNING)
    assert bool(signal.title) == bool(bad)


def test_title() -> None:
    signal = signal_of((Share(3, 360), Share(3, 60), Share(3, 30), Share(3, 5)))
    assert signal.title == (
        "Redis spends its error budget 50 times too fast: 3 of 60 checks in 1 hour down, objective 99.9 %"
    )
    assert signal.reason is Reason.CONNECT


def test_a_service_may_promise_less() -> None:
    own = {(REDIS, AlertRule.SLO_BURN): RuleSettings(WARNING, objective=99.0, fewest=1)}
    policy = type(POLICY)(POLICY.rules, own)
    looks = {
        REDIS: Looks(NOW, Status.DOWN, Reason.CONNECT, shares=shares(GOOD, Share(5, 60), GOOD, Share(5, 5)))
    }
    made = evidence_signals(Evidence(NOW, looks=looks), {REDIS: LIMITS[REDIS]}, policy, NOW)
    assert [signal.bad for signal in made if signal.rule is AlertRule.SLO_BURN] == [False]
