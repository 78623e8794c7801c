"""When a service is due, and what a restart still knows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.db import read_only
from analytics.model import ServiceKey, ServiceType, Status
from collector.memory import Memory, is_due, recall
from tests.collector.scripted import (
    OK,
    REFUSED,
    Script,
    api_service,
    calling,
    cycle_over,
    database,
    record,
    service,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TICK = timedelta(seconds=60)


@pytest.mark.parametrize(
    ("interval", "age", "sure", "due"),
    [
        (60, None, True, True),
        (60, 60, True, True),
        (60, 59.9, True, True),
        (60, 29.9, True, False),
        (300, 60, True, False),
        (300, 60, False, True),
        (300, 240, True, False),
        (300, 299.5, True, True),
    ],
)
def test_is_due(interval: float, age: float | None, sure: bool, due: bool) -> None:
    started_at = None if age is None else NOW - timedelta(seconds=age)
    memory = Memory(started_at=started_at, sure=sure)
    assert is_due(service("s", Script(), interval=interval), memory, TICK, NOW) is due


async def test_a_restart_recalls_streak_status_and_baseline(tmp_path: Path) -> None:
    location = database(tmp_path)
    good = service("s", Script([OK, REFUSED, REFUSED, REFUSED]), interval=0)
    cycle = cycle_over([good], location)
    await cycle.run()
    await cycle.run()
    with read_only(location) as connection:
        memory = recall(connection, datetime.now(UTC))[ServiceKey(ServiceType.MCP, "s")]
    assert (memory.failures_in_row, memory.status) == (3, Status.DOWN)


async def test_an_old_streak_proves_nothing(tmp_path: Path) -> None:
    location = database(tmp_path)
    await cycle_over([service("s", Script(last=REFUSED))], location).run()
    with read_only(location) as connection:
        later = recall(connection, datetime.now(UTC) + timedelta(minutes=16))
    assert later[ServiceKey(ServiceType.MCP, "s")].failures_in_row == 0


async def test_failed_calls_of_others_are_no_streak_of_the_probe(tmp_path: Path) -> None:
    location, now = database(tmp_path), datetime.now(UTC)
    bad = {"api_name": "openai", "status_code": 500, "response_time_ms": 5, "error_message": "boom"}
    record(location, "api_metrics", [{**bad, "timestamp": now - timedelta(minutes=1)} for _ in range(40)])
    await cycle_over([api_service(Script([calling(OK)]))], location).run()
    with read_only(location) as connection:
        memory = recall(connection, datetime.now(UTC))[ServiceKey(ServiceType.API, "openai")]
    assert (memory.status, memory.failures_in_row) == (Status.DOWN, 0)


async def test_the_streak_of_a_probe_is_recalled_though_others_get_through(tmp_path: Path) -> None:
    location, script = database(tmp_path), Script([calling(REFUSED, status=None, reason="connect")] * 6)
    await cycle_over([api_service(script)], location).run()
    with read_only(location) as connection:
        memory = recall(connection, datetime.now(UTC))[ServiceKey(ServiceType.API, "openai")]
    assert memory.failures_in_row == 6
