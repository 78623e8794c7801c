"""A check is the same to the rules whether it was just made or is read back from the table."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.ids import uuid7
from analytics.model import CheckResult, Reason, Status, Verdict
from analytics.rules.signals import check_signals, health, observation, observation_of_row
from collector.store import Run, insert_run
from tests.analytics.rules.signals.samples import LIMITS, MINUTE, NOW, POLICY, REDIS, SHOPIFY

SCHEMA = "".join(path.read_text() for path in sorted(Path("analytics/sql/schema").glob("*.sql")))
RUN = Run(uuid7(), uuid7(), 1, True, "here", "1", NOW, NOW, MINUTE, 1, 0)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory."""
    with duckdb.connect() as made:
        made.execute("SET TimeZone='UTC'")
        made.execute(SCHEMA)
        yield made


details = st.fixed_dictionaries(
    {},
    optional={
        "total": st.integers(0, 10_000),
        "failed": st.integers(0, 10_000),
        "p95_ms": st.none() | st.floats(0, 60_000),
        "newest": st.just(NOW.isoformat()),
        "probe_failures_in_row": st.integers(0, 9),
        "usual_pause_seconds": st.floats(0.1, 9999),
        "tls_days_left": st.integers(-9, 400),
        "tools_added": st.lists(st.text(max_size=9), max_size=3),
        "said": st.text(max_size=20),
    },
)
verdicts = st.builds(
    Verdict,
    st.sampled_from(Status),
    st.sampled_from(Reason),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40),
    success_rate=st.none() | st.floats(0, 100),
    response_time_ms=st.none() | st.floats(0, 90_000),
)
results = st.builds(
    CheckResult,
    st.sampled_from(sorted(LIMITS)),
    st.integers(0, 10**9).map(lambda microseconds: NOW + timedelta(microseconds=microseconds)),
    verdicts,
    error_count=st.integers(0, 9),
    details=details,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(results, st.sampled_from([None, *Status]))
def test_a_recorded_check_is_seen_as_it_was_made(
    connection: duckdb.DuckDBPyConnection, result: CheckResult, present: Status | None
) -> None:
    limits = LIMITS[result.service]
    connection.execute("DELETE FROM integration_health_checks")
    insert_run(connection, RUN, [result])
    found = connection.execute("SELECT * FROM integration_health_checks")
    columns = [column[0] for column in found.description or ()]
    [row] = found.fetchall()
    live, recorded = (
        observation(result, limits),
        observation_of_row(dict(zip(columns, row, strict=True)), limits),
    )
    assert recorded == live
    assert check_signals(recorded, present, POLICY) == check_signals(live, present, POLICY)
    assert health(recorded, present) == health(live, present)


def check(service: Any, status: Status, reason: Reason, errors: int, **noted: Any) -> int:
    result = CheckResult(service, NOW, Verdict(status, reason, ""), errors, details=noted)
    return observation(result, LIMITS[service]).failures_in_row


def test_failures_in_a_row_are_those_of_the_probe() -> None:
    assert check(REDIS, Status.DEGRADED, Reason.TIMEOUT, 2) == 2
    assert check(REDIS, Status.HEALTHY, Reason.OK, 0) == 0
    assert check(SHOPIFY, Status.DEGRADED, Reason.TIMEOUT, 40, probe_failures_in_row=3) == 3
    assert check(SHOPIFY, Status.DOWN, Reason.ERROR_RATE, 40, probe_failures_in_row=3) == 3
    assert check(SHOPIFY, Status.DOWN, Reason.ERROR_RATE, 40) == 0


def test_an_api_that_is_down_because_calls_failed_in_a_row_had_so_many() -> None:
    assert check(SHOPIFY, Status.DOWN, Reason.HTTP_5XX, 40) == 6
    assert check(SHOPIFY, Status.DOWN, Reason.HTTP_5XX, 40, probe_failures_in_row=9) == 9
    assert check(SHOPIFY, Status.DOWN, Reason.SLOW, 40) == 0


def row(**columns: Any) -> dict[str, Any]:
    given = {
        "service_type": "api",
        "service_name": "shopify",
        "timestamp": NOW,
        "status": "down",
        "reason": "dns",
    }
    return given | columns


def test_a_reason_of_another_version_leaves_the_status_to_speak() -> None:
    limits = LIMITS[SHOPIFY]
    assert observation_of_row(row(reason="haunted"), limits).reason is Reason.CONSECUTIVE_FAILURES
    assert observation_of_row(row(reason="haunted", status="degraded"), limits).reason is Reason.ERROR_RATE


def test_a_row_with_nothing_in_it_is_an_observation_too() -> None:
    made = observation_of_row(row(details=None, message=None, success_rate=None), LIMITS[SHOPIFY])
    assert made == replace(made, message="", details={}, success_rate=None, response_time_ms=None)
