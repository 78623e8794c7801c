"""The headline, the score, the order and what is still believed at a later time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics.model import Reason, ServiceKey, ServiceType, Status
from pages._ui.situation import headline, situation
from pages._ui.snapshot import Check, Heartbeat, OpenIncident, Service, Snapshot

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HEALTHY, DEGRADED, DOWN, UNKNOWN = Status.HEALTHY, Status.DEGRADED, Status.DOWN, Status.UNKNOWN


def service(
    name: str, status: Status | None, age: float = 10, kind: ServiceType = ServiceType.MCP
) -> Service:
    found = Check(NOW - timedelta(seconds=age), status, "slow", "it is so") if status else None
    since = None if found is None else found.at - timedelta(minutes=7)
    return Service(ServiceKey(kind, name), timedelta(minutes=1), newest=found, since=since)


def seen_at(now: datetime, *services: Service, beat: float | None = 5) -> Snapshot:
    heartbeat = None if beat is None else Heartbeat(now - timedelta(seconds=beat), timedelta(minutes=1))
    return Snapshot(now, heartbeat, services)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "No integrations configured"),
        ({HEALTHY: 16}, "All 16 integrations healthy"),
        ({HEALTHY: 1}, "1 integration, healthy"),
        ({HEALTHY: 13, DEGRADED: 1, DOWN: 2}, "2 down, 1 degraded of 16"),
        ({HEALTHY: 13, DEGRADED: 1, DOWN: 1, UNKNOWN: 1}, "1 down, 1 degraded of 16"),
        ({HEALTHY: 15, DEGRADED: 1}, "1 degraded of 16"),
        ({HEALTHY: 4, UNKNOWN: 12}, "12 unknown, 4 healthy of 16"),
        ({UNKNOWN: 16}, "No status known yet"),
    ],
)
def test_the_headline_says_the_situation(counts: dict[Status, int], said: str) -> None:
    assert headline(counts) == said


def test_the_headline_of_a_stopped_collector_says_so_first() -> None:
    assert (
        headline({HEALTHY: 2, UNKNOWN: 14}, stopped=True) == "Collector stopped: 14 unknown, 2 healthy of 16"
    )
    assert headline({HEALTHY: 16}, stopped=True) == "Collector stopped: 16 healthy of 16"


def test_score_counts_and_worst() -> None:
    now = situation(
        seen_at(
            NOW, service("a", HEALTHY), service("b", DEGRADED), service("c", DOWN), service("d", UNKNOWN)
        ),
        NOW,
    )

    assert now.score == 50.0
    assert now.counts == {DOWN: 1, DEGRADED: 1, UNKNOWN: 1, HEALTHY: 1}
    assert now.worst is DOWN


def test_worst_first_and_otherwise_as_configured() -> None:
    names = [("a", HEALTHY), ("b", UNKNOWN), ("c", HEALTHY), ("d", DEGRADED), ("e", DOWN), ("f", DOWN)]
    now = situation(seen_at(NOW, *(service(name, status) for name, status in names)), NOW)

    assert [seen.service.name for seen in now.groups[ServiceType.MCP]] == ["e", "f", "d", "b", "a", "c"]


def test_groups_stand_in_a_fixed_order_and_empty_ones_are_left_out() -> None:
    now = situation(
        seen_at(
            NOW, service("x", HEALTHY, kind=ServiceType.WEBHOOK), service("y", HEALTHY, kind=ServiceType.MCP)
        ),
        NOW,
    )

    assert list(now.groups) == [ServiceType.MCP, ServiceType.WEBHOOK]


@pytest.mark.parametrize(("age", "status"), [(300, HEALTHY), (300.001, UNKNOWN)])
def test_a_check_is_believed_for_as_long_as_its_service_says(age: float, status: Status) -> None:
    now = situation(seen_at(NOW, service("a", HEALTHY, age)), NOW)

    assert now.services[0].status is status


def test_what_is_no_longer_believed_says_what_it_was() -> None:
    (down,) = situation(seen_at(NOW, service("a", DOWN, 660)), NOW).services
    (unknown,) = situation(seen_at(NOW, service("a", UNKNOWN, 660)), NOW).services

    assert (down.reason, down.message) == (Reason.COLLECTOR_OFFLINE, "Not checked for 11 min, down then")
    assert unknown.message == "Not checked for 11 min"


@pytest.mark.parametrize(("beat", "stopped"), [(180, False), (180.001, True)])
def test_three_missed_intervals_mean_stopped(beat: float, stopped: bool) -> None:
    now = situation(seen_at(NOW, service("a", HEALTHY), beat=beat), NOW)

    assert now.collector_stopped is stopped
    assert (now.worst is UNKNOWN) is stopped


def test_last_checked_is_the_newest_sign_of_life() -> None:
    late = situation(seen_at(NOW, service("a", HEALTHY, 40), service("b", None), beat=20), NOW)
    only_checks = situation(seen_at(NOW, service("a", HEALTHY, 40), beat=None), NOW)
    nothing = situation(seen_at(NOW, service("b", None), beat=None), NOW)

    assert late.last_checked == NOW - timedelta(seconds=20)
    assert only_checks.last_checked == NOW - timedelta(seconds=40)
    assert nothing.last_checked is None
    assert not nothing.collector_stopped


def test_since_when_is_that_of_the_status_that_is_shown() -> None:
    (fresh,) = situation(seen_at(NOW, service("a", DOWN, 10)), NOW).services
    (stale,) = situation(seen_at(NOW, service("a", DOWN, 660)), NOW).services

    assert fresh.since == NOW - timedelta(minutes=7, seconds=10)
    assert stale.since == NOW - timedelta(seconds=660) + timedelta(minutes=5), "unknown from then on"


def test_open_incidents_are_counted_by_service() -> None:
    trouble = OpenIncident("1", "critical", "Down", NOW, None, "")
    bad = replace(service("a", DOWN), incident=trouble)

    assert situation(seen_at(NOW, bad, service("b", HEALTHY)), NOW).open_incidents == 1


@pytest.mark.parametrize(("beat", "word"), [(5, "live"), (180.001, "stopped")])
def test_the_collector_in_a_word(beat: float, word: str) -> None:
    assert situation(seen_at(NOW, service("a", HEALTHY), beat=beat), NOW).collector == word


def test_a_collector_that_never_looked_is_waited_for() -> None:
    assert situation(seen_at(NOW, service("a", None), beat=None), NOW).collector == "waiting"


def test_a_heartbeat_of_times_to_come_is_a_clock_that_is_ahead() -> None:
    before = seen_at(NOW, service("a", HEALTHY))
    later = replace(before, latest_heartbeat=NOW + timedelta(minutes=12))

    assert situation(later, NOW).clock_ahead == timedelta(minutes=12)
    assert situation(replace(before, latest_heartbeat=NOW), NOW).clock_ahead is None
    assert situation(before, NOW).clock_ahead is None
