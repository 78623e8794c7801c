"""The typed queries against a real database, a file and a lake alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from analytics import queries
from analytics.db import FileLocation, LakeLocation, Location, close, migrate, read_only, transact
from analytics.ids import uuid7
from analytics.model import Basis, Policy, ServiceInfo, ServiceKey, ServiceType
from collector.store import insert_rows, replace_services
from tests.plugins.postgres_server import PostgresServer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RUN = UUID("019ab000-0000-7000-8000-000000000000")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def service(name: str, interval: float = 60, stale: float = 300, enabled: bool = True) -> ServiceInfo:
    key = ServiceKey(ServiceType.API, name)
    policy = Policy(Basis.CALLS, 1000, 3000, 6, timedelta(seconds=stale))
    return ServiceInfo(key, "http", f"https://{name}.example", timedelta(seconds=interval), policy, enabled)


def check(
    name: str, at: datetime, status: str = "healthy", attempt: int = 1, **more: object
) -> dict[str, object]:
    return {
        "id": uuid7(),
        "timestamp": at,
        "service_type": "api",
        "service_name": name,
        "status": status,
        "response_time_ms": 120,
        "success_rate": 99.5,
        "reason": "ok" if status == "healthy" else "timeout",
        "message": f"{name} at {at:%H:%M:%S}",
        "attempt": attempt,
        "run_id": RUN,
        **more,
    }


def run(finished: datetime, interval: float = 60) -> dict[str, object]:
    return {
        "id": uuid7(),
        "cycle_id": RUN,
        "part": 1,
        "complete": True,
        "collector": "here",
        "version": "0.1.0",
        "started_at": finished - timedelta(seconds=2),
        "finished_at": finished,
        "interval_seconds": interval,
        "services": 2,
        "checks": 2,
        "failures": 0,
    }


@pytest.fixture(params=["file", "lake"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Location]:
    """An empty database of each kind."""
    found: Location = FileLocation(tmp_path / "health.duckdb")
    if request.param == "lake":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        found = LakeLocation(server.keywords(server.create_database()), str(tmp_path / "lake"))
    migrate(found)
    yield found
    close(found)


def fill(
    location: Location,
    services: list[ServiceInfo],
    checks: list[dict[str, object]],
    runs: list[dict[str, object]] | None = None,
) -> None:
    def work(connection: duckdb.DuckDBPyConnection) -> None:
        replace_services(connection, services, NOW)
        insert_rows(connection, "integration_health_checks", checks)
        insert_rows(connection, "collector_runs", runs or [])

    transact(location, work)


def test_recent_checks_are_the_last_ones_oldest_first(location: Location) -> None:
    minutes = [check("a", ago(minutes=number)) for number in range(59, 0, -1)]
    fill(
        location, [service("a"), service("b")], [*minutes, check("b", ago(minutes=3))], [run(ago(seconds=5))]
    )

    with read_only(location) as connection:
        frame = queries.recent_checks(connection, NOW)

    of_a = frame[frame["service_name"] == "a"]
    assert len(of_a) == queries.RECENT
    assert of_a["timestamp"].is_monotonic_increasing
    assert of_a["timestamp"].iloc[-1] == ago(minutes=1)
    assert len(frame[frame["service_name"] == "b"]) == 1
    assert str(frame["timestamp"].dt.tz) == "UTC"


def test_the_attempts_of_one_check_are_one_row_with_the_verdict(location: Location) -> None:
    fill(
        location,
        [service("a")],
        [
            check("a", ago(seconds=130), attempt=1),
            check("a", ago(seconds=70), "degraded", attempt=1),
            check("a", ago(seconds=69), "degraded", attempt=2),
            check("a", ago(seconds=64), "down", attempt=3),
            check("a", ago(seconds=10), "degraded", attempt=1),
            check("a", ago(seconds=9), "degraded", attempt=2),
        ],
    )

    with read_only(location) as connection:
        frame = queries.recent_checks(connection, NOW)

    assert frame["status"].tolist() == ["healthy", "down", "degraded"]
    assert frame["attempt"].tolist() == [1, 3, 2]
    assert frame["begun"].tolist() == [ago(seconds=130), ago(seconds=70), ago(seconds=10)]


def test_newest_run(location: Location) -> None:
    fill(
        location,
        [],
        [],
        [run(ago(minutes=1)), run(ago(seconds=3), interval=30), run(NOW + timedelta(hours=1))],
    )

    with read_only(location) as connection:
        frame = queries.newest_run(connection, NOW)
        latest = queries.latest_heartbeat(connection)

    assert latest == NOW + timedelta(hours=1), "by a clock that is ahead"
    assert len(frame) == 1
    assert frame["finished_at"][0] == ago(seconds=3)
    assert frame["interval_seconds"][0] == 30.0


def test_an_empty_database_gives_empty_frames(location: Location) -> None:
    with read_only(location) as connection:
        assert queries.newest_run(connection, NOW).empty
        assert queries.latest_heartbeat(connection) is None
        assert queries.services(connection).empty
        assert queries.recent_checks(connection, NOW).empty
        assert queries.reach(connection, NOW) == ago(hours=1)


def test_services_in_configured_order_without_the_disabled(location: Location) -> None:
    fill(location, [service("b"), service("off", enabled=False), service("a")], [])

    with read_only(location) as connection:
        frame = queries.services(connection)

    assert frame["service_name"].tolist() == ["b", "a"]
    assert frame["target"].tolist() == ["https://b.example", "https://a.example"]


def test_the_reach_covers_the_slowest_service_and_starts_at_the_last_heartbeat(location: Location) -> None:
    fill(location, [service("a"), service("slow", interval=600)], [], [run(ago(days=3))])

    with read_only(location) as connection:
        since = queries.reach(connection, NOW, checks=40)

    assert since == ago(days=3) - 1.1 * timedelta(seconds=40 * 600)


def test_a_long_status_reaches_as_far_as_it_is_believed(location: Location) -> None:
    fill(location, [service("a", stale=86_400)], [], [run(NOW)])

    with read_only(location) as connection:
        assert queries.reach(connection, NOW) == NOW - 1.1 * timedelta(days=1)


def test_the_last_checks_before_a_long_stop_are_still_found(location: Location) -> None:
    fill(location, [service("a")], [check("a", ago(days=3, seconds=5))], [run(ago(days=3))])

    with read_only(location) as connection:
        assert len(queries.recent_checks(connection, NOW)) == 1
