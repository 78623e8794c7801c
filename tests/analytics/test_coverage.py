"""Which part of a period is read from where."""

from datetime import datetime, timedelta, timezone

import duckdb
import pytest

from analytics.coverage import Coverage, coverage, hour_after, hour_of
from tests.analytics.rollups.stage import at, configure, empty, finish, in_memory


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """A database of all tables without a row."""
    return in_memory()


@pytest.mark.parametrize(
    ("rolled_until", "since", "until", "body"),
    [
        pytest.param(None, at(1), at(5), None, id="nothing is rolled up"),
        pytest.param(at(9), at(1), at(5), (at(1), at(5)), id="full hours"),
        pytest.param(at(9), at(1.2), at(5.9), (at(2), at(5)), id="edges on both sides"),
        pytest.param(at(4), at(1.2), at(5.9), (at(2), at(4)), id="the rollups end before"),
        pytest.param(at(2), at(1.2), at(5.9), None, id="they end where the body would begin"),
        pytest.param(at(9), at(1.2), at(1.9), None, id="within an hour"),
        pytest.param(at(9), at(1.2), at(2.5), None, id="over a full hour, but without one"),
        pytest.param(at(9), at(3), at(3), None, id="no time at all"),
    ],
)
def test_the_body_is_whole_finished_hours(
    connection: duckdb.DuckDBPyConnection,
    rolled_until: datetime | None,
    since: datetime,
    until: datetime,
    body: tuple[datetime, datetime] | None,
) -> None:
    empty(connection)
    finish(connection, rolled_until)
    found = coverage(connection, since, until)
    assert found == Coverage(since, *(body or (since, since)), until)
    assert list(found.bound()) == ["since", "body_since", "body_until", "until"]


def test_an_empty_database_is_covered_by_its_single_rows(connection: duckdb.DuckDBPyConnection) -> None:
    empty(connection)
    assert coverage(connection, at(1), at(5)) == Coverage(at(1), at(1), at(1), at(5))


def test_where_single_rows_are_gone_the_period_is_of_full_hours(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    empty(connection)
    finish(connection, at(100), raw_since=at(40))
    assert coverage(connection, at(10.2), at(20.3)) == Coverage(at(10), at(10), at(21), at(21))
    # Nine hours after the first single row everything is known that may hold when the period begins.
    assert coverage(connection, at(48.5), at(90)).since == at(48)
    assert coverage(connection, at(49.5), at(90)).since == at(49.5)
    configure(connection, "seldom", interval_seconds=4 * 3600)
    assert coverage(connection, at(49.5), at(90)).since == at(49), "what says something for ten hours"
    assert coverage(connection, at(50.5), at(90)).since == at(50.5)


def test_a_period_that_ends_before_it_begins(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError) as caught:
        coverage(connection, at(2), at(1))
    assert str(caught.value) == (
        "a period ends at 2026-11-24 01:00:00+00:00, before it begins at 2026-11-24 02:00:00+00:00; "
        "give the earlier one first"
    )


def test_hours_are_those_of_utc_wherever_somebody_is() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    moment = at(1.25).astimezone(india)
    assert (hour_of(moment), hour_after(moment)) == (at(1), at(2))
    assert (hour_of(at(1)), hour_after(at(1))) == (at(1), at(1))
