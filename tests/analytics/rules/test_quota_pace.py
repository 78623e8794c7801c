"""When a quota will be used up: a straight line through two readings."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.rules.quota_pace import Reading, exhausted_at

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def reading(minute: float, used: float) -> Reading:
    return Reading(NOON + timedelta(minutes=minute), used)


def test_it_goes_on_as_it_did() -> None:
    found = exhausted_at(reading(0, 400), reading(30, 700), 1000)
    assert found == NOON + timedelta(minutes=60)


@pytest.mark.parametrize(("resets", "minutes"), [(59, None), (60, None), (61, 60), (None, 60)])
def test_a_reset_comes_first_or_does_not(resets: int | None, minutes: int | None) -> None:
    resets_at = None if resets is None else NOON + timedelta(minutes=resets)
    found = exhausted_at(reading(0, 400), reading(30, 700), 1000, resets_at)
    assert found == (None if minutes is None else NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("first", "newest"),
    [
        (reading(0, 500), reading(30, 500)),
        (reading(0, 500), reading(30, 400)),
        (reading(0, 500), reading(4.9, 600)),
        (reading(0, 500), reading(0, 500)),
        (reading(0, 0), reading(60, 1e-9)),
    ],
    ids=["even", "falling", "a burst", "one reading", "in many years"],
)
def test_no_moment_without_a_pace(first: Reading, newest: Reading) -> None:
    assert exhausted_at(first, newest, 1000) is None


def test_what_is_used_up_is_so_already() -> None:
    assert exhausted_at(reading(0, 1000), reading(1, 1000), 1000, NOON) == NOON + timedelta(minutes=1)
