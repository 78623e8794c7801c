"""Percentiles from rounded times: within 1 % of the exact ones, whatever the times are."""

from collections.abc import Sequence
from datetime import timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.coverage import Coverage, coverage
from analytics.rollups import roll_up
from tests.analytics.rollups.stage import at, call, empty, finish, insert, part, pieces

QUANTILES = (0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
WHOLE = Coverage(at(), at(1), at(1), at(1))
LONGEST = 600_000

tiny = st.integers(0, 3)
usual = st.integers(50, 800)
huge = st.integers(100_000, LONGEST)
any_time = st.integers(0, LONGEST)
#: The steps of the scale change at these, and rounding goes wrong there first.
borders = st.sampled_from(
    [one * 10**power + off for one in (1, 2, 5) for power in range(2, 6) for off in (-1, 0, 1)]
)
distributions = st.one_of(
    st.builds(lambda value, times: [value] * times, any_time, st.integers(1, 30)),
    st.builds(lambda low, high: low + high, st.lists(tiny, min_size=1), st.lists(huge, min_size=1)),
    st.builds(
        lambda low, high: low + high, st.lists(usual, min_size=20), st.lists(huge, min_size=1, max_size=3)
    ),
    st.lists(borders, min_size=1, max_size=40),
    st.lists(any_time, min_size=1, max_size=60),
)


def exact(values: Sequence[int], share: float) -> float:
    """quantile_cont: between the two values next to the place, in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@pytest.mark.parametrize("are_rolled", [True, False], ids=["rolled up", "single rows"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(endpoints=st.lists(distributions, min_size=1, max_size=10))
def test_percentiles_are_within_one_percent(
    connection: duckdb.DuckDBPyConnection, are_rolled: bool, endpoints: list[list[int]]
) -> None:
    empty(connection)
    calls = [
        call("shop", at(minutes=1), value, endpoint=str(endpoint))
        for endpoint, values in enumerate(endpoints)
        for value in values
    ]
    insert(connection, calls=calls)
    if are_rolled:
        roll_up(connection, at(), at(1))
        connection.execute("DELETE FROM api_metrics")
        finish(connection, at(1))
    rows = pieces(connection, "latency_pieces", coverage(connection, at(), at(1)))
    for endpoint, values in enumerate(endpoints):
        own = [row for row in rows if row["endpoint"] == str(endpoint)]
        rounded = [row["latency_ms"] for row in own for _ in range(row["requests"])]
        assert len(rounded) == len(values)
        for share in QUANTILES:
            wanted = exact(values, share)
            assert abs(exact(rounded, share) - wanted) <= 0.01 * wanted


def test_rounding_never_changes_the_order_and_has_nothing_left_to_round(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "INSERT INTO api_metrics BY NAME SELECT uuid() AS id, $at AS timestamp, 'shop' AS api_name, "
        "200 AS status_code, CAST(value AS INTEGER) AS response_time_ms, value::TEXT AS endpoint FROM "
        "(SELECT unnest(range(25000)) AS value UNION ALL SELECT 25000 + 997 * unnest(range(20000)) "
        "UNION ALL SELECT unnest([2147483646, 2147483647, 9999999, 10000000, 10000001]))",
        {"at": at(minutes=1)},
    )
    pairs = part("latency_edges", "SELECT CAST(endpoint AS BIGINT) AS exact, latency_ms FROM latency_edges")
    connection.execute(f"CREATE TEMP TABLE pairs AS {pairs}", WHOLE.bound())
    wrong = connection.sql(
        "SELECT * FROM pairs WHERE abs(latency_ms - exact) > 0.01 * exact "
        "UNION ALL SELECT * FROM pairs WHERE exact < 100 AND latency_ms <> exact "
        "UNION ALL SELECT * FROM pairs QUALIFY latency_ms < lag(latency_ms) OVER (ORDER BY exact)"
    ).fetchall()
    assert wrong == []
    scale = {value for (value,) in connection.sql("SELECT DISTINCT latency_ms FROM pairs").fetchall()}
    connection.execute("DROP TABLE pairs; DELETE FROM api_metrics")
    insert(connection, calls=[call("shop", at(minutes=1), value) for value in scale])
    again = {row["latency_ms"] for row in pieces(connection, "latency_pieces", WHOLE)}
    assert again == scale


def test_only_what_did_not_fail_and_was_timed_has_a_time(connection: duckdb.DuckDBPyConnection) -> None:
    calls = [
        call("shop", at(minutes=1), 70),
        call("shop", at(minutes=2), 80, status_code=500),
        call("shop", at(minutes=3), 90, reason="timeout"),
        call("shop", at(minutes=4), None),
        call("shop", at(minutes=5) + timedelta(hours=1), 60),
    ]
    insert(connection, calls=calls)
    assert [row["latency_ms"] for row in pieces(connection, "latency_pieces", WHOLE)] == [70]
