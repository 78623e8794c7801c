"""What of an import is in the database afterwards."""

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from analytics.db import Location
from tests.analytics.imports.bringing import (
    HOUR,
    MINUTE,
    NOW,
    answer,
    bring,
    counted,
    minutely,
    sums,
)
from tests.analytics.imports.other_monitors import beat, fill


def test_recent_checks_are_kept_one_by_one(location: Location, kuma: Path) -> None:
    since = NOW - timedelta(days=2)
    fill(kuma, "heartbeat", minutely(since, 180, down=[60, 61]))

    done = bring(location, kuma)

    assert (done.checks, done.skipped) == (180, 0)
    rows = answer(
        location,
        "SELECT status, reason, response_time_ms, error_count, attempt, details->>'imported_from', count(*) "
        "FROM integration_health_checks GROUP BY ALL ORDER BY ALL",
    )
    assert rows == [
        ("down", "timeout", None, 1, 1, "uptime-kuma", 2),
        ("healthy", "ok", 42, 0, 1, "uptime-kuma", 178),
    ]
    assert counted(location) == {"healthy": 178, "down": 2}
    assert answer(location, "SELECT count(*) FROM collector_runs") == [(0,)]
    ids = answer(location, "SELECT id, timestamp FROM integration_health_checks ORDER BY id")
    assert {identifier.version for identifier, _ in ids} == {7}
    assert [moment for _, moment in ids] == sorted(moment for _, moment in ids)
    assert {(identifier.int >> 80) for identifier, _ in ids} == {
        int(moment.timestamp() * 1000) for _, moment in ids
    }


def test_old_checks_are_kept_by_the_hour(location: Location, kuma: Path) -> None:
    since = NOW - timedelta(days=100)
    fill(kuma, "heartbeat", minutely(since, 120, down=[59]))

    bring(location, kuma)

    assert answer(location, "SELECT count(*) FROM integration_health_checks") == [(0,)]
    assert counted(location) == {"healthy": 119, "down": 1}
    assert answer(location, "SELECT sum(seconds) FROM check_hours") == [(120 * 60,)]
    assert answer(location, "SELECT sum(requests), sum(errors) FROM traffic_hours") == [(120, 1)]


@pytest.mark.parametrize("age", [timedelta(days=3), timedelta(days=60)], ids=["recent", "old"])
def test_sums_of_hours_stand_in_for_checks_that_are_gone(
    location: Location, kuma: Path, age: timedelta
) -> None:
    hour = (NOW - age).replace(minute=0)
    changes = [beat(1, hour + MINUTE * 20, 0, msg="timeout"), beat(1, hour + MINUTE * 30)]
    fill(kuma, "heartbeat", [beat(1, hour - MINUTE), *changes, beat(1, hour + HOUR * 2)])
    fill(kuma, "stat_hourly", [sums(hour, 50, 10), sums(hour + HOUR, 60, 0)])

    bring(location, kuma)

    assert counted(location) == {"healthy": 112, "down": 10}
    down = answer(location, "SELECT min(begun), max(ended) FROM status_spans WHERE status = 'down'")
    begun, ended = (moment.astimezone(UTC) for moment in down[0])
    assert abs(begun - (hour + MINUTE * 20)) < MINUTE * 2
    assert abs(ended - (hour + MINUTE * 30)) < MINUTE * 2


def test_sums_of_days_are_spread_over_hours_without_one(location: Location, kuma: Path) -> None:
    day = (NOW - timedelta(days=90)).replace(hour=0, minute=0)
    fill(kuma, "heartbeat", [beat(1, day - HOUR), beat(1, day + timedelta(days=1))])
    fill(kuma, "stat_hourly", [sums(day + HOUR * 23, 60, 0)])
    fill(kuma, "stat_daily", [sums(day, 1416, 24)])

    bring(location, kuma)

    within = f"hour >= '{day.isoformat()}' AND hour < '{(day + timedelta(days=1)).isoformat()}'"
    by_status = answer(
        location, f"SELECT status, sum(checks) FROM check_hours WHERE {within} GROUP BY 1 ORDER BY 1"
    )
    assert by_status == [("down", 24), ("healthy", 1416)]
    hours = answer(
        location, f"SELECT hour, sum(checks), sum(seconds) FROM check_hours WHERE {within} GROUP BY 1"
    )
    assert len(hours) == 24
    assert {int(checks) for _, checks, _ in hours} <= {59, 60, 61}
    assert all(seconds <= 3600.001 for _, _, seconds in hours)


