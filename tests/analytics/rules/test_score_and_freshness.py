"""The health score, and what an old status still says."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.model import Reason, Status
from analytics.rules.freshness import as_seen, clock_ahead, collector_stopped
from analytics.rules.score import health_score

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
H, D, X, U = Status.HEALTHY, Status.DEGRADED, Status.DOWN, Status.UNKNOWN


@pytest.mark.parametrize(
    ("statuses", "score"),
    [
        ([H] * 16, 100.0),
        ([X] * 16, 0.0),
        ([H] * 15 + [X], 93.75),
        ([H, D], 75.0),
        ([H, U, U], 100.0),
        ([U, U], None),
        ([], None),
    ],
)
def test_score(statuses: list[Status], score: float | None) -> None:
    assert health_score(statuses) == score


@pytest.mark.parametrize(
    ("interval", "age", "fresh"),
    [(60, 300, True), (60, 300.001, False), (120, 300.001, False), (300, 750, True), (300, 750.001, False)],
)
def test_a_stale_status_says_nothing(interval: float, age: float, fresh: bool) -> None:
    seen = as_seen(H, Reason.OK, NOW - timedelta(seconds=age), timedelta(seconds=interval), NOW)
    assert seen == ((H, Reason.OK) if fresh else (U, Reason.COLLECTOR_OFFLINE))


@pytest.mark.parametrize(("age", "stopped"), [(0, False), (180, False), (180.001, True)])
def test_a_collector_has_stopped_after_three_intervals(age: float, stopped: bool) -> None:
    assert collector_stopped(NOW - timedelta(seconds=age), timedelta(seconds=60), NOW) is stopped


@pytest.mark.parametrize(("seconds", "ahead"), [(-60, False), (0, False), (60, False), (60.001, True)])
def test_a_clock_is_ahead_from_more_than_a_minute_on(seconds: float, ahead: bool) -> None:
    by = timedelta(seconds=seconds)

    assert clock_ahead(NOW + by, NOW) == (by if ahead else None)
