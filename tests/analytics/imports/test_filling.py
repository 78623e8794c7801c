"""What is put back of sums: nothing of it lost, nothing twice, and nothing outside its time."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.coverage import HOUR
from analytics.imports.filling import made_up, stretches, summed_hours
from analytics.imports.history import History, Observation, Totals
from analytics.model import Reason, Status

DAY = datetime(2026, 3, 29, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNTED = (Status.HEALTHY, Status.DOWN, Status.UNKNOWN)

counts = st.fixed_dictionaries({status: st.integers(0, 70) for status in COUNTED})
statuses = st.sampled_from([*COUNTED, Status.DEGRADED])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Two hours with changes and sums that hold at least those."""
    places = sorted(draw(st.sets(st.integers(0, 7199), max_size=12)))
    seen = [Observation(DAY + timedelta(seconds=place), draw(statuses), Reason.UNHEALTHY) for place in places]
    totals = []
    for hour in (DAY, DAY + HOUR):
        single = Counter(one.status for one in seen if hour <= one.time < hour + HOUR)
        single[Status.DOWN] += single.pop(Status.DEGRADED, 0)
        totals.append(Totals(hour, 1, single + Counter(draw(counts))))
    return History(seen, totals, MINUTE)


@settings(max_examples=50)
@given(histories())
def test_the_sum_of_an_hour_is_what_there_is_and_what_is_put_back(history: History) -> None:
    put_back = summed_hours(history, {})

    for total in history.totals:
        seen = Counter(
            Status.DOWN if one.status is Status.DEGRADED else one.status
            for one in history.observations
            if total.begun <= one.time < total.begun + HOUR
        )
        for hour in put_back:
            if hour.hour == total.begun:
                seen.update(one.status for one in made_up(hour, history))
        assert seen == Counter({status: count for status, count in total.counts.items() if count})


@settings(max_examples=50)
@given(histories())
def test_both_ways_to_put_back_say_the_same(history: History) -> None:
    for hour in summed_hours(history, {}):
        checks = list(made_up(hour, history))
        found = stretches(hour, history)

        assert all(hour.hour < one.time < hour.ended for one in checks)
        assert Counter(one.status for one in checks) == Counter(hour.counts)
        assert sum(one.checks for one in found) == len(checks)
        assert all(hour.hour <= one.begun < one.ended <= hour.ended for one in found)
        assert all(sooner.ended <= later.begun for sooner, later in pairwise(found))
        assert sum(one.seconds for one in found) <= 3600.001


def test_bad_checks_stand_where_it_was_bad() -> None:
    bad = Observation(DAY + MINUTE * 10, Status.DOWN, Reason.DNS)
    good = Observation(DAY + MINUTE * 20, Status.HEALTHY, Reason.OK)
    total = Totals(DAY, 1, {Status.HEALTHY: 50, Status.DOWN: 10})
    (hour,) = summed_hours(History([bad, good], [total], MINUTE), {})

    down = [one for one in made_up(hour, History([bad, good], [total], MINUTE)) if one.status is Status.DOWN]

    assert len(down) == 9
    assert all(bad.time <= one.time < good.time and one.reason is Reason.DNS for one in down)


def test_where_nothing_is_known_bad_checks_come_last() -> None:
    history = History([], [Totals(DAY, 1, {Status.HEALTHY: 2, Status.DOWN: 2})], MINUTE)
    (hour,) = summed_hours(history, {})

    assert [one.status for one in stretches(hour, history)] == [Status.HEALTHY] * 2 + [Status.DOWN] * 2


def test_a_day_is_spread_over_the_hours_it_can_have_been() -> None:
    begun = Observation(DAY + HOUR * 20 + MINUTE, Status.HEALTHY, Reason.OK)
    totals = [Totals(DAY, 24, {Status.HEALTHY: 239}), Totals(DAY + HOUR * 23, 1, {Status.HEALTHY: 60})]

    found = summed_hours(History([begun], totals, MINUTE), {})

    assert [one.hour for one in found] == [DAY + HOUR * hour for hour in (20, 21, 22, 23)]
    assert sum(one.checks for one in found) == 238


def test_an_hour_that_was_begun_before_gets_only_the_rest() -> None:
    seen = [Observation(DAY + MINUTE * place, Status.HEALTHY, Reason.OK) for place in (0, 50)]
    history = History(seen, [Totals(DAY, 1, {Status.HEALTHY: 60})], MINUTE)
    taken = {DAY: (DAY + MINUTE * 29, {Status.HEALTHY: 30})}

    (hour,) = summed_hours(history, taken)

    assert hour.counts == {Status.HEALTHY: 29}


def test_the_rest_of_a_day_is_the_same_after_a_stop() -> None:
    history = History([], [Totals(DAY, 24, {Status.HEALTHY: 1410, Status.DOWN: 30})], MINUTE)
    whole = {one.hour: one for one in summed_hours(history, {})}
    hour = DAY + HOUR * 10
    before = {**whole[hour].counts, Status.HEALTHY: 20}

    rest = {one.hour: one for one in summed_hours(history, {hour: (hour + MINUTE * 30, before)})}

    assert rest[hour].counts == {Status.HEALTHY: whole[hour].counts[Status.HEALTHY] - 20}
    assert {key: one for key, one in rest.items() if key != hour} == {
        key: one for key, one in whole.items() if key != hour
    }


def test_all_hours_of_a_day_get_about_as_many() -> None:
    seen = [Observation(DAY + MINUTE * place, Status.HEALTHY, Reason.OK) for place in range(40)]
    found = summed_hours(History(seen, [Totals(DAY, 24, {Status.HEALTHY: 1440})], MINUTE), {})

    # What is known ends in the first hour, so nothing lies after it.
    assert [(one.hour, one.checks) for one in found] == [(DAY, 1400)]

    later = Observation(DAY + HOUR * 24, Status.HEALTHY, Reason.OK)
    spread = summed_hours(History([*seen, later], [Totals(DAY, 24, {Status.HEALTHY: 1440})], MINUTE), {})
    assert [one.checks for one in spread] == [20] + [60] * 23
