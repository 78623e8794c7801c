"""What reports say is what every other way of asking says."""

import math
import random
from datetime import datetime, timedelta

import pytest

from analytics import report_queries
from analytics.availability_queries import availability
from analytics.db import Location, read_only, transact
from analytics.latency_queries import latency_steps
from analytics.periods import Period
from analytics.trend_queries import trends
from collector.reports.figures import Report, read_report
from collector.reports.periods import ReportKind, period_ending
from collector.store import insert_rows
from tests.analytics.checks_by_hand import SHOP, at, check, roll_up_until
from tests.analytics.traffic_by_hand import GOOGLE, fill
from tests.empty_database import empty_database

#: In the middle of an hour.
END = at(hours=10, minutes=20)


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """Eleven hours of traffic, calls under another name and refused probes among it; most are rolled up."""
    made = empty_database(tmp_path_factory.mktemp("same"))
    fill(made, random.Random(5))
    # Down for a while, and asked again every five seconds: few checks, many looks.
    rows = [
        check(SHOP, at(minutes=10 * number, seconds=5 * again), status, again + 1)
        for number in range(60)
        for again in range(3 if 20 <= number < 30 else 1)
        for status in [("degraded" if again < 2 else "down") if 20 <= number < 30 else "healthy"]
    ]
    transact(made, lambda connection: insert_rows(connection, "integration_health_checks", rows))
    roll_up_until(made, at(hours=9))
    return made


@pytest.fixture(scope="module")
def report(location: Location) -> Report:
    return read_report(lambda: read_only(location), period_ending(ReportKind.DAILY, END, "UTC"))


def test_traffic_is_that_of_trends(location: Location, report: Report) -> None:
    with read_only(location) as connection:
        frame = trends(connection, Period("a day", report.period.start, END))
    expected = {(row["service_type"], row["service_name"]): row for row in frame.to_dict("records")}
    found = {service.key: service.calls for service in report.services if service.calls}
    assert len(found) == 4
    assert ("api", GOOGLE.service_name) in found, "its calls come under another name"
    for key, calls in found.items():
        counts = [expected[key][name] for name in ("requests", "errors", "retries")]
        assert [calls.calls, calls.errors, calls.retries] == counts
        times = [expected[key][name] for name in ("p50_ms", "p95_ms", "p99_ms")]
        assert [calls.p50_ms, calls.p95_ms, calls.p99_ms] == pytest.approx(times, rel=1e-12)


def test_uptime_and_seconds_are_those_of_availability(location: Location, report: Report) -> None:
    with read_only(location) as connection:
        frame = availability(connection, report.period.start, END)
        every = availability(connection, report.period.start, END, by="all").iloc[0]
    expected = {(row["service_type"], row["service_name"]): row for row in frame.to_dict("records")}
    assert report.uptime == every["uptime_percent"]
    down = {service.key: service.shares.down for service in report.services}
    assert down["api", SHOP.service_name] > 0
    for service in report.services:
        row = expected[service.key]
        assert service.checks is not None
        percent = service.checks.uptime_percent
        assert (math.nan if percent is None else percent) == pytest.approx(row["uptime_percent"], nan_ok=True)
        shares = service.shares
        seconds = [shares.healthy + shares.degraded, shares.down, shares.unknown, shares.unseen]
        wanted = [row[f"{name}_seconds"] for name in ("up", "down", "unknown", "gap")]
        assert seconds == pytest.approx(wanted, abs=0.01)


def test_a_week_has_the_uptime_of_each_day(location: Location) -> None:
    week = read_report(lambda: read_only(location), period_ending(ReportKind.WEEKLY, END, "UTC"))
    with read_only(location) as connection:
        rows = availability(connection, END - timedelta(days=1), END).to_dict("records")
    expected = {(row["service_type"], row["service_name"]): row["uptime_percent"] for row in rows}
    for service in week.services:
        *earlier, last = service.uptime_by_day
        assert earlier == [None] * 6
        assert (math.nan if last is None else last) == pytest.approx(expected[service.key], nan_ok=True)


def test_a_period_before_that_is_known_in_part_is_no_measure(location: Location) -> None:
    def read(end: datetime) -> Report:
        return read_report(lambda: read_only(location), period_ending(ReportKind.DAILY, end, "UTC"))

    early = at(hours=1)
    part, whole = read(early + timedelta(days=1)), read(at(days=2, hours=1))
    assert part.uptime_before is None
    assert [service.checks_before for service in part.services] == [None] * 4
    assert [service.calls_before for service in part.services] == [None] * 4
    assert whole.uptime_before is not None
    assert any(service.calls_before for service in whole.services)


@pytest.mark.parametrize("step", [timedelta(minutes=30), timedelta(hours=4)])
def test_the_lines_of_latency_are_those_of_charts(location: Location, step: timedelta) -> None:
    since = at(hours=-12)
    with read_only(location) as connection:
        assert report_queries.latency_step(connection, since, step) == step
        found = report_queries.latency(connection, since, END, step)
        frame = latency_steps(connection, since, END, step)
    expected = {
        (row["service_name"], row["step_start"].to_pydatetime()): row["p95_ms"]
        for row in frame.to_dict("records")
        if row["service_type"] == "api"
    }
    assert len(expected) > 5
    assert {(one.service_name, one.at): one.p95_ms for one in found} == pytest.approx(expected)


def test_where_single_rows_are_gone_lines_are_of_hours(tmp_path) -> None:
    location = empty_database(tmp_path)
    transact(
        location,
        lambda connection: connection.execute("INSERT INTO rollup_state VALUES ($1, $1)", [at(hours=5)]),
    )
    half = timedelta(minutes=30)
    with read_only(location) as connection:
        gone = report_queries.latency_step(connection, at(hours=4), half)
        there = report_queries.latency_step(connection, at(hours=5), half)
    assert (gone, there) == (timedelta(hours=1), half)
