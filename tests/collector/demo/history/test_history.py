"""The generated past as a whole: its size, its times, its health, and that it fits together."""

from datetime import timedelta

import pytest

from analytics.db import Connection
from collector.demo.history.generate import demo_specs
from collector.demo.services import STDIO
from tests.collector.demo.history.conftest import DAYS, NOW, History, first_moment

SERVICES = sorted(map(str, demo_specs()))
TIMES = {
    "integration_health_checks": ("timestamp",),
    "api_metrics": ("timestamp",),
    "webhook_metrics": ("timestamp",),
    "circuit_events": ("timestamp",),
    "collector_runs": ("started_at", "finished_at"),
    "integration_incidents": ("created_at", "began_at", "acknowledged_at", "resolved_at"),
    "incident_events": ("timestamp",),
    "alert_events": ("timestamp",),
    "notifications": ("created_at", "first_attempt_at", "delivered_at"),
    "maintenance": ("starts_at", "ends_at"),
}


def test_the_time_it_took_is_reported(history: History, record_property):
    record_property("seconds", round(history.seconds, 1))
    print(f"\n{DAYS} days of history in {history.seconds:.1f} s")
    assert history.seconds > 0


def test_progress_goes_from_nothing_to_all(history: History):
    shares = [share for share, _ in history.told]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert all(label for _, label in history.told)


def test_every_service_has_a_check_a_minute(history: History):
    counts = dict(
        history.rows(
            "SELECT service_type || '/' || service_name, count(*) FILTER (attempt = 1) "
            "FROM integration_health_checks GROUP BY 1"
        )
    )
    assert sorted(counts) == SERVICES
    expected = DAYS * 1440
    for name, count in counts.items():
        wanted = expected / 5 if name == str(STDIO) else expected
        assert 0.998 * wanted < count <= wanted, name


def test_the_volume_of_traffic_is_that_of_a_shop(history: History):
    [(calls,)] = history.rows("SELECT count(*) FROM api_metrics")
    [(deliveries,)] = history.rows("SELECT count(*) FROM webhook_metrics")
    assert 1_000_000 < calls < 1_150_000
    assert 180_000 < deliveries < 240_000


@pytest.mark.parametrize(("table", "columns"), TIMES.items())
def test_nothing_lies_in_the_future_or_before_the_past(history: History, table, columns):
    earliest = first_moment() - timedelta(hours=1)
    for column in columns:
        [(first, last)] = history.rows(f"SELECT min({column}), max({column}) FROM {table}")
        assert earliest <= first
        assert last <= NOW


def test_it_ends_where_the_demo_begins(history: History):
    [(last,)] = history.rows("SELECT max(finished_at) FROM collector_runs")
    assert NOW - last < timedelta(seconds=75)


def test_every_service_is_healthy_more_than_95_percent_of_the_known_time(history: History):
    rows = history.rows(
        "SELECT service_type || '/' || service_name, "
        "avg((status = 'healthy')::INT) FILTER (status <> 'unknown'), avg((status = 'unknown')::INT) "
        "FROM integration_health_checks GROUP BY 1"
    )
    for name, healthy, unknown in rows:
        assert 0.95 < healthy <= 1.0, name
        assert unknown < 0.01, name


def test_at_the_end_all_is_well(history: History):
    statuses = history.rows(
        "SELECT DISTINCT status FROM integration_health_checks WHERE timestamp > $1", NOW - timedelta(hours=1)
    )
    degraded = history.rows(
        "SELECT count(*) FROM integration_health_checks WHERE timestamp > $1 AND status <> 'healthy'",
        NOW - timedelta(hours=1),
    )
    assert ("down",) not in statuses
    assert degraded[0][0] < 10


