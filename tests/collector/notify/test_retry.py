"""When a message that failed is tried again."""

from datetime import timedelta

import pytest

from collector.notify.retry import is_due, next_attempt
from tests.collector.notify.told import NOW


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40), (7, 320), (8, 640), (9, 900), (10, 900), (10_000, 900)],
)
def test_the_delay_doubles_from_5_seconds_to_15_minutes(attempts: int, seconds: int) -> None:
    assert next_attempt(attempts, NOW, NOW, None, lambda: 1.0) == NOW + timedelta(seconds=seconds)
    assert next_attempt(attempts, NOW, NOW, None, lambda: 0.0) == NOW + timedelta(seconds=seconds) / 2
    assert next_attempt(attempts, NOW, NOW, None, lambda: 0.5) == NOW + timedelta(seconds=seconds) * 0.75


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (None, 5),
        (0.0, 5),
        (-3.0, 5),
        (2.0, 5),
        (5.5, 5.5),
        (60.0, 60),
        (3600.0, 3600),
        (3601.0, 3600),
        (1e300, 3600),
        (float("inf"), 3600),
        (float("nan"), 5),
    ],
)
def test_what_the_other_side_asks_for_is_honoured_up_to_an_hour(asked: float | None, seconds: float) -> None:
    assert next_attempt(1, NOW, NOW, asked, lambda: 1.0) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("since", "given_up"),
    [
        (timedelta(hours=23, minutes=59, seconds=59), False),
        (timedelta(days=1), True),
        (timedelta(days=9), True),
        (timedelta(hours=-3), False),
    ],
)
def test_after_a_day_of_failures_it_is_given_up(since: timedelta, given_up: bool) -> None:
    assert (next_attempt(50, NOW, NOW - since, None, lambda: 0.5) is None) is given_up
    assert (next_attempt(50, NOW, NOW - since, 60, lambda: 0.5) is None) is given_up


@pytest.mark.parametrize(("attempts", "given_up"), [(1, False), (2, False), (19, False), (20, True)])
def test_a_day_in_which_it_was_hardly_tried_does_not_count(attempts: int, given_up: bool) -> None:
    since = NOW - timedelta(days=30)
    assert (next_attempt(attempts, NOW, since, None, lambda: 0.5) is None) is given_up


@pytest.mark.parametrize(
    ("planned", "due"),
    [
        (None, True),
        (timedelta(0), True),
        (timedelta(seconds=-1), True),
        (timedelta(microseconds=1), False),
        (timedelta(hours=1), False),
        (timedelta(hours=1, seconds=1), True),
    ],
)
def test_a_plan_counts_unless_the_clock_was_set_back(planned: timedelta | None, due: bool) -> None:
    assert is_due(None if planned is None else NOW + planned, NOW) is due
