"""Every verdict of the generated past is that of the real rules; checked by looking again, one at a time."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from analytics.db import Connection
from analytics.model import (
    ALIVE_REASONS,
    MONITOR_REASONS,
    Basis,
    Reason,
    Rhythm,
    ServiceKey,
    ServiceType,
    Status,
    Window,
)
from analytics.rules.status import decide
from analytics.windows import call_windows, delivery_rhythms, delivery_windows
from collector.demo.history.generate import demo_specs
from collector.demo.services import APIS, SOURCES
from tests.collector.demo.history.conftest import History

SPECS = demo_specs()
SAMPLE = 120


def _moments(connection: Connection) -> list[datetime]:
    """Ends of cycles: some at random, and all in which a service judged by traffic was not well."""
    query = (
        "SELECT DISTINCT timestamp FROM integration_health_checks "
        "WHERE service_type IN ('api', 'webhook') AND {} ORDER BY 1"
    )
    everything = [row[0] for row in connection.execute(query.format("true")).fetchall()]
    ill = [row[0] for row in connection.execute(query.format("status <> 'healthy'")).fetchall()]
    chance = random.Random(3)
    return sorted({*chance.sample(everything, SAMPLE), *chance.sample(ill, SAMPLE)})


def test_services_judged_by_traffic_have_the_verdict_that_the_collector_would_give(connection: Connection):
    for moment in _moments(connection):
        stored = {
            ServiceKey(ServiceType(row[0]), row[1]): row[2:]
            for row in connection.execute(
                "SELECT service_type, service_name, status, reason, message, response_time_ms, "
                "success_rate::DOUBLE, error_count, retry_count FROM integration_health_checks "
                "WHERE timestamp = $1 AND service_type IN ('api', 'webhook')",
                [moment],
            ).fetchall()
        }
        assert len(stored) == len(APIS) + len(SOURCES)
        for basis in (Basis.CALLS, Basis.DELIVERIES):
            windows = _windows(connection, basis, moment)
            for key in (key for key in stored if SPECS[key].policy.basis is basis):
                window = windows.get(key.service_name, Window())
                assert stored[key] == _as_stored(window, SPECS[key].policy, moment), (moment, key)


def _windows(connection: Connection, basis: Basis, moment: datetime) -> dict[str, Window]:
    if basis is Basis.CALLS:
        return call_windows(connection, moment)
    return delivery_windows(connection, moment, _rhythms(connection, moment))


def _rhythms(connection: Connection, moment: datetime) -> dict[str, Rhythm]:
    """How the sources usually speak, where one was silent for so long that it may matter."""
    query = "SELECT count(DISTINCT source) FROM webhook_metrics WHERE timestamp BETWEEN $1 AND $2"
    [(speaking,)] = connection.execute(query, [moment - timedelta(minutes=3), moment]).fetchall()
    return {} if speaking == len(SOURCES) else delivery_rhythms(connection, moment)


def _as_stored(window: Window, policy, moment: datetime) -> tuple:
    verdict = decide(window, policy, moment)
    return (
        verdict.status.value,
        verdict.reason.value,
        verdict.message,
        None if verdict.response_time_ms is None else round(verdict.response_time_ms),
        None if verdict.success_rate is None else pytest.approx(verdict.success_rate, abs=0.005001),
        window.failed,
        window.retries,
    )


def _attempts(connection: Connection) -> Iterator[tuple]:
    """Every attempt at a probed service in the order of time: key, the row's columns."""
    for row in connection.execute(
        "SELECT service_type, service_name, timestamp, status, reason, message, response_time_ms, "
        "error_count, attempt FROM integration_health_checks "
        "WHERE service_type IN ('mcp', 'infrastructure') ORDER BY timestamp"
    ).fetchall():
        yield ServiceKey(ServiceType(row[0]), row[1]), *row[2:]


def test_probed_services_are_judged_by_their_newest_attempt_and_the_failures_before_it(
    connection: Connection,
):
    """Counts the streaks anew and asks the rules again, for each of some 400,000 attempts."""
    streaks: dict[ServiceKey, int] = defaultdict(int)
    failed_before: dict[ServiceKey, bool] = {}
    known: dict[tuple, tuple] = {}
    for key, moment, status, reason, message, took, errors, attempt in _attempts(connection):
        word = Reason(reason)
        passed = word in (Reason.OK, Reason.SLOW, Reason.PASSED_ON_RETRY)
        alive = word in ALIVE_REASONS
        monitor = word in MONITOR_REASONS
        streak = 0 if passed or monitor else 1 if alive else streaks[key] + 1
        retry = passed and attempt > 1 and failed_before[key]
        question = (key, passed, word, streak, retry, took, message)
        if question not in known:
            window = Window(
                total=1,
                failed=0 if passed else 1,
                p95_ms=took,
                consecutive_failures=streak,
                newest=moment,
                reason=Reason.OK if passed else word,
                message=message,
                passed_on_retry=retry,
                retries=attempt - 1,
            )
            verdict = decide(window, SPECS[key].policy, moment)
            known[question] = (verdict.status.value, verdict.reason.value)
        assert (status, reason) == known[question], (key, moment)
        assert errors == streak, (key, moment)
        streaks[key] = streak if not alive else 0
        failed_before[key] = not passed


def test_a_failure_is_confirmed_within_ten_seconds_before_it_counts(history: History):
    sure_after = 3
    firsts = history.rows(
        "SELECT service_type, service_name, min(timestamp) FILTER (error_count = 1), "
        "min(timestamp) FILTER (status = 'down'), "
        "min(error_count) FILTER (status = 'down') FROM integration_health_checks "
        "WHERE service_type = 'mcp' AND service_name = 'fly' AND reason = 'connect' AND timestamp > ("
        "  SELECT min(created_at) - INTERVAL 1 MINUTE FROM integration_incidents WHERE service_name = 'fly'"
        ") GROUP BY ALL"
    )
    [(_, _, first_failure, first_down, errors)] = firsts
    assert errors == sure_after
    assert 4.9 < (first_down - first_failure).total_seconds() < 10


def test_a_blip_that_passes_when_tried_again_is_degraded_and_no_more(history: History):
    [(blips, services)] = history.rows(
        "SELECT count(*), count(DISTINCT service_type || service_name) FROM integration_health_checks "
        "WHERE reason = 'passed_on_retry'"
    )
    assert 100 < blips < 500
    assert services == 10
    assert history.rows(
        "SELECT DISTINCT status FROM integration_health_checks WHERE reason = 'passed_on_retry'"
    ) == [(Status.DEGRADED.value,)]