def test_each_run_counts_its_own_checks_services_and_failures(history: History):
    wrong = history.rows(
        "SELECT count(*) FROM collector_runs AS run LEFT JOIN ("
        "  SELECT run_id, count(*) AS checks, count(DISTINCT service_type || service_name) AS services,"
        "    max(timestamp) AS newest FROM integration_health_checks GROUP BY run_id"
        ") AS seen ON seen.run_id = run.id "
        "WHERE seen.checks IS DISTINCT FROM run.checks OR seen.services IS DISTINCT FROM run.services "
        "OR seen.newest > run.finished_at OR run.failures > run.checks"
    )
    assert wrong == [(0,)]
    [(orphans,)] = history.rows(
        "SELECT count(*) FROM integration_health_checks WHERE run_id NOT IN (SELECT id FROM collector_runs)"
    )
    assert orphans == 0


def test_a_cycle_has_one_part_or_two_and_is_complete_with_its_last(history: History):
    parts = history.rows(
        "SELECT list(part ORDER BY part), list(complete ORDER BY part), count(*) FROM ("
        "  SELECT cycle_id, part, complete FROM collector_runs) GROUP BY cycle_id"
    )
    assert {(tuple(part), tuple(complete)) for part, complete, _ in parts} == {
        ((1,), (True,)),
        ((1, 2), (False, True)),
    }


@pytest.mark.parametrize("table", TIMES)
def test_ids_are_different_and_of_version_7_and_sort_by_time(history: History, table):
    [(total, different, sevens)] = history.rows(
        f"SELECT count(*), count(DISTINCT id), count(*) FILTER ((id::TEXT)[15] = '7' "
        f"AND (id::TEXT)[20] IN ('8', '9', 'a', 'b')) FROM {table}"
    )
    assert total == different == sevens
    time = TIMES[table][-1] if table == "collector_runs" else TIMES[table][0]
    [(misplaced,)] = history.rows(
        f"SELECT count(*) FROM {table} WHERE "
        f"('0x' || replace(id::TEXT, '-', '')[1:12])::BIGINT <> floor(epoch_us({time}) / 1000)"
    )
    assert misplaced == 0


def test_rows_lie_in_the_order_of_time_so_that_a_question_about_today_reads_little(connection: Connection):
    for table in ("integration_health_checks", "api_metrics", "webhook_metrics"):
        [out_of_order] = connection.execute(
            "SELECT count(*) FROM (SELECT timestamp < lag(timestamp) OVER (ORDER BY rowid) AS early "
            f"FROM {table}) WHERE early"
        ).fetchone()
        assert out_of_order == 0, table


def test_nights_and_weekends_are_quiet(history: History):
    hours = dict(
        history.rows("SELECT hour(timestamp AT TIME ZONE 'UTC'), count(*) FROM api_metrics GROUP BY 1")
    )
    assert 2.0 < hours[15] / hours[3] < 5.0
    [(weekday, weekend)] = history.rows(
        "SELECT count(*) FILTER (isodow(timestamp) < 6) / 5, count(*) FILTER (isodow(timestamp) >= 6) / 2 "
        "FROM api_metrics"
    )
    assert 1.1 < weekday / weekend < 2.0


def test_two_short_gaps_in_which_nothing_was_recorded(history: History):
    gaps = history.rows(
        "SELECT previous, started_at FROM ("
        "  SELECT started_at, lag(started_at) OVER (ORDER BY started_at) AS previous FROM collector_runs "
        "  WHERE part = 1) WHERE started_at - previous > INTERVAL 5 MINUTE"
    )
    assert len(gaps) == 2
    for before, after in gaps:
        assert after - before < timedelta(minutes=30)
        inside = (before + timedelta(minutes=1, seconds=10), after - timedelta(minutes=1))
        for table in ("integration_health_checks", "api_metrics", "webhook_metrics"):
            [(rows,)] = history.rows(
                f"SELECT count(*) FROM {table} WHERE timestamp > $1 AND timestamp < $2", *inside
            )
            assert rows == 0, table


def test_when_our_own_network_was_gone_services_were_unknown_and_never_down(history: History):
    rows = history.rows(
        "SELECT status, count(*), count(DISTINCT service_type || service_name), "
        "max(timestamp) - min(timestamp) FROM integration_health_checks "
        "WHERE reason = 'collector_offline' GROUP BY status"
    )
    [(status, checks, services, span)] = rows
    assert status == "unknown"
    assert services == 8
    assert checks == 7 * 8
    assert span < timedelta(minutes=7)
