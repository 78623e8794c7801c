"""How long imported checks hold: one status at a time, never more than an hour has."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.coverage import HOUR
from analytics.imports.history import History, Observation, Totals
from analytics.imports.parts import Before, parts, select
from analytics.imports.timeline import Stretch, hold
from analytics.model import Reason, Status

DAY = datetime(2026, 3, 29, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = DAY + timedelta(days=90)

statuses = st.sampled_from([Status.HEALTHY, Status.DOWN, Status.DEGRADED, Status.UNKNOWN])
counts = st.fixed_dictionaries(
    {status: st.integers(0, 90) for status in (Status.HEALTHY, Status.DOWN, Status.UNKNOWN)}
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Changes over a night, and sums of some of its hours and of both days."""
    places = sorted(draw(st.sets(st.integers(0, 8 * 3600), max_size=25)))
    begun = DAY + HOUR * 20
    seen = [
        Observation(begun + timedelta(seconds=place), draw(statuses), Reason.UNHEALTHY) for place in places
    ]
    hours = sorted(draw(st.sets(st.integers(0, 8), max_size=4)))
    totals = [Totals(begun + HOUR * hour, 1, draw(counts)) for hour in hours]
    days = [DAY, DAY + HOUR * 24]
    totals += [Totals(day, 24, {Status.HEALTHY: draw(st.integers(0, 2000))}) for day in days]
    return History(seen, totals, timedelta(seconds=draw(st.sampled_from([20, 60, 300, 7200]))))


def written(history: History, before: Before) -> list[Stretch]:
    """All stretches of an import of `history` of which nothing is recent."""
    chosen = select(history, before, LATER)
    return [one for part in parts(chosen, history, LATER, 1) for one in part.stretches]


@settings(max_examples=80, deadline=None)
@given(histories(), st.booleans())
def test_an_hour_has_one_status_at_a_time(history: History, stopped: bool) -> None:
    until = DAY + HOUR * 22 + MINUTE * 17
    hour = until.replace(minute=0)
    before = Before([(DAY, until)], {hour: (until, {Status.HEALTHY: 17})}) if stopped else Before()

    by_hour: dict[datetime, list[Stretch]] = defaultdict(list)
    for one in written(history, before):
        by_hour[one.hour].append(one)

    for hour, found in by_hour.items():
        there = sorted((one.begun, one.ended) for one in found if one.ended > one.begun)
        assert sum(one.seconds for one in found) <= 3600.001
        assert all(hour <= begun and ended <= hour + HOUR for begun, ended in there)
        assert all(sooner[1] <= later[0] for sooner, later in pairwise(there))
        if stopped:
            assert all(ended <= DAY or begun >= until for begun, ended in there)


@settings(max_examples=80, deadline=None)
@given(histories())
def test_nothing_is_lost_on_the_way(history: History) -> None:
    chosen = select(history, Before(), LATER)

    found = written(history, Before())

    assert sum(one.checks for one in found) == len(chosen.observations) + sum(
        hour.checks for hour in chosen.hours
    )
    assert sum(one.put_back for one in found) == sum(hour.checks for hour in chosen.hours)


def test_a_sum_is_spread_over_what_no_single_check_covers() -> None:
    bad = [Observation(DAY + MINUTE * place, Status.DOWN, Reason.DNS) for place in range(20, 30)]
    history = History(bad, [Totals(DAY, 1, {Status.HEALTHY: 50, Status.DOWN: 10})], MINUTE)
    last = Observation(DAY + HOUR, Status.HEALTHY, Reason.OK)

    found = [
        one for one in written(History([*bad, last], history.totals, MINUTE), Before()) if one.hour == DAY
    ]

    assert [(one.status, one.begun, one.ended, one.seconds) for one in found] == [
        (Status.HEALTHY, DAY, DAY + MINUTE * 20, 1200),
        (Status.DOWN, DAY + MINUTE * 20, DAY + MINUTE * 30, 600),
        (Status.HEALTHY, DAY + MINUTE * 30, DAY + HOUR, 1800),
    ]


def test_single_checks_hold_as_the_rollups_have_it() -> None:
    moments = [0, 4, 14, 59.5]
    seen = [Observation(DAY + MINUTE * place, Status.HEALTHY, Reason.OK) for place in moments]

    found = hold(seen, set(), MINUTE).stretches[DAY]

    assert [(one.hour, one.checks, one.begun, one.ended) for one in found] == [
        (DAY, 2, DAY, DAY + MINUTE * 5),
        (DAY, 1, DAY + MINUTE * 14, DAY + MINUTE * 15),
        (DAY, 1, DAY + MINUTE * 59.5, DAY + HOUR),
        (DAY + HOUR, 0, DAY + HOUR, DAY + MINUTE * 60.5),
    ]


def test_nothing_holds_into_what_is_known_better() -> None:
    seen = [Observation(DAY + MINUTE * place, Status.HEALTHY, Reason.OK) for place in (0, 10)]
    periods = [(DAY + MINUTE * 0.5, DAY + MINUTE * 9.5)]

    found = hold(seen, set(), MINUTE, periods, DAY + MINUTE * 10.75).stretches[DAY]

    assert [(one.begun, one.ended) for one in found] == [
        (DAY, DAY + MINUTE * 0.5),
        (DAY + MINUTE * 10.5, DAY + MINUTE * 10.75),
    ]
