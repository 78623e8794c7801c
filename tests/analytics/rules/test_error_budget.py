"""Error budgets and their end against windows that are counted one by one."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from analytics.rules.error_budget import PERIOD, RECENT, Ledger, allowed, gone_at, left_percent
from analytics.rules.slo import Share

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Hours = dict[datetime, Share]


def steady(bad: int, known: int = 60, since: timedelta = PERIOD, until: timedelta = timedelta(0)) -> Hours:
    """As many checks each hour from `since` to `until` before now."""
    return {
        NOW - until - number * HOUR: Share(bad, known) for number in range(1, (since - until) // HOUR + 1)
    }


def ledger(hours: Hours) -> Ledger:
    starts = sorted(hours)
    return Ledger(starts, [hours[start].known for start in starts], [hours[start].bad for start in starts])


def forecast(hours: Hours, objective: float) -> datetime | None:
    return gone_at(ledger(hours), objective, NOW)


def test_what_is_left() -> None:
    assert allowed(43_200, 99.9) == pytest.approx(43.2)
    assert left_percent(Share(0, 1000), 99) == 100
    assert left_percent(Share(4, 1000), 99) == pytest.approx(60)
    assert left_percent(Share(20, 1000), 99) == pytest.approx(-100), "twice as much was spent as there was"
    assert left_percent(Share(0, 0), 99) is None


def test_an_objective_of_everything_has_no_budget() -> None:
    assert left_percent(Share(0, 10), 100) == 100
    assert left_percent(Share(1, 10), 100) == -math.inf
    assert forecast(steady(0), 100) is None
    assert forecast({**steady(0), NOW - HOUR: Share(1, 60)}, 100) == NOW


def test_a_budget_that_is_gone_is_gone_now() -> None:
    assert forecast(steady(0) | {NOW - 200 * HOUR: Share(43, 60)}, 99.9) is None
    assert forecast(steady(0) | {NOW - 200 * HOUR: Share(44, 60)}, 99.9) == NOW
    # Exactly all of it, though 100 - 99.9 is not exactly 0.1.
    assert forecast({NOW - 200 * HOUR: Share(10, 10_000)}, 99.9) == NOW


def test_what_burns_nothing_at_present_lasts() -> None:
    early = steady(0) | {NOW - 10 * 24 * HOUR: Share(40, 60)}
    assert forecast(early, 99.9) is None
    assert forecast({}, 99.9) is None


def test_what_burns_at_the_promised_pace_lasts_and_faster_does_not() -> None:
    # 1 of 60 checks an hour is 1.67 %.
    assert forecast(steady(1), 98.3) is None
    assert forecast(steady(0, until=RECENT) | steady(1, since=RECENT), 98.3) is None
    found = forecast(steady(0, until=RECENT) | steady(1, since=RECENT), 98.4)
    assert found is not None
    # 1.6 % of 43,200 checks are 691.2; 72 are spent, and one more each hour.
    assert found == NOW + timedelta(hours=620)


def test_a_short_period_has_the_smaller_budget() -> None:
    recent = steady(0, until=RECENT) | steady(1, since=RECENT)
    week = timedelta(days=7)
    # 1.6 % of 10,080 checks are 161.28; 72 are spent, and one more each hour.
    assert gone_at(ledger(recent), 98.4, NOW, week) == NOW + timedelta(hours=90)
    early = recent | {NOW - week - HOUR: Share(60, 60)}
    assert gone_at(ledger(early), 98.4, NOW, week) == NOW + timedelta(hours=90), "what is older has no part"


def test_old_bad_checks_leave_the_period() -> None:
    """A bad day 28 days ago uses most of the budget, and is gone before the rest is."""
    recent = steady(0, until=RECENT) | steady(1, since=RECENT)
    bad_day = steady(20, since=timedelta(days=28), until=timedelta(days=27))
    assert forecast(recent | bad_day, 98.3) is None, "480 of 734 are spent, 72 are, and 480 come back in time"
    late_day = steady(20, since=timedelta(days=10), until=timedelta(days=9))
    assert forecast(recent | late_day, 98.3) == NOW + timedelta(hours=183)


def test_a_service_watched_for_a_day_has_the_budget_of_its_checks() -> None:
    hours = steady(1, since=timedelta(days=1))
    # 24 of 1,440 are bad; a third of that is what an hour of the last three days burns on average.
    assert forecast(hours, 98) is None
    assert forecast(hours, 99) == NOW


@pytest.mark.parametrize("seed", range(20))
def test_the_ledger_counts_as_a_loop_does(seed: int) -> None:
    random_ = random.Random(seed)
    hours = {
        NOW - random_.randrange(100) * HOUR: Share(random_.randrange(5), random_.randrange(5, 60))
        for _ in range(40)
    }
    since = NOW - timedelta(minutes=random_.choice([0, 60, 90, 3000, 5555]))
    until = since + timedelta(minutes=random_.choice([-60, 0, 1, 60, 90, 2000]))
    inside = [share for hour, share in hours.items() if hour + HOUR > since and hour < until]
    if until <= since:
        inside = []
    counted = ledger(hours).between(since, until)
    assert counted == Share(sum(one.bad for one in inside), sum(one.known for one in inside))


def test_the_recent_days_begin_with_a_full_hour() -> None:
    now = NOW + timedelta(minutes=20)
    hours = steady(1, since=timedelta(days=4)) | {NOW: Share(1, 20)}
    assert ledger(hours).recent(now) == Share(72, 71 * 60 + 20)
    assert ledger(hours).recent(NOW) == Share(72, 72 * 60)
    # Of a million checks 100 may be bad and 97 are; one more is each hour.
    first = {NOW - 96 * HOUR: Share(1, 995_660)}
    assert gone_at(ledger(hours | first), 99.99, now) == now + 4 * HOUR
