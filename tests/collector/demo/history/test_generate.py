"""The generator: the same for the same seed, sound at any hour."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.model import Status
from collector.demo.history.batch import from_datetime, to_datetime
from collector.demo.history.checks import STATUSES
from collector.demo.history.generate import generate_history
from collector.demo.history.plan import Effect, troubles
from tests.collector.demo.history.conftest import NOW


def _silent(_share: float, _label: str) -> None:
    pass


def _tables(now: datetime, days: int, seed: int) -> dict:
    return {batch.table: batch.arrow() for batch in generate_history(now, days, seed, _silent)}


def test_the_same_arguments_give_the_same_rows():
    assert _tables(NOW, 3, 5) == _tables(NOW, 3, 5)


def test_another_seed_gives_other_rows():
    one, other = _tables(NOW, 2, 5), _tables(NOW, 2, 6)
    assert one["api_metrics"].num_rows != other["api_metrics"].num_rows


def test_the_seed_moves_what_went_wrong_a_little():
    first, second = troubles(NOW, 30, 1), troubles(NOW, 30, 2)
    assert [trouble.effect for trouble in first] == [trouble.effect for trouble in second]
    moved = [abs(one.start - other.start) for one, other in zip(first, second, strict=True)]
    assert 0 < max(moved) <= 40 * 60 * 1_000_000


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 0, 0, 0, tzinfo=UTC),
        datetime(2026, 11, 22, 4, 30, 59, 999_999, tzinfo=UTC),
        datetime(2027, 3, 1, 12, 0, 1, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
    ],
    ids=str,
)
def test_at_any_hour_the_past_ends_well_and_before_now(now: datetime):
    healthy = STATUSES.index(Status.HEALTHY)
    for batch in generate_history(now, 2, 11, _silent):
        for name in batch.times - {"quota_reset_at"}:
            assert to_datetime(batch.columns[name].max(initial=0)) <= now
        if batch.table == "integration_health_checks":
            lately = batch.columns["timestamp"] > from_datetime(now - timedelta(minutes=30))
            statuses = batch.columns["status"].codes[lately]
            assert len(statuses) > 400
            assert (statuses == healthy).mean() > 0.99


def test_one_day_is_possible():
    tables = _tables(NOW, 1, 3)
    assert tables["collector_runs"].num_rows >= 1430
    assert set(tables) == {
        "integration_health_checks",
        "collector_runs",
        "api_metrics",
        "webhook_metrics",
        "alert_events",
    }


def test_three_days_have_incidents_and_what_was_sent_of_them():
    tables = _tables(NOW, 3, 3)
    assert tables["integration_incidents"].num_rows >= 2
    assert tables["notifications"].num_rows > 3 * tables["integration_incidents"].num_rows


def test_times_survive_the_way_to_microseconds_and_back():
    assert to_datetime(from_datetime(NOW)) == NOW


def test_thirty_days_hold_a_dozen_incidents_two_gaps_and_one_loss_of_our_own_network():
    effects = [trouble.effect for trouble in troubles(NOW, 30, 7)]
    assert effects.count(Effect.GAP) == 2
    assert effects.count(Effect.OFFLINE) == 1
    assert len(effects) - 3 >= 12