def test_maintenance_is_neither_up_nor_down(location: Location, kuma: Path) -> None:
    since = (NOW - timedelta(days=1)).replace(minute=0)
    beats = [beat(1, since + MINUTE * place, 3 if 10 <= place < 20 else 1) for place in range(30)]
    fill(kuma, "heartbeat", beats)

    bring(location, kuma)

    kept = answer(location, "SELECT name, service_name, starts_at, ends_at FROM maintenance")
    assert kept == [("Shop (imported from uptime-kuma)", "shop", since + MINUTE * 10, since + MINUTE * 20)]
    unknown = answer(
        location,
        "SELECT reason, in_maintenance, sum(checks) FROM check_hours WHERE status = 'unknown' GROUP BY ALL",
    )
    assert unknown == [("no_data", True, 10)]


def test_what_is_yet_to_come_is_left_out(location: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", [beat(1, NOW), beat(1, NOW + HOUR)])

    done = bring(location, kuma)

    assert (done.checks, done.services[0].skipped.future) == (1, 1)


def test_what_imports_says(location: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", minutely(NOW - HOUR, 10))

    bring(location, kuma)

    rows = answer(
        location, "SELECT kind, service_type, service_name, first_at, last_at, checks, made_at FROM imports"
    )
    last = NOW - HOUR + MINUTE * 9
    assert rows == [("uptime-kuma", "infrastructure", "shop", NOW - HOUR, last, 10, NOW)]
    source = answer(location, "SELECT source FROM imports")[0][0]
    assert source.startswith(f"uptime-kuma:{kuma}#1@")


def test_progress_never_goes_back(location: Location, kuma: Path) -> None:
    fill(kuma, "heartbeat", minutely(NOW - timedelta(days=3), 60) + minutely(NOW - timedelta(days=1), 60))
    shares: list[float] = []

    bring(location, kuma, progress=lambda sentence, share: shares.append(share), rows_at_once=10)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_old_checks_say_what_recent_ones_do_of_requests_and_times(location: Location, kuma: Path) -> None:
    times = [
        0,
        99,
        100,
        151,
        199,
        203,
        500,
        999,
        1010,
        4999,
        12_345,
        99_999,
        1_234_567,
        10_000_001,
        2**31 - 1,
    ]
    found = []
    for age in (timedelta(days=3), timedelta(days=60)):
        since = (NOW - age).replace(minute=0)
        beats = [beat(1, since + MINUTE * place, ping=ping) for place, ping in enumerate(times)]
        odd = [(0, "timeout"), (2, "getaddrinfo ENOTFOUND a"), (3, "maintenance")]
        beats += [
            beat(1, since + MINUTE * (40 + n), status, msg=word) for n, (status, word) in enumerate(odd)
        ]
        fill(kuma, "heartbeat", beats)
    bring(location, kuma)
    for age in (timedelta(days=3), timedelta(days=60)):
        hour = f"hour = '{(NOW - age).replace(minute=0).isoformat()}'"
        found.append(
            [
                answer(
                    location, f"SELECT reason, requests, errors FROM traffic_hours WHERE {hour} ORDER BY ALL"
                ),
                answer(location, f"SELECT latency_ms, requests FROM latency_hours WHERE {hour} ORDER BY ALL"),
                answer(
                    location,
                    f"SELECT latency_ms, requests FROM service_latency_hours WHERE {hour} ORDER BY 1",
                ),
                answer(
                    location,
                    f"SELECT minute(first_at), minute(last_at) FROM traffic_hours WHERE {hour} ORDER BY ALL",
                ),
            ]
        )

    assert found[0] == found[1]
    assert found[0][0] == [("dns", 1, 1), ("timeout", 1, 1), (None, len(times), 0)]
